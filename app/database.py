"""The engine and its two kinds of session: read-only snapshots for pages, read-write for ingest."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Engine, event, text
from sqlmodel import Session, create_engine

from app.failures import ExpectedError
from app.paths import MIGRATIONS
from app.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

_WRITER_WAITS_MS = 10_000
_READER_WAITS_MS = 2_000
"""For a lock. A page that waits longer holds up the others, and is better answered with "try again"."""
_READER_CACHE_KIB = 16_384
"""Of each connection, of which a busy worker has as many as threads: room for the lengths of 600,000 texts, 13 MB, by
which words are ranked, in a third of the time that it takes without.
"""
_WRITER_CACHE_KIB = 57_344
_PAGE_SIZE = 8_192
"""Bytes, of a new file; an older one keeps its own. A load has half as many pages to write as with SQLite's 4,096."""
_CHECKPOINT_AFTER = 8_192
"""Pages written, 64 MB: each time all of them go to the disk, and pages that many batches touch go once."""
_ANALYSED_ROWS = 1_000
_INDEXED = text(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
    "AND (wr OR name IN (SELECT tbl_name FROM sqlite_schema WHERE type = 'index'))"
)
"""One without row ids is an index itself."""
_REVISION = text("SELECT version_num FROM alembic_version")


class DatabaseNotReadyError(ExpectedError):
    """The schema is missing, older than the program, or cannot be made."""


def open_engine(settings: Settings, *, read_only: bool = False) -> Engine:
    """Open the database for a process.

    A read-only engine refuses every write, whatever the code above it does, and makes no file: a database that is not
    there is an error. It also leaves the write-ahead log alone when its last connection closes; SQLite would otherwise
    delete the log by its name, which after a swap of files is another database's.
    """
    engine = create_engine(
        settings.database_url,
        pool_size=8,
        max_overflow=32,
        pool_use_lifo=True,
        hide_parameters=True,  # an error's text goes to the log, and parameters are what readers search for
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
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _read_only_connection(path: Path) -> Callable[[], SqliteConnection]:
    address = f"file:{quote(str(path))}?mode=ro"
    return partial(sqlite3.connect, address, uri=True, check_same_thread=False)


def fold_log_into_file(settings: Settings) -> None:
    """Write what is in the write-ahead log into the database file and remove the log, unless someone else has it open.

    SQLite does so when the last connection that may write closes; readers leave it undone. A failure changes nothing.
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


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One snapshot of the database for all reads inside."""
    with Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction: all of it is kept, or on an exception none."""
    with Session(engine) as session, session.begin():
        yield session


def migrate(settings: Settings) -> None:
    """Bring the schema to the newest revision; an up-to-date one is left alone.

    Raises:
        DatabaseNotReadyError: the folder of the database cannot be made.
    """
    folder = settings.database_path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseNotReadyError(f"the folder {folder} cannot be made: {error.strerror}") from error
    engine = open_engine(settings)
    engine.connect().close()  # switches a new file to WAL while nobody reads it
    engine.dispose()
    from alembic import command  # noqa: PLC0415  only here: it takes as long to import as all of this module

    command.upgrade(alembic_config(settings), "head")


def alembic_config(settings: Settings) -> "Config":
    from alembic.config import Config  # noqa: PLC0415  as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", settings.database_url.replace("%", "%%"))
    return config


def require_current_schema(engine: Engine) -> None:
    """Raise DatabaseNotReadyError, with the command that helps, unless the schema is the program's own."""
    with engine.connect() as connection:
        has_any = connection.dialect.has_table(connection, "alembic_version")
        found = connection.execute(_REVISION).scalar() if has_any else None
    expected = program_revision()
    if found != expected:
        state = "has no tables yet" if found is None else f"is at revision {found}, not {expected}"
        raise DatabaseNotReadyError(f"the database {state}: run 'trialmark migrate'")


def program_revision() -> str:
    """The revision of the schema that this program reads and writes."""
    return max(script.name.partition("_")[0] for script in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def optimise(engine: Engine) -> None:
    """Refresh the planner's statistics after a load, from samples: quick on any size.

    A table without an index has nothing to choose from, and would be counted to its last page.
    """
    with engine.begin() as connection:
        connection.execute(text(f"PRAGMA analysis_limit = {_ANALYSED_ROWS}"))
        for table in connection.execute(_INDEXED).scalars().all():
            connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.quote(table)}")
