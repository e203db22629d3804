"""Shared fixtures: a migrated database, ways to fill it, and a client that checks each page it fetches."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol

import hypothesis
import pytest
import structlog
from lxml.html import HtmlElement
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.conditions.mesh.read import open_mesh
from app.database.engine import migrate, open_engine
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.ingest.long_work.relink import relink_everything
from app.ingest.runs.sync import Summary, sync
from app.ingest.sources.files import open_files
from app.main import create_app
from app.registries import CTGOV
from app.settings import Settings
from tests.factories import Study, source
from tests.html_checks import check_html
from tests.support.program import Trialmark
from tests.support.reference_data import reference_file, summary


class Ingest(Protocol):
    def __call__(self, studies: Sequence[Study | bytes], name: str = ...) -> Summary: ...


hypothesis.settings.register_profile("any machine", deadline=None, print_blob=True)
hypothesis.settings.load_profile("any machine")
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

TODAY = date(2026, 11, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left_out := summary(terminalreporter.getreports("skipped")):
        terminalreporter.write_line(left_out)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "trialmark.db"
    migrate(_settings(path))
    return path


@pytest.fixture
def settings(empty_database: Path, tmp_path: Path) -> Settings:
    path = tmp_path / "trialmark.db"
    shutil.copy(empty_database, path)
    return _settings(path)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def ingest(engine: Engine) -> Ingest:
    """Ingest studies as one run over one file."""

    def run(studies: Sequence[Study | bytes], name: str = "factory.ndjson") -> Summary:
        return sync(engine, CTGOV, source(studies, name=name), lambda *_: None)

    return run


class Browse:
    """A client that checks each page as HTML; `htmx=True` asks as htmx does."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(
        self, url: str, *, status: int = 200, htmx: bool = False, headers: dict[str, str] | None = None
    ) -> HtmlElement:
        sent = dict(headers or {})
        if htmx:
            sent |= {"HX-Request": "true", "HX-Request-Type": "partial"}
        answer = self.client.get(url, headers=sent, follow_redirects=False)
        assert answer.status_code == status, f"{answer.status_code} for {url}: {answer.text[:300]}"
        assert answer.headers["content-type"].startswith("text/html")
        return check_html(answer.text, is_fragment=htmx)


@contextmanager
def warmed(settings: Settings) -> Iterator[TestClient]:
    """Start the application and wait until its warm-up no longer reads the database."""
    app = create_app(settings, today=lambda: TODAY)
    with TestClient(app, raise_server_exceptions=False) as client:
        app.state.trialmark.store.opened().warming.join()
        yield client


def engine_of(client: TestClient) -> Engine:
    engine: Engine = client.app.state.trialmark.store.opened().engine  # type: ignore[attr-defined]  # typed as any ASGI app
    return engine


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with warmed(settings) as client:
        yield client


@pytest.fixture
def browse(client: TestClient) -> Browse:
    return Browse(client)


@pytest.fixture(scope="session")
def real_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Fill a database with all the real records and the five seed trials."""
    files = [reference_file("data/ctgov.ndjson.gz"), reference_file("data/seeds.ndjson")]
    settings = _settings(tmp_path_factory.mktemp("real") / "trialmark.db")
    migrate(settings)
    engine = open_engine(settings)
    for file in files:
        sync(engine, CTGOV, open_files(file), lambda *_: None)
    engine.dispose()
    return settings


@pytest.fixture(scope="session")
def mesh_settings(real_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Fill a database with the real records and load the real MeSH."""
    file = open_mesh(reference_file("data/mesh_desc2022.xml.gz"))
    path = tmp_path_factory.mktemp("mesh") / "trialmark.db"
    shutil.copy(real_settings.database_path, path)
    engine = open_engine(_settings(path))
    replace_vocabulary(engine, file, lambda *_: None)
    relink_everything(engine, lambda *_: None)
    engine.dispose()
    return _settings(path)


@pytest.fixture(scope="session")
def mesh_client(mesh_settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(mesh_settings, today=lambda: TODAY), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def real_client(real_settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(real_settings, today=lambda: TODAY), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def browse_real(real_client: TestClient) -> Browse:
    return Browse(real_client)


def _settings(path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{path}")


@pytest.fixture
def trialmark(tmp_path: Path) -> Trialmark:
    """Run commands where there is no database yet."""
    return Trialmark(tmp_path, tmp_path / "new" / "trialmark.db")


@pytest.fixture
def migrated(settings: Settings, tmp_path: Path) -> Trialmark:
    return Trialmark(tmp_path, settings.database_path)
