"""The watch tells the current revision beside the sessions of the pages."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.database.engine import open_engine, program_revision, reading
from app.index.revision import current_revision
from app.search.counts.revision_watch import Present, VersionWatch
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study


@pytest.fixture
def watch(engine: Engine) -> Iterator[VersionWatch]:
    watch = VersionWatch(engine)
    yield watch
    watch.close()


def test_a_change_is_told_as_soon_as_it_is_there(watch: VersionWatch, engine: Engine, ingest: Ingest) -> None:
    told = [watch.present()]
    assert told == [Present(0, "", program_revision())]
    for number in range(3):
        ingest([study(f"NCT0000000{number}")])
        present = watch.present()
        assert present
        told.append(present)
        with reading(engine) as session:
            assert present.version == current_revision(session)
    assert len({present.token for present in told if present}) == len(told)


def test_a_database_that_does_not_answer_tells_none(settings: Settings) -> None:
    with_no_table = settings.database_path.with_name("empty.db")
    with_no_table.touch()
    for path in (with_no_table, Path("/nowhere/at/all.db")):
        engine = open_engine(
            settings.model_copy(update={"database_url": f"sqlite:///{path}"}), read_only=True
        )
        watch = VersionWatch(engine)
        assert watch.present() is None
        watch.close()
        engine.dispose()


def test_a_lock_is_not_waited_for(watch: VersionWatch, settings: Settings) -> None:
    """By default SQLite would wait for the lock, and block the event loop meanwhile."""
    other = sqlite3.connect(settings.database_path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    assert watch.present() is None
    other.close()
    assert watch.present()
