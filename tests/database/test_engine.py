"""The schema, its migrations, and the two kinds of engine."""

import re
import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from app import database
from app.database.engine import (
    DatabaseNotReadyError,
    alembic_config,
    migrate,
    open_engine,
    reading,
    require_current_schema,
    writing,
)
from app.models import ListedFacts
from app.paths import MIGRATIONS
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('alembic_version', 'trial_text')"
)
FIRST_ROWS = (
    """
    INSERT INTO trial (
        id, registry_name, registry_id, is_synthetic, title, has_results, location_count
    ) VALUES (1, 'ctgov', 'NCT00000001', 0, 'One', 0, 1), (2, 'ctgov', 'NCT00000002', 1, 'Two', 1, 0)
    """,
    "INSERT INTO trial_text (rowid, title, conditions) VALUES (1, 'One', 'Asthma'), (2, 'Two', 'Asthma')",
    "UPDATE trial_text SET summary = 'Wheezing' WHERE rowid = 1",
    "INSERT INTO source_document VALUES (1, x'01', x'02', '2026-01-01 00:00:00.000000', '2026-01-01')",
    """
    INSERT INTO condition (id, slug, name, mesh_id)
    VALUES (1, 'asthma', 'Asthma', 'D001249'), (2, 'back-pain', 'Back pain', NULL), (3, 'lungs', 'Lungs', 'D1')
    """,
    """
    INSERT INTO trial_condition
    VALUES (1, 1, 'stated', 0), (1, 2, 'stated', 1), (1, 3, 'broader', 2), (2, 1, 'stated', 0), (2, 3, 'mesh', 1)
    """,
    "INSERT INTO location (trial_id, position, country) VALUES (1, 0, 'France')",
    "INSERT INTO facet_posting VALUES ('condition', 'asthma', 'Asthma', 2, 2, x'00')",
    "INSERT INTO data_version VALUES (1, 7, '2026-01-01 00:00:00.000000')",
)


