"""Makes empty databases, and runs an ingest over studies as if a file had brought them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from app.database.engine import open_engine
from app.ingest.runs.sync import Summary, sync
from app.registries import CTGOV
from app.settings import Settings
from tests.factories import Study, source


def run_over(engine: Engine, *studies: Study | bytes, **about: Any) -> Summary:
    return sync(engine, CTGOV, source(studies, **about), lambda *_: None)


@contextmanager
def fresh_engine(empty_database: Path) -> Iterator[Engine]:
    """Make an empty database of its own for one example."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trialmark.db"
        shutil.copy(empty_database, path)
        engine = open_engine(Settings(database_url=f"sqlite:///{path}"))
        yield engine
        engine.dispose()
