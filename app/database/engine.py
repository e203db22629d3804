"""The engine and its two kinds of session: read-only snapshots for pages, read-write for ingest."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, create_engine

from app.database.disk_space import require_room
from app.database.sqlite_file import opened
from app.database.standing import (
    Standing,
    read_standing,
    revisions_in,
    why_derivation_differs,
    why_not_ours,
    why_schema_differs,
)
from app.failures import ExpectedError
from app.models import DERIVATION
from app.paths import MIGRATIONS
from app.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

_WRITER_WAITS_MS = 10_000
_READER_WAITS_MS = 2_000
"""The time to wait for a lock. A page that waits longer holds up other pages; "try again" is the better answer."""
_MOST_WAITS = 90
"""Waits of ten seconds each for another process that writes: a quarter of an hour."""
_READER_CACHE_KIB = 16_384
"""SQLite's page cache for each connection; a busy worker has as many connections as threads.

This holds the lengths of 600,000 texts (13 MB), by which words are ranked. Without it, ranking takes three times as
long.
"""
_WRITER_CACHE_KIB = 57_344
_PAGE_SIZE = 8_192
"""The page size of a new file in bytes; an older file keeps its own.

A load has half as many pages to write as with SQLite's 4,096.
"""
_CHECKPOINT_AFTER = 8_192
"""Pages written between two checkpoints, 64 MB.

