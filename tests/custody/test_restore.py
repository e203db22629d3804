"""A restored backup replaces the whole database, beside servers but never under a writer, and nothing is lost."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from app.commands.parts.ready import reindex_everything
from app.custody import restore as restoring
from app.custody import swap
from app.custody.restore import Restored
from app.database.engine import migrate, open_engine, require_current_derivation
from app.failures import ExpectedError
from app.ingest.checks.check import problems
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import source, study
from tests.support.old_databases import make_old_database
from tests.support.program import Trialmark

NOW = datetime(2026, 11, 28, 1, 58, 44, tzinfo=UTC)


@pytest.fixture
def backup(empty_database: Path, tmp_path: Path) -> Path:
    """Make a backup of two trials."""
    return filled(empty_database, tmp_path / "backup.db", "NCT00000001", "NCT00000002")


def filled(empty_database: Path, path: Path, *registry_ids: str) -> Path:
    shutil.copy(empty_database, path)
    engine = open_engine(settings_of(path))
    sync(engine, CTGOV, source([study(registry_id) for registry_id in registry_ids]), lambda *_: None)
    engine.dispose()
    return path


def settings_of(path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{path}")


@contextmanager
def _silent(_size: int) -> Iterator[Callable[[int, int], None]]:
    yield lambda *_: None


def restore(backup: Path, settings: Settings, now: datetime = NOW) -> Restored:
    return restoring.restore(backup, settings, now, _silent, lambda _: None, reindex_everything)


def trials_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT registry_id FROM trial ORDER BY registry_id")]


def one_value(path: Path, statement: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchone()[0]


class TestContent:
    def test_the_database_is_replaced_by_the_backup_and_the_old_one_is_kept(
        self, ingest: Ingest, engine: Engine, settings: Settings, backup: Path
    ) -> None:
        ingest([study("NCT00000009")])
        engine.dispose()
        settings.database_path.chmod(0o640)
        done = restore(backup, settings)
        assert trials_in(settings.database_path) == trials_in(backup) == ["NCT00000001", "NCT00000002"]
        assert settings.database_path.stat().st_mode & 0o777 == 0o640
        assert done.kept == settings.database_path.with_name("trialmark.db.before-restore-2026-11-28T015844Z")
        assert trials_in(done.kept) == ["NCT00000009"]
        assert done.reindexed == 0
        assert problems(engine) == []

    def test_readers_are_told_to_drop_what_they_keep_in_memory(
        self, engine: Engine, settings: Settings, backup: Path
    ) -> None:
        engine.dispose()
        restore(backup, settings)
        of = "SELECT {} FROM data_version"
        before, after = (one_value(path, of.format("version")) for path in (backup, settings.database_path))
        assert int(str(after)) > int(str(before))
        assert one_value(settings.database_path, of.format("rebuilt_in")) == after
        tokens = {one_value(path, of.format("token")) for path in (backup, settings.database_path)}
        assert len(tokens) == 2
        days = {one_value(path, of.format("changed_at")) for path in (backup, settings.database_path)}
        assert len(days) == 1

    def test_a_backup_of_an_earlier_schema_is_migrated_and_reindexed_before_it_takes_the_place(
        self, engine: Engine, settings: Settings, tmp_path: Path
    ) -> None:
        make_old_database(tmp_path / "old.db", "0003", "synthetic")
        assert restore(tmp_path / "old.db", settings).reindexed == 3
        require_current_derivation(engine)
        assert problems(engine) == []
        assert one_value(tmp_path / "old.db", "SELECT version_num FROM alembic_version") == "0003"

    def test_an_inconsistent_backup_is_reindexed(
        self, engine: Engine, settings: Settings, backup: Path
    ) -> None:
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute("DELETE FROM facet_posting")
            connection.commit()
        assert restore(backup, settings).reindexed == 2
        assert problems(engine) == []

    def test_the_replaced_database_can_be_restored_again(
        self, ingest: Ingest, engine: Engine, settings: Settings, backup: Path
    ) -> None:
        ingest([study("NCT00000009")])
        engine.dispose()
        kept = restore(backup, settings).kept
        assert kept
        restore(kept, settings, NOW + timedelta(seconds=1))
        assert trials_in(settings.database_path) == trials_in(kept) == ["NCT00000009"]
        ingest([study("NCT00000010")])
        assert problems(engine) == []

    def test_a_log_beside_the_backup_belongs_to_it(
        self, settings: Settings, backup: Path, tmp_path: Path
    ) -> None:
        """A snapshot of a disk holds both files."""
        engine = open_engine(settings_of(backup))
        sync(engine, CTGOV, source([study("NCT00000003")]), lambda *_: None)
        for ending in ("", "-wal"):
            shutil.copy(f"{backup}{ending}", f"{tmp_path}/picture.db{ending}")
        engine.dispose()
        restore(tmp_path / "picture.db", settings)
        assert "NCT00000003" in trials_in(settings.database_path)


class TestRefusals:
    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (lambda path: path.unlink(), "is not a file: name a backup"),
            (lambda path: path.write_bytes(b""), "holds no tables"),
            (lambda path: path.write_text("not a database " * 1_000), "is not an SQLite database"),
            (lambda path: os.truncate(path, path.stat().st_size // 2), "is damaged|malformed"),
            (
                lambda path: changed(path, "UPDATE alembic_version SET version_num = '9999'"),
                "a newer version of Trialmark",
            ),
            (
                lambda path: changed(path, "UPDATE alembic_version SET version_num = 'ab12'"),
                "a schema that Trialmark does not know",
            ),
            (lambda path: changed(path, "DROP TABLE alembic_version"), "tables of another program"),
            (
                lambda path: changed(path, "DELETE FROM source_document"),
                "failed verification: 2 trials, but 0 stored documents",
            ),
        ],
        ids=["missing", "empty", "text", "cut", "newer", "unknown", "foreign", "without-documents"],
    )
    def test_a_backup_that_is_none_leaves_the_database_as_it_was(
        self,
        ingest: Ingest,
        engine: Engine,
        settings: Settings,
        backup: Path,
        spoil: Callable[[Path], object],
        said: str,
    ) -> None:
        ingest([study("NCT00000009")])
        engine.dispose()
        content = settings.database_path.read_bytes()
        files = set(settings.database_path.parent.iterdir())
        spoil(backup)
        with pytest.raises(ExpectedError, match=said):
            restore(backup, settings)
        assert settings.database_path.read_bytes() == content
        assert set(settings.database_path.parent.iterdir()) - {backup} == files - {backup}

    def test_the_database_itself_is_no_backup(self, settings: Settings) -> None:
        with pytest.raises(ExpectedError, match="is the database itself"):
            restore(settings.database_path, settings)

    def test_a_database_of_another_program_is_not_replaced(self, backup: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.db"
        changed(other, "CREATE TABLE account (id INTEGER)")
        with pytest.raises(ExpectedError, match="tables of another program"):
            restore(backup, settings_of(other))
        assert one_value(other, "SELECT count(*) FROM account") == 0

    def test_under_a_writing_transaction_it_refuses(
        self, engine: Engine, settings: Settings, backup: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(swap, "_PATIENCE_MS", 50)
        with (
            engine.begin(),
            pytest.raises(ExpectedError, match="locked by another process, perhaps an ingest"),
        ):
            restore(backup, settings)
        assert trials_in(settings.database_path) == []

    def test_under_a_run_it_refuses(self, settings: Settings, backup: Path) -> None:
        with Path(f"{settings.database_path}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(ExpectedError, match="another run is writing"):
                restore(backup, settings)
        assert trials_in(settings.database_path) == []

    def test_under_a_reader_that_does_not_end_it_refuses(
        self,
        ingest: Ingest,
        engine: Engine,
        settings: Settings,
        backup: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The reader keeps SQLite from moving what the log holds into the file."""
        monkeypatch.setattr(swap, "_PATIENCE_MS", 50)
        ingest([study("NCT00000009")])
        with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM trial").fetchone()
            ingest([study("NCT00000010")])
            with pytest.raises(ExpectedError, match="read continuously"):
                restore(backup, settings)
        assert trials_in(settings.database_path) == ["NCT00000009", "NCT00000010"]
        assert problems(engine) == []

    def test_where_the_file_cannot_be_replaced_the_log_is_where_it_was(
        self,
        ingest: Ingest,
        engine: Engine,
        settings: Settings,
        backup: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A file that is mounted by itself into a container cannot be replaced."""
        ingest([study("NCT00000009")])

        def refuse(_self: Path, _target: Path) -> Path:
            raise OSError(16, "Device or resource busy")

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", refuse)
            with pytest.raises(ExpectedError, match="cannot be replaced: device or"):
                restore(backup, settings)
        ingest([study("NCT00000010")])
        assert trials_in(settings.database_path) == ["NCT00000009", "NCT00000010"]
        assert problems(engine) == []


class TestBesideOthers:
    def test_a_log_of_before_is_never_applied_to_the_restored_database(
        self, ingest: Ingest, engine: Engine, settings: Settings, backup: Path
    ) -> None:
        ingest([study(f"NCT000001{number:02d}") for number in range(20)])
        log = Path(f"{settings.database_path}-wal")
        assert log.stat().st_size > 0  # the engine has it open
        with engine.connect() as reader:
            reader.execute(text("ROLLBACK"))
            kept = restore(backup, settings).kept
        assert kept
        assert not log.exists()
        assert trials_in(settings.database_path) == ["NCT00000001", "NCT00000002"]
        fresh = open_engine(settings)
        sync(fresh, CTGOV, source([study("NCT00000003")]), lambda *_: None)
        engine.dispose()  # its last connection closes; the log beside the path belongs to another database now
        assert trials_in(settings.database_path) == ["NCT00000001", "NCT00000002", "NCT00000003"]
        assert len(trials_in(kept)) == 20
        assert problems(fresh) == []
        fresh.dispose()

    def test_a_writer_between_two_transactions_is_told_instead_of_writing_into_nowhere(
        self, ingest: Ingest, engine: Engine, settings: Settings, backup: Path
    ) -> None:
        ingest([study("NCT00000009")])
        restore(backup, settings)
        with pytest.raises(
            DatabaseError, match="was replaced by 'trialmark restore' meanwhile: run the command again"
        ):
            ingest([study("NCT00000010")])
        engine.dispose()
        ingest([study("NCT00000010")])
        assert trials_in(settings.database_path) == ["NCT00000001", "NCT00000002", "NCT00000010"]

    def test_processes_that_open_the_database_during_the_swap_see_one_or_the_other(
        self, empty_database: Path, settings: Settings, backup: Path, tmp_path: Path
    ) -> None:
        backups = [backup, filled(empty_database, tmp_path / "other.db", "NCT00000009")]
        restore(backup, settings)
        newcomer = [sys.executable, "-m", "tests.support.newcomer", str(settings.database_path)]
        with subprocess.Popen(
            newcomer, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        ) as process:
            assert process.stdin
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            for number in range(20):
                restore(backups[number % 2], settings, NOW + timedelta(seconds=1 + number))
            process.stdin.close()
            assert process.stdout.read() == "end\n"

    def test_a_running_server_shows_the_restored_database_from_the_next_request_on(
        self, migrated: Trialmark, ingest: Ingest, engine: Engine, backup: Path
    ) -> None:
        ingest([study("NCT00000009")])
        engine.dispose()
        with migrated.served() as client:
            assert client.get("/trials/NCT00000009").status_code == 200
            said = migrated("restore", backup).stdout
            assert "The old database is kept as " in said
            found = [client.get(f"/trials/{name}").status_code for name in ("NCT00000009", "NCT00000001")]
            assert found == [404, 200]
            assert client.get("/trials").status_code == 200
        assert migrated("check").stdout == "Everything agrees.\n"
        with migrated.served() as client:
            assert client.get("/trials/NCT00000001").status_code == 200


class TestPlaces:
    @pytest.mark.parametrize(
        "spoil", [Path.unlink, lambda path: path.write_text("damaged " * 4_000)], ids=["missing", "damaged"]
    )
    def test_a_lost_database_can_be_restored(
        self, engine: Engine, settings: Settings, backup: Path, spoil: Callable[[Path], object]
    ) -> None:
        engine.dispose()
        spoil(settings.database_path)
        restore(backup, settings)
        assert problems(engine) == []
        assert trials_in(settings.database_path) == ["NCT00000001", "NCT00000002"]

    def test_a_log_of_a_database_that_is_gone_is_set_aside(
        self, settings: Settings, ingest: Ingest, engine: Engine, backup: Path
    ) -> None:
        ingest([study("NCT00000009")])
        log = Path(f"{settings.database_path}-wal")
        left = log.read_bytes()
        engine.dispose()
        settings.database_path.unlink()
        log.write_bytes(left)
        restore(backup, settings)
        assert trials_in(settings.database_path) == ["NCT00000001", "NCT00000002"]
        (aside,) = settings.database_path.parent.glob("*before-restore*-wal")
        assert aside.read_bytes() == left

    def test_behind_a_link_the_file_that_it_leads_to_is_replaced(
        self, settings: Settings, backup: Path, tmp_path: Path
    ) -> None:
        link = tmp_path / "link.db"
        link.symlink_to(settings.database_path)
        restore(backup, settings_of(link))
        assert link.is_symlink()
        assert trials_in(settings.database_path) == ["NCT00000001", "NCT00000002"]

    def test_the_folder_is_made_where_there_is_none(self, backup: Path, tmp_path: Path) -> None:
        settings = settings_of(tmp_path / "new" / "100%.db")
        settings = Settings(database_url=f"sqlite:///{tmp_path}/new/100%25.db")
        restore(backup, settings)
        migrate(settings)
        assert trials_in(tmp_path / "new" / "100%.db") == ["NCT00000001", "NCT00000002"]


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
