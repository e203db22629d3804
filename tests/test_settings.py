"""The environment is read in one place, and a bad value is one line that names its variable."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings, SettingsError, read_settings

VARIABLES = {
    "TRIALMARK_DATABASE_URL": "sqlite:////data/trials.db",
    "TRIALMARK_CTGOV_BASE_URL": "http://127.0.0.1:1/api",
    "TRIALMARK_MESH_URL": "https://mesh.example.org",
    "TRIALMARK_BASE_URL": "https://trials.example.org",
    "TRIALMARK_ROOT_PATH": "/trials-browser",
    "TRIALMARK_ALLOWED_HOSTS": "intranet,*.wards.example",
    "TRIALMARK_LOG_FORMAT": "json",
    "TRIALMARK_REQUEST_SECONDS": "2.5",
    "TRIALMARK_FORWARDED_ALLOW_IPS": "10.1.2.0/24",
}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_without_variables_the_defaults_stand() -> None:
    settings = read_settings()
    assert settings.database_url == "sqlite:///trialmark.db"
    assert settings.database_path == Path("trialmark.db")
    assert settings.ctgov_base_url == "https://clinicaltrials.gov/api/v2"
    assert (settings.base_url, settings.log_format) == ("", "console")


def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    read = {f"TRIALMARK_{name.upper()}": str(getattr(settings, name)) for name in type(settings).model_fields}
    assert read.items() >= VARIABLES.items()
    assert settings.database_path == Path("/data/trials.db")


@pytest.mark.parametrize("name", ["TRIALMARK_BASE_URL", "TRIALMARK_CTGOV_BASE_URL"])
def test_a_slash_at_the_end_of_an_origin_does_not_count(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "https://example.org/")
    assert getattr(read_settings(), name.removeprefix("TRIALMARK_").lower()) == "https://example.org"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("TRIALMARK_DATABASE_URL", "", "not a database URL, for example sqlite:///"),
        ("TRIALMARK_DATABASE_URL", "trialmark.db", "not a database URL, for example sqlite:///"),
        ("TRIALMARK_DATABASE_URL", "mysql://localhost/x", "mysql is not supported"),
        ("TRIALMARK_DATABASE_URL", "sqlite+nosuch:///x.db", "sqlite"),
        ("TRIALMARK_DATABASE_URL", "sqlite://", "sqlite:///"),
        ("TRIALMARK_DATABASE_URL", "sqlite:///:memory:", "sqlite:///"),
        ("TRIALMARK_CTGOV_BASE_URL", "clinicaltrials.gov", "http:// or https://"),
        ("TRIALMARK_BASE_URL", "javascript:alert(1)", "http:// or https://"),
        ("TRIALMARK_BASE_URL", "https://", "has no host name"),
        ("TRIALMARK_BASE_URL", "https://user@trials.example.org", "nothing else"),
        ("TRIALMARK_BASE_URL", "https://trials.example.org?x", "nothing else"),
        ("TRIALMARK_BASE_URL", "https://trials.example.org/a//b", "nothing else"),
        ("TRIALMARK_BASE_URL", "https://trials.example.org/../b", "nothing else"),
        ("TRIALMARK_BASE_URL", "https://trials.example.org:port", "not a valid address"),
        ("TRIALMARK_BASE_URL", "https://[::1", "not a valid address"),
        ("TRIALMARK_BASE_URL", "https://trials.exämple.org", "in ASCII letters"),
        ("TRIALMARK_BASE_URL", "https://trials.example.org/a\nb", "in ASCII letters"),
        ("TRIALMARK_ROOT_PATH", "/a b", "not a plain path"),
        ("TRIALMARK_ROOT_PATH", "/a/../b", "not a plain path"),
        ("TRIALMARK_ROOT_PATH", "https://example.org", "not a plain path"),
        ("TRIALMARK_ALLOWED_HOSTS", "a.example, https://b.example", "'https://b.example' is not a host name"),
        ("TRIALMARK_ALLOWED_HOSTS", "a.example:80", "without a port"),
        ("TRIALMARK_ALLOWED_HOSTS", "*example.org", "not a host name"),
        ("TRIALMARK_LOG_FORMAT", "xml", "'console' or 'json'"),
        ("TRIALMARK_REQUEST_SECONDS", "0", "greater than or equal to 0.1"),
        ("TRIALMARK_REQUEST_SECONDS", "inf", "finite number"),
        ("TRIALMARK_REQUEST_SECONDS", "nan", "finite number"),
        ("TRIALMARK_REQUEST_SECONDS", "601", "less than or equal to 600"),
        ("TRIALMARK_REQUEST_SECONDS", "soon", "valid number"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    said = str(caught.value)
    assert said.startswith(f"{name}: ")
    assert reason in said
    assert repr(value) in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("variables", "public", "prefix"),
    [
        ({}, "", ""),
        ({"BASE_URL": "https://h.example"}, "https://h.example", ""),
        ({"BASE_URL": "https://h.example/x/"}, "https://h.example/x", "/x"),
        ({"BASE_URL": "https://h.example", "ROOT_PATH": "x/y/"}, "https://h.example/x/y", "/x/y"),
        ({"BASE_URL": "https://h.example/x", "ROOT_PATH": "/x"}, "https://h.example/x", "/x"),
        ({"BASE_URL": "http://[::1]:80/x"}, "http://[::1]:80/x", "/x"),
        ({"ROOT_PATH": "/x"}, "", "/x"),
        ({"ROOT_PATH": "/"}, "", ""),
    ],
)
def test_the_prefix_may_be_said_in_either_variable(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], public: str, prefix: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"TRIALMARK_{name}", value)
    settings = read_settings()
    assert (settings.public_url, settings.prefix) == (public, prefix)


def test_a_prefix_of_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALMARK_ROOT_PATH", "/x")
    assert read_settings(root_path="/y").prefix == "/y"


def test_two_prefixes_that_differ_are_named_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALMARK_BASE_URL", "https://h.example/x")
    monkeypatch.setenv("TRIALMARK_ROOT_PATH", "/y")
    with pytest.raises(SettingsError, match=r"TRIALMARK_BASE_URL has the path /x, TRIALMARK_ROOT_PATH is /y"):
        read_settings()


def test_variables_of_other_programs_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALMARK_BANANA", "yellow")
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/other")
    assert read_settings() == Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().base_url = "https://example.org"  # type: ignore[misc]  # frozen is what is tested


def test_nothing_else_reads_the_environment() -> None:
    app = Path(__file__).parents[1] / "app"
    reading = {
        file.name
        for file in app.rglob("*.py")
        if re.search(r"\bos\.environ|\bgetenv|environ\[", file.read_text())
    }
    own = {"shared_counts.py"}  # sets what prometheus-client reads on import, for processes that it starts
    assert reading - own == set()


@pytest.mark.parametrize(
    ("said", "interval"), [("", None), ("24h", timedelta(hours=24)), ("90m", timedelta(minutes=90))]
)
def test_an_interval_is_read_as_people_write_it(
    monkeypatch: pytest.MonkeyPatch, said: str, interval: timedelta | None
) -> None:
    monkeypatch.setenv("TRIALMARK_SYNC_EVERY", said)
    assert read_settings().sync_every == interval


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SYNC_EVERY", "soon"),
        ("SYNC_EVERY", "5m"),
        ("REQUEST_SECONDS", "0"),
        ("IDLE_SECONDS", "long"),
        ("STOP_SECONDS", "-1"),
        ("CONNECTIONS_PER_WORKER", "0"),
    ],
)
def test_a_time_or_number_that_cannot_be_kept_is_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"TRIALMARK_{variable}", value)
    with pytest.raises(SettingsError, match=rf"^TRIALMARK_{variable}: .*{value}.*$"):
        read_settings()
