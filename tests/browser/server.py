"""Serves the application on a real port, over a database filled as `trialmark ingest` fills it."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import uvicorn
from sqlalchemy import func, select
from sqlmodel import col

from app.database.engine import migrate, open_engine, reading
from app.ingest.runs.sync import sync
from app.ingest.sources.files import open_files
from app.ingest.sources.source import Source
from app.main import create_app
from app.models import SourceDocument, Trial
from app.pages.trial.sites import MOST_OPEN
from app.registries import CTGOV
from app.settings import Settings
from tests.conftest import TODAY
from tests.factories import source
from tests.support.reference_data import FOLDER

HOST = "127.0.0.1"
_RECORDS = ("ctgov.ndjson.gz", "seeds.ndjson")


@dataclass(frozen=True)
class Site:
    """A served site for the browser to visit."""

    origin: str
    varied: dict[str, str]
    """Addresses of trial pages that differ most, by what is special about each."""


def has_real_records() -> bool:
    return all((FOLDER / "data" / name).exists() for name in _RECORDS)


def real_records() -> Iterator[Source]:
    return (open_files(FOLDER / "data" / name) for name in _RECORDS)


def synthetic_records(trials: int) -> Iterator[Source]:
    from app.demo import studies  # noqa: PLC0415  the import takes a second, which the real records save

    yield source(list(studies(trials, today=TODAY)), name="demo")


def fill(settings: Settings, sources: Iterable[Source]) -> None:
    migrate(settings)
    engine = open_engine(settings)
    for each in sources:
        sync(engine, CTGOV, each, lambda *_: None)
    engine.dispose()


@contextmanager
def serving(folder: Path, sources: Iterable[Source], root_path: str = "") -> Iterator[Site]:
    """Serve the records on a free port, under a proxy's path prefix where one is given."""
    settings = Settings(database_url=f"sqlite:///{folder / 'trialmark.db'}", root_path=root_path)
    fill(settings, sources)
    # Bound here, so that the port is known and requests wait in the backlog until the server is up.
    with socket.create_server((HOST, 0)) as listening:
        app = create_app(settings, today=lambda: TODAY)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield Site(f"http://{HOST}:{listening.getsockname()[1]}", _varied(settings))
        server.should_exit = True
        thread.join()


def _varied(settings: Settings) -> dict[str, str]:
    length = func.length(col(SourceDocument.document))
    stored = select(col(Trial.registry_id)).join(
        SourceDocument, col(SourceDocument.trial_id) == col(Trial.id)
    )
    sites = col(Trial.location_count)
    orders = {
        "most said": stored.order_by(length.desc()),
        "most sites": stored.order_by(sites.desc()),
        "some sites folded": stored.order_by(sites <= MOST_OPEN, sites),
        "least said": stored.order_by(col(Trial.status).is_not(None), length),
    }
    engine = open_engine(settings, read_only=True)
    with reading(engine) as session:
        found = {name: session.execute(order).scalars().first() for name, order in orders.items()}
    engine.dispose()
    return {name: f"/trials/{registry_id}" for name, registry_id in found.items()}
