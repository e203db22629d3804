"""Whatever is wrong with the database, each command says it in one line, and neither creates nor loses anything."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from sqlalchemy import Engine

from app import cli
from app.database.standing import revisions_in
from app.paths import MIGRATIONS
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study
from tests.support.databases import as_ordinary_user
from tests.support.old_databases import make_old_database

NEED_ONE = (["status"], ["serve", "--port", "0"], ["check"], ["reindex"], ["backup", "copy.db"])
"""Commands that need an existing database."""
MAKE_ONE = (["migrate"], ["ingest", "records.ndjson"], ["mesh", "mesh.xml"], ["demo", "--port", "0"])
ALL = (*NEED_ONE, *MAKE_ONE)
STALE = "an earlier version of Trialmark derived the stored data from the registry's records: run 'trialmark reindex'"


class Answer(NamedTuple):
    code: int
    output: str
    line: str


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run a command in this process, in a folder with the files that the commands read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "records.ndjson").write_text("{}\n")
    (tmp_path / "mesh.xml").write_text(
        "<DescriptorRecordSet LanguageCode='eng'></DescriptorRecordSet>", encoding="utf-8"
    )

    def run(path: Path, *arguments: str) -> Answer:
        monkeypatch.setenv("TRIALMARK_DATABASE_URL", f"sqlite:///{path}")
        monkeypatch.setattr("sys.argv", ["trialmark", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        lines = output.err.splitlines()
        return Answer(int(str(ended.value.code or 0)), output.out, lines[-1] if lines else "")

    return run


def by_words(arguments: list[str]) -> str:
    return arguments[0]


@pytest.mark.parametrize("arguments", NEED_ONE, ids=by_words)
@pytest.mark.parametrize("place", ["mistyped.db", "missing/trialmark.db"])
def test_a_mistyped_path_is_named_and_nothing_is_made(
    run: Callable[..., Answer], tmp_path: Path, arguments: list[str], place: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    answer = run(tmp_path / place, *arguments)
    assert answer.code == 1
    assert answer.line.startswith(
        f"trialmark: there is no database at {tmp_path / place} (TRIALMARK_DATABASE_URL): "
    )
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("arguments", ALL, ids=by_words)
def test_a_folder_is_no_database(run: Callable[..., Answer], tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "folder").mkdir()
    answer = run(tmp_path / "folder", *arguments)
    assert answer.code == 1
    assert "is a folder, not a database" in answer.line
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.mark.parametrize("arguments", ALL, ids=by_words)
def test_a_file_of_something_else_stays_as_it_was(
    run: Callable[..., Answer], tmp_path: Path, arguments: list[str]
) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear colleague, " * 1_000)
    answer = run(path, *arguments)
    assert answer.code == 1
    assert f"{path} is not an SQLite database (file is not a database)" in answer.line
    assert path.read_text() == "Dear colleague, " * 1_000


@pytest.mark.parametrize("arguments", [each for each in ALL if each[0] != "backup"], ids=by_words)
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "a newer version of Trialmark (schema 9999, this program",
        ),
        (
            "UPDATE alembic_version SET version_num = 'c0ffee'",
            "a schema that Trialmark does not know ('c0ffee')",
        ),
        ("DROP TABLE alembic_version", "the database contains tables of another program"),
    ],
    ids=["newer", "unknown", "foreign"],
)
def test_a_database_that_is_not_this_programs_is_left_alone(
    run: Callable[..., Answer], settings: Settings, arguments: list[str], statement: str, said: str
) -> None:
    changed(settings.database_path, statement)
    before = settings.database_path.read_bytes()
    answer = run(settings.database_path, *arguments)
    assert (answer.code, said in answer.line) == (1, True), answer
    assert settings.database_path.read_bytes() == before


@pytest.mark.parametrize("arguments", [["status"], ["migrate"], ["backup", "copy.db"]], ids=by_words)
def test_a_locked_database_is_said_to_be(
    run: Callable[..., Answer], settings: Settings, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    changed(settings.database_path, "PRAGMA journal_mode = DELETE")
    monkeypatch.setattr("app.database.sqlite_file._BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr("app.custody.copying._BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = run(settings.database_path, *arguments)
    assert answer.code == 1
    assert "is locked by another process, perhaps an ingest: run the command again" in answer.line


class TestDerivation:
    @pytest.fixture
    def stale(self, ingest: Ingest, engine: Engine, settings: Settings) -> Path:
        ingest([study("NCT00000001")])
        engine.dispose()
        changed(settings.database_path, "UPDATE data_version SET derived_by = 0")
        return settings.database_path

    @pytest.mark.parametrize("command", ["serve", "check"])
    def test_rows_derived_by_other_code_are_not_served_and_the_command_that_fixes_them_is_named(
        self, run: Callable[..., Answer], stale: Path, command: str
    ) -> None:
        answer = run(stale, command)
        assert answer.code == 1
        assert answer.line == f"trialmark: {STALE}"

    def test_migrate_announces_a_reindex_and_does_it_when_asked(
        self, run: Callable[..., Answer], stale: Path
    ) -> None:
        assert (
            "another version made the derived data: run 'trialmark reindex'" in run(stale, "migrate").output
        )
        assert run(stale, "migrate", "--reindex").output.endswith(
            "The schema is up to date; 1 trials reindexed.\n"
        )
        assert run(stale, "migrate", "--reindex").output == "The schema is up to date.\n"
        assert run(stale, "check").output == "Everything agrees.\n"

    def test_status_says_so_and_still_counts_the_trials(
        self, run: Callable[..., Answer], stale: Path
    ) -> None:
        lines = run(stale, "status").output.splitlines()
        assert lines[0].startswith(f"Database:       {stale}, ")
        assert lines[1:4] == [
            f"Schema:         {revisions_in(MIGRATIONS)[-1]}",
            f"Derived:        {STALE}",
            "Trials:         1",
        ]

    def test_an_unattended_ingest_reindexes_before_it_adds(
        self, run: Callable[..., Answer], tmp_path: Path
    ) -> None:
        """An upgrade therefore stops no nightly run, and mixes no old data with new."""
        make_old_database(tmp_path / "old.db", "0003", "real")
        answer = run(tmp_path / "old.db", "ingest", "records.ndjson")
        assert answer.line == "trialmark: no record could be read"
        assert "3 trials reindexed, because another version had derived them." in answer.output
        assert run(tmp_path / "old.db", "check").output == "Everything agrees.\n"

    def test_real_trials_of_an_earlier_version_are_not_migrated_for_a_demonstration(
        self, run: Callable[..., Answer], tmp_path: Path
    ) -> None:
        make_old_database(tmp_path / "old.db", "0003", "real")
        before = (tmp_path / "old.db").read_bytes()
        assert "holds 3 real trials" in run(tmp_path / "old.db", "demo", "--port", "0").line
        assert (tmp_path / "old.db").read_bytes() == before


@pytest.fixture
def open_folder(settings: Settings) -> Iterator[Path]:
    """Make a database in a folder that an ordinary user can reach; where root runs the tests, `tmp_path` is none."""
    with TemporaryDirectory(prefix="trialmark-test-") as folder:
        shutil.copy(settings.database_path, folder)
        yield Path(folder)


class TestPermissions:
    @pytest.mark.parametrize(
        "arguments", [["migrate"], ["reindex"], ["ingest", "records.ndjson"]], ids=by_words
    )
    def test_a_read_only_folder_is_named_as_such(
        self, run: Callable[..., Answer], open_folder: Path, arguments: list[str]
    ) -> None:
        with as_ordinary_user(owned=open_folder):
            open_folder.chmod(0o500)
            answer = run(open_folder / "trialmark.db", *arguments)
            open_folder.chmod(0o700)
        assert answer.code == 1
        assert "this user" in answer.line

    def test_a_file_that_cannot_be_read_is_named(self, run: Callable[..., Answer], open_folder: Path) -> None:
        path = open_folder / "trialmark.db"
        path.chmod(0)
        with as_ordinary_user(owned=open_folder):
            line = run(path, "status").line
        assert str(path) in line
        assert "this user" in line


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