A checkpoint copies all of them to the database file, so a page that many batches touch is copied only once.
"""
_ANALYZED_ROWS = 1_000
_INDEXED = text(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
    "AND (wr OR name IN (SELECT tbl_name FROM sqlite_schema WHERE type = 'index'))"
)
"""The tables that have an index. A table without row ids is an index itself."""
_DERIVE_NOTHING = text(
    "UPDATE data_version SET derived_by = :derivation "
    "WHERE derived_by <> :derivation AND NOT EXISTS (SELECT 1 FROM trial)"
)


class DatabaseNotReadyError(ExpectedError):
    """The schema is missing, foreign or cannot be created, or other code derived the data."""


def open_engine(settings: Settings, *, read_only: bool = False) -> Engine:
    """Open the database for a process.

    A read-only engine refuses every write, whatever the code above it does. It creates no file: a missing database is
    an error. It also leaves the write-ahead log alone when its last connection closes. SQLite would otherwise delete
    the log by its name, which belongs to another database once the files have been swapped.
    """
    engine = create_engine(
        settings.database_url,
        pool_size=8,
        max_overflow=32,
        pool_use_lifo=True,
        hide_parameters=True,  # error messages go to the log, and parameters hold what readers search for
        **({"creator": _read_only_connection(settings.database_path)} if read_only else {}),
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: SqliteConnection, _record: Any) -> None:
        connection.isolation_level = None  # the driver's implicit BEGIN would split reads from their snapshot
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_READER_WAITS_MS if read_only else _WRITER_WAITS_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB if read_only else _WRITER_CACHE_KIB}")
        cursor.execute("PRAGMA temp_store = MEMORY")
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = NORMAL")
            cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_AFTER}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if read_only:
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection)

    return engine


def _read_only_connection(path: Path) -> Callable[[], SqliteConnection]:
    address = f"file:{quote(str(path))}?mode=ro"
    return partial(sqlite3.connect, address, uri=True, check_same_thread=False)


def fold_log_into_file(settings: Settings) -> None:
    """Copy the write-ahead log into the database file and remove it, unless another process has the database open.

    SQLite does this when the last connection that may write closes; connections that only read do not. A failure
    changes nothing.
    """
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(settings.database_path))}?mode=rw", uri=True, timeout=0
        )
    except sqlite3.Error:
        return
    try:
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        pass
    finally:
        connection.close()


def _begin_writing(connection: Any) -> None:
    """Begin a transaction that writes; while another process writes, wait for it and say so."""
    for _ in range(_MOST_WAITS):
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorname", "") != "SQLITE_BUSY":
                raise
            sys.stderr.write("Waiting for another run to finish writing to the database\n")
        else:
            return
    minutes = _MOST_WAITS * _WRITER_WAITS_MS // 60_000
    raise DatabaseNotReadyError(
        f"another run has been writing for over {minutes} minutes: run this again when it has finished"
    )


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session in which all reads see the same snapshot of the database."""
    with Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open a session with one transaction, which is committed at the end and rolled back on an exception."""
    with Session(engine) as session, session.begin():
        yield session


def migrate(settings: Settings, announce: Callable[[str], None] = lambda _: None) -> None:
    """Bring the schema to the newest version; an up-to-date schema is left alone.

    Each migration is one transaction: an interrupted one leaves the database at the version before. `announce` is
    called for each migration that works on data.

    Raises:
        ExpectedError: the file cannot be created, belongs to another program or a newer version, or the disk has too
            little room; the file stays as it was.
    """
    path = settings.database_path
    standing = read_file_standing(path) if path.exists() else Standing(None)
    if reason := why_not_ours(standing, revisions_in(MIGRATIONS)):
        raise DatabaseNotReadyError(reason)
    _make_folder(path.parent)
    _switch_to_write_ahead_log(settings)
    if standing.revision != program_revision():
        _upgrade(settings, standing, announce)
    if not standing.has_trials:
        _note_derivation_of_nothing(settings)


def read_file_standing(path: Path) -> Standing:
    """Read the schema version and the derivation of a database file, without writing to it.

    Raises:
        DatabaseFileError: the file is missing or cannot be opened.
    """
    with opened(path) as connection:
        return read_standing(lambda statement: connection.execute(statement).fetchall())


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseNotReadyError(f"the folder {folder} cannot be created: {error.strerror}") from error


def _switch_to_write_ahead_log(settings: Settings) -> None:
    """Switch to write-ahead logging while nobody reads a new file.

    Later, the switch would have to wait for a moment without readers.
    """
    engine = open_engine(settings)
    engine.connect().close()
    engine.dispose()


def _upgrade(settings: Settings, standing: Standing, announce: Callable[[str], None]) -> None:
    from alembic import command  # noqa: PLC0415  only here: it takes as long to import as all of this module
    from alembic.script import ScriptDirectory  # noqa: PLC0415  as above

    config = alembic_config(settings)
    scripts = ScriptDirectory.from_config(config)
    wanted = [script for script in scripts.walk_revisions() if script.revision > (standing.revision or "")]
    if standing.has_trials and any(hasattr(script.module, "SPACE_BY_FILE_SIZE") for script in wanted):
        share = max(getattr(script.module, "SPACE_BY_FILE_SIZE", 0.0) for script in wanted)
        path = settings.database_path
        require_room(
            path.parent, round(share * path.stat().st_size), f"Migrating {path} to the newest schema"
        )
    for script in reversed(wanted):
        if standing.has_trials:
            announce(f"Migrating to schema {script.revision}: {script.doc}")
        command.upgrade(config, script.revision)


def _note_derivation_of_nothing(settings: Settings) -> None:
    """Record the current derivation in a database without trials, so that the first trials need no reindex."""
    engine = open_engine(settings)
    with writing(engine) as session:
        session.execute(_DERIVE_NOTHING, {"derivation": DERIVATION})
    engine.dispose()


def alembic_config(settings: Settings) -> "Config":
    """Configure Alembic for the program's migrations and the settings' database."""
    from alembic.config import Config  # noqa: PLC0415  as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", settings.database_url.replace("%", "%%"))
    return config


def require_current_schema(engine: Engine) -> None:
    """Raise DatabaseNotReadyError, naming the command that helps, unless the schema is the program's own."""
    if reason := why_schema_differs(_standing(engine), revisions_in(MIGRATIONS)):
        raise DatabaseNotReadyError(reason)


def require_current_derivation(engine: Engine) -> None:
    """Raise DatabaseNotReadyError, naming the command that helps, if other code derived the data that pages show."""
    if reason := why_derivation_differs(_standing(engine)):
        raise DatabaseNotReadyError(reason)


def _standing(engine: Engine) -> Standing:
    with engine.connect() as connection:
        return read_standing(lambda statement: connection.exec_driver_sql(statement).all())


def program_revision() -> str:
    """Return the schema version that this program reads and writes."""
    return revisions_in(MIGRATIONS)[-1]


def optimize(engine: Engine) -> None:
    """Refresh the query planner's statistics from samples after a load: quick at any size.

    Tables without an index are left out. The planner has no choice there, and SQLite would count all of their pages.
    """
    with engine.begin() as connection:
        connection.execute(text(f"PRAGMA analysis_limit = {_ANALYZED_ROWS}"))
        for table in connection.execute(_INDEXED).scalars().all():
            connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.quote(table)}")
