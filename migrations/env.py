"""The entry point of Alembic: runs migrations in one transaction; `trialmark migrate` runs one revision at a time."""

from sqlite3 import Connection as SqliteConnection

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import SQLModel

import app.models  # noqa: F401  declares the tables

_BUSY_TIMEOUT_MS = 10_000
_FULL_TEXT = ("trial_text", "trial_trace", "suggestion_text")


def _is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Exclude the full-text tables and their companions, which are written by hand and have no model."""
    return not (kind == "table" and (name or "").startswith(_FULL_TEXT))


def _make_ddl_transactional(engine: Engine) -> None:
    """Make the driver keep CREATE statements in the transaction, so that a failed migration leaves nothing behind.

    By default, the driver commits before each of them.
    """

    @event.listens_for(engine, "connect")
    def _no_implicit_transactions(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("run migrations with 'trialmark migrate', which knows the database")
    engine = create_engine(url)
    _make_ddl_transactional(engine)
    with engine.connect() as connection, connection.begin():
        context.configure(connection=connection, target_metadata=SQLModel.metadata, include_object=_is_ours)
        context.run_migrations()  # reads the current revision under the lock, so that two migrations take turns
    engine.dispose()


_migrate()
