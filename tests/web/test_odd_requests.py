"""Odd requests, of which none fails. `python -m tests.campaigns.requests` sends 10,000 of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from app.database.engine import open_engine
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.settings import Settings
from tests.asgi import ask
from tests.campaigns.description import description
from tests.campaigns.requests import Asked, OddRequests, fault_of, run
from tests.conftest import warmed
from tests.factories import source, study

pytestmark = pytest.mark.slow

OPERATIONS = [
    found.ok()
    for found in schemathesis.openapi.from_dict(description()).get_all_operations()
    if isinstance(found, Ok)
]


@pytest.fixture(scope="module")
def database(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd") / "trialmark.db"
    shutil.copy(empty_database, path)
    update(path, 1)
    return path


@pytest.fixture(scope="module")
def client(database: Path) -> Iterator[TestClient]:
    with warmed(Settings(database_url=f"sqlite:///{database}")) as client:
        yield client


def update(database: Path, day: int) -> None:
    """Change all trials."""
    studies = [
        study(
            f"NCT0000000{number}",
            title=f"Leukemia {day}",
            conditions=[f"Disease {number * day % 7}"],
            updated=f"2026-02-{day:02}",
            version=f"2026-02-{day:02}",
        )
        for number in range(1, 10)
    ]
    engine = open_engine(Settings(database_url=f"sqlite:///{database}"))
    sync(engine, CTGOV, source(studies), lambda *_: None)
    engine.dispose()


def test_no_odd_request_fails_also_right_after_an_update(client: TestClient, database: Path) -> None:
    requests = iter(OddRequests(database))
    for day in range(2, 5):
        statuses, faults = run(client, requests, 60)
        assert faults == []
        assert statuses[200] > 10
        update(database, day)


@given(st.sampled_from(OPERATIONS).flatmap(lambda operation: operation.as_strategy()))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_of_the_described_kind_fails(client: TestClient, case: schemathesis.Case[Any]) -> None:
    assert client.portal
    query = urlencode(case.query or {}, doseq=True, errors="replace")
    asked = Asked("GET", f"{case.formatted_path}?{query}")
    assert fault_of(asked, client.portal.call(ask, client.app, asked.method, asked.url)) == ""
