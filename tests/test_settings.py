"""The environment is read in one place, and a bad value is one line that names its variable."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings, SettingsError, read_settings

VARIABLES = {
    "TRIALMARK_DATABASE_URL": "sqlite:////data/trials.db",
    "TRIALMARK_CTGOV_BASE_URL": "http://127.0.0.1:1/api",
    "TRIALMARK_MESH_URL": "https://mesh.example.org",
    "TRIALMARK_BASE_URL": "https://trials.example.org",
    "TRIALMARK_LOG_FORMAT": "json",
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
    read = {f"TRIALMARK_{name.upper()}": getattr(settings, name) for name in type(settings).model_fields}
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
        ("TRIALMARK_LOG_FORMAT", "xml", "'console' or 'json'"),
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
    assert reading <= {"settings.py"}
