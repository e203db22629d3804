"""Addresses for machines: whether the process is alive, whether its pages are right, and what may be crawled."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

UTC_NOW = datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def served(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def asked(database: Path, path: str) -> tuple[int, dict[str, str]]:
    with served(Settings(database_url=f"sqlite:///{database}")) as client:
        answer = client.get(path)
    return answer.status_code, answer.json()


def change(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def refused(client: TestClient) -> tuple[str, str]:
    """Return code and sentence of a service that is not ready."""
    answer = client.get("/readyz")
    assert answer.status_code == 503, answer.json()
    body = answer.json()
    assert body["status"] == "not ready"
    return body["code"], body["reason"]


def metrics(client: TestClient) -> dict[str, float]:
    """Return the value of each series by its name and labels as written."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        sample.name
        + "".join(f" {label}={value}" for label, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/robots.txt", "/metrics"])
def test_head_is_answered_too(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_process_is_alive_whatever_the_database_is(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("not a database " * 100)
    assert asked(broken, "/healthz") == (200, {"status": "ok"})


class TestReadiness:
    def test_an_empty_database_is_ready(self, client: TestClient) -> None:
        assert client.get("/readyz").json() == {"status": "ready"}

    def test_a_database_with_trials_is_ready(self, client: TestClient, ingest: Ingest) -> None:
        ingest([study(), study()])
        for _ in range(5):
            assert client.get("/readyz").json() == {"status": "ready"}

    def test_a_file_that_is_no_database_is_said(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken.db"
        broken.write_text("not a database " * 100)
        status, body = asked(broken, "/readyz")
        assert (status, body["code"]) == (503, "not-a-database")
        assert "file is not a database" in body["reason"]
        assert "trialmark restore" in body["reason"]

    def test_a_database_without_tables_is_not_ready(self, tmp_path: Path) -> None:
        path = tmp_path / "new.db"
        path.touch()
        reason = "the database has no tables yet: run 'trialmark migrate'"
        assert asked(path, "/readyz") == (503, {"status": "not ready", "code": "no-tables", "reason": reason})

    def test_a_missing_file_is_said_and_not_made(self, tmp_path: Path) -> None:
        status, body = asked(tmp_path / "none.db", "/readyz")
        assert (status, body["code"]) == (503, "missing")
        assert list(tmp_path.iterdir()) == []

    def test_an_older_schema_asks_for_a_migration_and_a_newer_one_for_a_newer_program(
        self, client: TestClient, engine: Engine
    ) -> None:
        change(engine, "UPDATE alembic_version SET version_num = '0001'")
        code, sentence = refused(client)
        assert code == "older-schema"
        assert "is at revision 0001, not " in sentence
        assert "trialmark migrate" in sentence
        change(engine, "UPDATE alembic_version SET version_num = '9999'")
        code, sentence = refused(client)
        assert code == "newer-schema"
        assert "upgrade the program" in sentence

    @pytest.mark.parametrize(
        ("statement", "code", "command"),
        [
            ("UPDATE data_version SET derived_by = 0", "other-derivation", "trialmark reindex"),
            ("UPDATE data_version SET wants_relink = 1", "wants-relink", "trialmark mesh"),
            ("DELETE FROM facet_posting", "incomplete", "trialmark reindex"),
            ("UPDATE facet_posting SET bitmap = x'00'", "damaged", "trialmark check"),
            ("UPDATE facet_posting SET count = count + 1", "damaged", "trialmark check"),
            ("UPDATE source_document SET document = x'00'", "damaged", "trialmark check"),
            ("UPDATE trial_listing SET facts = '[1'", "damaged", "trialmark check"),
            ("DELETE FROM trial_listing", "damaged", "trialmark check"),
            ("DELETE FROM trial_text", "damaged", "trialmark check"),
        ],
    )
    def test_readiness_checks_what_pages_need(
        self, client: TestClient, ingest: Ingest, engine: Engine, statement: str, code: str, command: str
    ) -> None:
        ingest([study(), study()])
        assert client.get("/readyz").status_code == 200
        change(engine, statement)
        found, sentence = refused(client)
        assert found == code
        assert command in sentence

    def test_a_first_load_that_is_not_finished_is_told_without_failing(
        self, client: TestClient, ingest: Ingest, engine: Engine
    ) -> None:
        ingest([study()])
        change(engine, "UPDATE data_version SET is_loading = 1", "DELETE FROM facet_posting")
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert "first load is not finished" in answer.json()["notes"][0]

    @pytest.mark.parametrize(
        ("hours", "is_ready"),
        [(0, True), (35, True), (37, False), (20_000, False), (-48, True)],
        ids=["now", "in time", "too old", "the clock was set forward", "the clock was set back"],
    )
    def test_data_older_than_configured_is_not_ready(
        self, settings: Settings, ingest: Ingest, engine: Engine, hours: int, is_ready: bool
    ) -> None:
        ingest([study()])
        finished = UTC_NOW - timedelta(hours=hours)
        change(engine, f"UPDATE sync_run SET finished_at = '{finished:%Y-%m-%d %H:%M:%S.%f}'")
        with served(settings.model_copy(update={"max_data_age": timedelta(hours=36)})) as client:
            assert (client.get("/readyz").status_code == 200) is is_ready
            if not is_ready:
                code, sentence = refused(client)
                assert code == "outdated"
                assert "more than 36 hours before this machine's clock" in sentence
        with served(settings) as client:
            assert client.get("/readyz").status_code == 200

    def test_a_run_that_found_nothing_new_counts_where_it_moved_the_watermark(
        self, settings: Settings, ingest: Ingest, engine: Engine
    ) -> None:
        ingest([study()])
        change(
            engine,
            "UPDATE sync_run SET finished_at = '2020-01-01 00:00:00.000000'",
            f"INSERT INTO watermark VALUES ('ctgov', '2026-01-01', '{UTC_NOW:%Y-%m-%d %H:%M:%S.%f}')",
        )
        with served(settings.model_copy(update={"max_data_age": timedelta(hours=36)})) as client:
            assert client.get("/readyz").status_code == 200


class TestMetrics:
    def test_requests_are_counted_by_route_and_status_and_never_by_address(
        self, client: TestClient, ingest: Ingest
    ) -> None:
        ingest([study("NCT00000001", conditions=["Asthma"])])
        for address in (
            "/trials?q=secretword",
            "/trials/NCT00000001",
            "/trials/NCT00000009",
            "/conditions/asthma",
            "/conditions/asthma",
            "/no/such/page",
            "/static/app.css",
        ):
            client.get(address)
        tag = client.get("/conditions").headers["etag"]
        client.get("/conditions", headers={"If-None-Match": tag})
        text = client.get("/metrics").text
        found = metrics(client)
        counted = "trialmark_requests_total route="
        assert found[f"{counted}/trials status=200"] == 1
        assert found[f"{counted}/trials/{{registry_id}} status=200"] == 1
        assert found[f"{counted}/trials/{{registry_id}} status=404"] == 1
        assert found[f"{counted}/conditions/{{slug}} status=200"] == 2
        assert found[f"{counted}/conditions status=200"] == 1
        assert found[f"{counted}/conditions status=304"] == 1
        assert found[f"{counted}(none) status=404"] == 1
        assert found[f"{counted}/static/... status=200"] == 1
        assert found["trialmark_request_seconds_count route=/conditions/{slug}"] == 2
        assert found["trialmark_page_cache_requests_total outcome=hit"] == 1
        assert found["trialmark_page_cache_requests_total outcome=unchanged"] == 1
        assert found["trialmark_page_cache_pages"] == 4
        assert found["trialmark_requests_in_flight"] == 1
        for word in ("secretword", "NCT0000000", "asthma", "no/such", "app.css"):
            assert word not in text

    def test_the_data_is_described(self, client: TestClient, ingest: Ingest, settings: Settings) -> None:
        ingest([study(), study(), b"{}"])
        found = metrics(client)
        assert found["trialmark_ready"] == 1
        assert found["trialmark_trials kind=registry"] == 2
        assert found["trialmark_trials kind=synthetic"] == 0
        assert found["trialmark_rejected_records"] == 1
        assert found["trialmark_last_run_records outcome=new"] == 2
        assert found["trialmark_last_run_records outcome=rejected"] == 1
        assert found["trialmark_data_revision"] > 0
        assert found["trialmark_data_age_seconds"] >= 0
        assert found["trialmark_database_bytes"] == settings.database_path.stat().st_size
        assert found["trialmark_database_log_bytes"] > 0
        assert any(name.startswith("process_resident_memory_bytes") for name in found)
        assert any(name.startswith("trialmark_build_info") and "derivation=" in name for name in found)

    def test_a_database_that_cannot_be_read_is_told_as_not_ready(
        self, client: TestClient, settings: Settings
    ) -> None:
        settings.database_path.unlink()
        found = metrics(client)
        assert found["trialmark_ready"] == 0
        assert "trialmark_database_bytes" not in found
        assert "trialmark_data_revision" not in found


def test_crawlers_are_kept_from_what_multiplies(client: TestClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Disallow: /trials/filter/" in answer.text.splitlines()
    assert "Disallow: /trials/" not in answer.text.splitlines()
