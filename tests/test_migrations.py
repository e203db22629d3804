"""Databases of every earlier schema are migrated to the newest one with the right content, or clearly refused."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.disk_space import NoRoomError
from app.database.engine import (
    DatabaseNotReadyError,
    migrate,
    open_engine,
    read_file_standing,
    require_current_derivation,
    require_current_schema,
)
from app.ingest.checks.check import problems
from app.ingest.long_work.reindex import reindex
from app.ingest.runs.sync import sync
from app.main import create_app
from app.registries import CTGOV
from app.settings import Settings
from tests.factories import source, study
from tests.support.contents import contents_of_trials
from tests.support.old_databases import KINDS, REVISIONS, documents_in, make_old_database, shape_of
from tests.support.program import Trialmark

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 20)


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    engine = open_engine(settings_of(path))
    yield engine
    engine.dispose()


def settings_of(path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{path}")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=REVISIONS)
def old(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    make_old_database(path, request.param, kind)
    return path


def test_every_earlier_schema_has_its_databases() -> None:
    """Schemas 0008 to 0011 were never published alone."""
    assert REVISIONS[:8] == ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0012")


def test_an_old_database_is_what_a_new_one_of_its_documents_is_after_migrating_and_reindexing(
    old: Path, empty_database: Path, tmp_path: Path
) -> None:
    with opened(old) as engine:
        with pytest.raises(DatabaseNotReadyError, match="run 'trialmark migrate --reindex'"):
            require_current_schema(engine)
        documents = documents_in(old)
        migrate(settings_of(old))
        require_current_schema(engine)
        if read_file_standing(old).wants_reindex:
            with pytest.raises(DatabaseNotReadyError, match=r"an earlier version.*run 'trialmark reindex'"):
                require_current_derivation(engine)
        assert reindex(engine, lambda *_: None) == len(documents) == 3
        require_current_derivation(engine)
        assert problems(engine) == []
        new = tmp_path / "new.db"
        shutil.copy(empty_database, new)
        with opened(new) as fresh:
            sync(fresh, CTGOV, source(documents), lambda *_: None)
            reindex(fresh, lambda *_: None)
            assert contents_of_trials(engine) == contents_of_trials(fresh)
    assert shape_of(old) == shape_of(new)


def test_synthetic_trials_of_any_schema_are_said_to_be_synthetic(tmp_path: Path) -> None:
    for revision in REVISIONS:
        path = tmp_path / f"{revision}.db"
        make_old_database(path, revision, "synthetic")
        migrate(settings_of(path))
        with opened(path) as engine:
            reindex(engine, lambda *_: None)
        app = create_app(settings_of(path), today=lambda: TODAY)
        with TestClient(app) as client:
            for address in ("/", "/trials", "/trials/NCT90000001"):
                assert "synthetic" in client.get(address).text, (revision, address)


def test_what_is_to_be_done_is_announced_only_where_there_is_data(tmp_path: Path) -> None:
    said: list[str] = []
    migrate(settings_of(tmp_path / "new.db"), said.append)
    assert said == []
    make_old_database(tmp_path / "old.db", "0003", "real")
    migrate(settings_of(tmp_path / "old.db"), said.append)
    assert said[:2] == [
        "Migrating to schema 0004: Room for a whole registry.",
        "Migrating to schema 0005: One row per trial with everything that a list shows of it.",
    ]


def test_without_room_on_the_disk_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    make_old_database(path, "0003", "real")
    before = path.read_bytes()
    monkeypatch.setattr(
        "app.database.disk_space.shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000)
    )
    with pytest.raises(NoRoomError, match=r"needs .* of free space in .*, which has 1\.0 MB"):
        migrate(settings_of(path))
    assert revision_of(path) == "0003"
    assert documents_in(path)
    assert len(before) == path.stat().st_size


def test_an_empty_database_of_an_earlier_version_never_wants_a_reindex(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    make_old_database(path, "0003", "real")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM trial_text")
        connection.execute("DELETE FROM trial")
        connection.commit()
    migrate(settings_of(path))
    with opened(path) as engine:
        require_current_derivation(engine)
        sync(engine, CTGOV, source([study()]), lambda *_: None)
        require_current_derivation(engine)


def test_a_migration_killed_at_any_moment_is_taken_up_by_the_next(
    trialmark: Trialmark, tmp_path: Path
) -> None:
    """The kill leaves the file at one schema revision or another, each of them complete."""
    trialmark.database.parent.mkdir()
    make_old_database(trialmark.database, "0001", "real")
    with closing(sqlite3.connect(trialmark.database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    for announced in (1, 3, 5):
        process = trialmark.started("migrate")
        assert process.stdout
        assert process.stderr
        with process.stdout, process.stderr:
            for _ in range(announced):
                process.stderr.readline()
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        with closing(sqlite3.connect(trialmark.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    trialmark("migrate", "--reindex")
    assert trialmark("check").stdout == "Everything agrees.\n"
    make_old_database(tmp_path / "twin.db", "0001", "real")
    migrate(settings_of(tmp_path / "twin.db"))
    assert shape_of(trialmark.database) == shape_of(tmp_path / "twin.db")


def test_two_processes_that_migrate_at_once_take_turns(trialmark: Trialmark) -> None:
    trialmark.database.parent.mkdir()
    make_old_database(trialmark.database, "0001", "real")
    both = [trialmark.started("migrate"), trialmark.started("migrate")]
    for process in both:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert trialmark("migrate", "--reindex").stdout.endswith("3 trials reindexed.\n")
    assert trialmark("check").stdout == "Everything agrees.\n"


def revision_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision)