def rows(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


class TestMigrations:
    def test_an_empty_file_is_brought_to_the_newest_revision_and_stays_there(self, tmp_path: Path) -> None:
        settings = Settings(database_url=f"sqlite:///{tmp_path}/a/b/new.db")
        for _ in range(2):
            migrate(settings)
        engine = open_engine(settings)
        require_current_schema(engine)
        tables = {name for (name,) in rows(engine, "SELECT name FROM sqlite_master WHERE type = 'table'")}
        engine.dispose()
        assert {table.name for table in SQLModel.metadata.sorted_tables} | {"trial_text"} <= tables

    def test_models_and_migrations_say_the_same(self, settings: Settings) -> None:
        command.check(alembic_config(settings))

    def test_migrations_are_one_chain_without_a_way_back(self, settings: Settings) -> None:
        script = ScriptDirectory.from_config(alembic_config(settings))
        assert len(script.get_heads()) == len(script.get_bases()) == 1
        revisions = list(script.walk_revisions())
        assert len(revisions) == len(list((MIGRATIONS / "versions").glob("*.py")))
        for revision in revisions:
            assert isinstance(revision.down_revision, str | None)
            assert not hasattr(revision.module, "downgrade")
            assert Path(revision.path).name.startswith(f"{revision.revision}_")

    def test_rows_of_the_first_revision_are_kept_and_what_they_state_is_listed(self, tmp_path: Path) -> None:
        settings = Settings(database_url=f"sqlite:///{tmp_path}/old.db")
        command.upgrade(alembic_config(settings), "0001")
        engine = open_engine(settings)
        with engine.begin() as connection:
            for statement in FIRST_ROWS:
                connection.execute(text(statement))
        tables = [name for (name,) in rows(engine, TABLES)]
        before = {table: rows(engine, f'SELECT * FROM "{table}"') for table in tables}
        migrate(settings)
        del before["location"]  # the sites on a trial's page come from its document
        for table, kept in before.items():
            found = rows(engine, f'SELECT * FROM "{table}"')
            assert [row[: len(old)] for row, old in zip(found, kept, strict=True)] == kept
        one, two = (
            ListedFacts.of_json(str(facts)) for (facts,) in rows(engine, "SELECT facts FROM trial_listing")
        )
        assert (one.registry_id, one.title, one.conditions) == ("NCT00000001", "One", ["Asthma", "Back pain"])
        assert (two.is_synthetic, two.has_results, two.conditions) == (True, True, ["Asthma"])
        assert rows(engine, "SELECT DISTINCT manner, words FROM trial_condition") == [("", "")]
        assert rows(engine, "SELECT rowid FROM trial_text WHERE trial_text MATCH 'wheezing'") == [(1,)]
        assert rows(engine, "PRAGMA foreign_key_check") == []
        assert rows(engine, "SELECT registry_number FROM trial") == [(1,), (2,)]
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM trial WHERE id = 2"))
        assert rows(engine, "SELECT DISTINCT trial_id FROM trial_condition") == [(1,)]
        engine.dispose()

    def test_a_migration_that_fails_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        scripts = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
        head = ScriptDirectory.from_config(alembic_config(settings)).get_current_head()
        (scripts / "versions" / "9999_fails.py").write_text(
            "from alembic import op\n"
            f"revision = '9999'\ndown_revision = '{head}'\n"
            "def upgrade():\n"
            "    op.execute('CREATE TABLE half_done (id INTEGER)')\n"
            "    raise RuntimeError('in the middle')\n"
        )
        monkeypatch.setattr("app.database.engine.MIGRATIONS", scripts)
        with pytest.raises(RuntimeError, match="in the middle"):
            migrate(settings)
        engine = open_engine(settings)
        assert rows(engine, "SELECT name FROM sqlite_master WHERE name = 'half_done'") == []
        assert rows(engine, "SELECT version_num FROM alembic_version") == [(head,)]
        engine.dispose()

    def test_a_percent_sign_in_the_path_is_a_percent_sign(self, tmp_path: Path) -> None:
        settings = Settings(database_url=f"sqlite:///{tmp_path}/100%25.db")
        migrate(settings)
        assert settings.database_path.exists()


class TestCurrentSchema:
    def test_a_database_without_tables_is_told_from_an_old_one(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        new = Settings(database_url=f"sqlite:///{tmp_path}/new.db")
        with pytest.raises(DatabaseNotReadyError, match="has no tables yet: run 'trialmark migrate'"):
            require_current_schema(open_engine(new))
        engine = open_engine(settings)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        said = r"has schema 0001, this program needs \d{4}: run 'trialmark migrate --reindex'"
        with pytest.raises(DatabaseNotReadyError, match=said):
            require_current_schema(engine)
        engine.dispose()


class TestEngines:
    @pytest.mark.parametrize(
        "statement",
        ["DELETE FROM trial", "INSERT INTO trial_text (title) VALUES ('x')", "DROP TABLE trial", "VACUUM"],
    )
    def test_a_read_only_engine_refuses_every_write(self, settings: Settings, statement: str) -> None:
        engine = open_engine(settings, read_only=True)
        with engine.connect() as connection, pytest.raises(OperationalError):
            connection.execute(text(statement))
        engine.dispose()

    def test_pragmas_are_set_on_every_connection(self, settings: Settings) -> None:
        for read_only in (True, False):
            engine = open_engine(settings, read_only=read_only)
            with engine.connect() as connection:
                found = {
                    name: connection.execute(text(f"PRAGMA {name}")).scalar()
                    for name in ("foreign_keys", "busy_timeout", "query_only")
                }
            waits = 2_000 if read_only else 10_000
            assert found == {"foreign_keys": 1, "busy_timeout": waits, "query_only": int(read_only)}
            engine.dispose()

    def test_a_new_database_is_ready_for_readers_beside_a_writer(self, settings: Settings) -> None:
        """Switching to the write-ahead log later would need a moment without any reader."""
        pages = open_engine(settings, read_only=True)
        assert rows(pages, "PRAGMA journal_mode") == [("wal",)]
        pages.dispose()

    def test_reads_of_one_session_are_one_snapshot(self, engine: Engine, settings: Settings) -> None:
        engine.connect().close()
        pages = open_engine(settings, read_only=True)
        count = text("SELECT count(*) FROM sponsor")
        with reading(pages) as session:
            assert session.execute(count).scalar() == 0
            with writing(engine) as other:
                other.execute(text("INSERT INTO sponsor (slug, name) VALUES ('a', 'A')"))
            assert session.execute(count).scalar() == 0
        with reading(pages) as session:
            assert session.execute(count).scalar() == 1
        pages.dispose()

    def test_a_transaction_that_fails_keeps_nothing(self, engine: Engine) -> None:
        def write_and_fail() -> None:
            with writing(engine) as session:
                session.execute(text("INSERT INTO sponsor (slug, name) VALUES ('a', 'A')"))
                raise RuntimeError("in the middle")

        with pytest.raises(RuntimeError):
            write_and_fail()
        assert rows(engine, "SELECT * FROM sponsor") == []

    def test_a_load_refreshes_what_the_planner_knows(self, engine: Engine, ingest: Ingest) -> None:
        ingest([study() for _ in range(50)])
        tables = rows(engine, "SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'")
        assert tables == [("sqlite_stat1",)]
        known = {table for (table,) in rows(engine, "SELECT DISTINCT tbl FROM sqlite_stat1")}
        assert {"trial", "trial_condition", "trial_country", "condition"} <= known
        assert known.isdisjoint({"source_document", "trial_listing", "trial_text_content"})


def test_tables_are_never_made_beside_the_migrations() -> None:
    app = Path(database.__file__).parents[1]
    assert not [file for file in app.rglob("*.py") if re.search(r"\bcreate_all\b", file.read_text())]
