"""What machines ask: is the process alive, is the database ready, what may be crawled."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings


def asked(database: Path, path: str) -> tuple[int, dict[str, str]]:
    settings = Settings(database_url=f"sqlite:///{database}")
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.get(path)
    return answer.status_code, answer.json()


def test_a_ready_service_says_so(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/robots.txt"])
def test_head_is_answered_too(client: TestClient, path: str) -> None:
    assert client.head(path).status_code == 200


def test_the_process_is_alive_whatever_the_database_is(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("not a database " * 100)
    assert asked(broken, "/healthz") == (200, {"status": "ok"})
    status, body = asked(broken, "/readyz")
    assert (status, body["status"]) == (503, "not ready")
    assert "file is not a database" in body["reason"]


def test_a_database_without_tables_is_not_ready(tmp_path: Path) -> None:
    reason = "the database has no tables yet: run 'trialmark migrate'"
    assert asked(tmp_path / "new.db", "/readyz") == (503, {"status": "not ready", "reason": reason})


def test_a_database_of_another_program_version_is_not_ready(client: TestClient, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "is at revision 0000, not " in answer.json()["reason"]


def test_crawlers_are_kept_from_what_multiplies(client: TestClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Disallow: /trials/filter/" in answer.text.splitlines()
    assert "Disallow: /trials/" not in answer.text.splitlines()
