"""A backup is the database as it stood at one moment, verified; otherwise there is none."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, text

from app.custody import copying
from app.custody.backup import Backup, make_backup
from app.custody.interruption import InterruptedByPersonError, interruptible
from app.database.engine import migrate, open_engine
from app.failures import ExpectedError
from app.ingest.checks.check import problems
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study
from tests.support.old_databases import make_old_database

NOW = datetime(2026, 11, 28, 1, 58, 44, tzinfo=UTC)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def made(
    settings: Settings,
    target: Path,
    each_step: Callable[[], object] = lambda: None,
    *,
    replace: bool = False,
    with_check: bool = True,
) -> Backup:
    @contextmanager
    def show(_size: int) -> Iterator[Callable[[int, int], None]]:
        def report(_done: int, _megabytes: int) -> None:
            each_step()

        yield report

    return make_backup(settings.database_path, target, NOW, show, replace=replace, with_check=with_check)


def trials_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT registry_id FROM trial ORDER BY registry_id")]


def test_what_is_in_the_log_alone_is_in_the_backup_too(
    ingest: Ingest, engine: Engine, settings: Settings, backups: Path, tmp_path: Path
) -> None:
    """A plain copy of the file lacks what is in the log."""
    ingest([study("NCT00000001"), study("NCT00000002")])
    shutil.copy(settings.database_path, tmp_path / "cp.db")
    backup = made(settings, backups / "one.db")
    assert trials_in(tmp_path / "cp.db") == []
    assert trials_in(backup.path) == ["NCT00000001", "NCT00000002"]
    assert (backup.is_checked, backup.size) == (True, backup.path.stat().st_size)
    copy = open_engine(Settings(database_url=f"sqlite:///{backup.path}"))
    assert problems(copy) == []
    copy.dispose()
    assert [path.name for path in backups.iterdir()] == ["one.db"]


def test_changes_while_it_is_made_neither_come_in_nor_make_it_begin_anew(
    ingest: Ingest, engine: Engine, settings: Settings, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([study("NCT00000001")])
    monkeypatch.setattr(copying, "_PAGES_A_STEP", 8)
    steps = 0

    def write() -> None:
        nonlocal steps
        steps += 1
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO sponsor (slug, name) VALUES (:name, :name)"), {"name": str(steps)}
            )

    backup = made(settings, backups / "one.db", write)
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        names = connection.execute(text("SELECT count(*) FROM sponsor")).scalar_one()
    assert 1 < steps <= pages / 8 + 1
    assert names == steps + 1
    with closing(sqlite3.connect(backup.path)) as copy:
        assert copy.execute("SELECT count(*) FROM sponsor").fetchone() == (1,)


def test_a_backup_in_a_folder_is_named_by_its_time(settings: Settings, backups: Path) -> None:
    assert made(settings, backups).path == backups / "trialmark-2026-11-28T015844Z.db"


def test_a_file_that_is_there_is_replaced_only_when_asked_for(
    ingest: Ingest, settings: Settings, backups: Path
) -> None:
    target = backups / "one.db"
    made(settings, target)
    ingest([study("NCT00000001")])
    with pytest.raises(ExpectedError, match=r"already exists: .* replace it with --force"):
        made(settings, target)
    assert trials_in(target) == []
    made(settings, target, replace=True)
    assert trials_in(target) == ["NCT00000001"]


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
def test_the_database_itself_is_no_target(settings: Settings, ending: str) -> None:
    target = settings.database_path.with_name(settings.database_path.name + ending)
    with pytest.raises(ExpectedError, match="the database itself"):
        made(settings, target, replace=True)


def test_another_name_of_the_database_is_no_target_either(settings: Settings, backups: Path) -> None:
    (backups / "link.db").symlink_to(settings.database_path)
    with pytest.raises(ExpectedError, match="is the database itself"):
        made(settings, backups / "link.db", replace=True)


def test_a_log_beside_the_target_would_be_applied_to_it(settings: Settings, backups: Path) -> None:
    (backups / "one.db-wal").write_bytes(b"of another database")
    with pytest.raises(ExpectedError, match=r"one\.db-wal exists, as beside a database in use"):
        made(settings, backups / "one.db", replace=True)


def test_only_those_who_read_the_database_read_the_backup(settings: Settings, backups: Path) -> None:
    settings.database_path.chmod(0o640)
    modes: set[int] = set()
    target = backups / "one.db"
    backup = made(
        settings, target, lambda: modes.update(path.stat().st_mode & 0o777 for path in backups.iterdir())
    )
    assert modes == {0o600}
    assert backup.path.stat().st_mode & 0o777 == 0o640


def test_a_missing_folder_is_named(settings: Settings, backups: Path) -> None:
    with pytest.raises(ExpectedError, match=r"the folder .*/nowhere does not exist: create it first"):
        made(settings, backups / "nowhere" / "one.db")


def test_free_disk_space_is_checked_first(
    settings: Settings, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.disk_space.shutil.disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(ExpectedError, match=r"A backup needs .* of free space in .*, which has 1\.0 KB"):
        made(settings, backups / "one.db")
    assert list(backups.iterdir()) == []


def test_an_inconsistent_database_leaves_no_backup_unless_asked_for(
    ingest: Ingest, engine: Engine, settings: Settings, backups: Path
) -> None:
    ingest([study()])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM facet_posting WHERE facet = 'status'"))
    with pytest.raises(
        ExpectedError, match="the counts of status=recruiting are out of date; run 'trialmark check'"
    ):
        made(settings, backups)
    assert list(backups.iterdir()) == []
    assert not made(settings, backups, with_check=False).is_checked


def test_a_damaged_database_leaves_no_backup(
    ingest: Ingest, engine: Engine, settings: Settings, backups: Path
) -> None:
    ingest([study() for _ in range(5)])
    engine.dispose()
    with settings.database_path.open("r+b") as file:
        for page in range(20, 60):
            file.seek(page * 8_192)
            file.write(b"\xff" * 512)
    with pytest.raises(ExpectedError, match="damaged"):
        made(settings, backups)
    assert list(backups.iterdir()) == []


def test_a_database_of_an_earlier_schema_can_be_backed_up_before_it_is_migrated(
    backups: Path, tmp_path: Path
) -> None:
    make_old_database(tmp_path / "old.db", "0003", "real")
    backup = made(Settings(database_url=f"sqlite:///{tmp_path}/old.db"), backups)
    assert (backup.revision, backup.is_checked) == ("0003", False)
    assert len(trials_in(backup.path)) == 3


def test_a_database_that_waits_for_a_reindex_can_be_backed_up(backups: Path, tmp_path: Path) -> None:
    make_old_database(tmp_path / "old.db", "0007", "real")
    settings = Settings(database_url=f"sqlite:///{tmp_path}/old.db")
    migrate(settings)
    backup = made(settings, backups / "waiting.db")
    assert (len(trials_in(backup.path)), backup.is_checked) == (3, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_backup_leaves_nothing(
    settings: Settings, backups: Path, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    with (
        pytest.raises(InterruptedByPersonError, match="the backup was interrupted: nothing has changed"),
        interruptible("the backup"),
    ):
        made(settings, backups, lambda: os.kill(os.getpid(), number))
    assert list(backups.iterdir()) == []
    assert signal.getsignal(number) == before


def test_leftovers_of_killed_processes_are_removed_after_days(settings: Settings, backups: Path) -> None:
    old, new = (backups / f".one.db.{name}.trialmark-unfinished" for name in ("old", "new"))
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    made(settings, backups / "one.db")
    assert sorted(backups.iterdir()) == sorted([new, backups / "one.db"])
