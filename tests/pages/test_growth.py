"""The cost of a page does not grow with the trials: neither statements nor what the database reads for them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from app.database.engine import open_engine
from app.demo import studies
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.settings import Settings
from tests.conftest import engine_of, warmed
from tests.factories import source

pytestmark = pytest.mark.slow

FEWER, MORE = 1_000, 10_000
PAGES = [
    "/trials",
    "/trials?page=20",
    "/trials?sort=start-oldest&page=7",
    "/trials?sort=enrollment-largest",
    "/trials?status=recruiting",
    "/trials?status=completed&sex=all&age_group=adult",
    "/trials?study_type=interventional&condition_match=exact",
    "/trials/NCT90000007",
    "/",
]


@dataclass
class Cost:
    statements: int = 0
    steps: int = 0
    """Steps of the database's virtual machine, which takes some for each row that it reads."""


@dataclass(frozen=True)
class Site:
    client: TestClient
    engine: Engine

    def cost(self, address: str) -> Cost:
        """Measure a page when a similar one has already filled the caches."""
        self.client.get(address)
        with measured(self.engine) as cost:
            answer = self.client.get(f"{address}{'&' if '?' in address else '?'}again=1")
        assert answer.status_code == 200
        return cost


@contextmanager
def measured(engine: Engine) -> Iterator[Cost]:
    cost = Cost()

    def step() -> None:
        cost.steps += 1

    def execute(*_: Any) -> None:
        cost.statements += 1

    def check_out(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(step, 1)

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "checkout", check_out)
    yield cost
    event.remove(engine, "before_cursor_execute", execute)
    event.remove(engine, "checkout", check_out)


@contextmanager
def site(empty_database: Path, folder: Path, trials: int) -> Iterator[Site]:
    path = Path(shutil.copy(empty_database, folder / f"{trials}.db"))
    settings = Settings(database_url=f"sqlite:///{path}")
    engine = open_engine(settings)
    sync(engine, CTGOV, source(list(studies(trials))), lambda *_: None)
    engine.dispose()
    with warmed(settings) as client:
        yield Site(client, engine_of(client))


@pytest.fixture(scope="module")
def sites(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    folder = tmp_path_factory.mktemp("growth")
    with site(empty_database, folder, FEWER) as fewer, site(empty_database, folder, MORE) as more:
        yield fewer, more


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_ten_times_the_trials_costs_no_more(sites: tuple[Site, Site], address: str) -> None:
    fewer, more = (each.cost(address) for each in sites)
    assert fewer.statements > 0
    assert fewer.steps > 0
    assert more.statements <= fewer.statements
    assert more.steps <= 1.5 * fewer.steps
