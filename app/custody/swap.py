"""Replaces the database file while servers may have it open for reading.

SQLite finds a database's write-ahead log (-wal) and the log's index (-shm) by the database's path, but a process that
has the old file open also keeps the old log and index open. Three things must not happen: the old log is applied to the
new file; a process opens the old file with the new log; a writer goes on writing to the old file without noticing. So:

1. Refuse if a run (ingest, mesh, reindex) is under way, because it would go on with what it has read.
2. Empty the old log into the old file and take the write lock, so that the old file is and stays complete without it.
3. Block processes that open the database, by locking the byte that SQLite locks before it reads a database.
4. Remove the old log and index, give the old file a second name, and rename the new file over the first name.
5. Add a trigger to the old file that refuses changes: a writer between two transactions fails at its next one.

Processes that have the old file open go on reading it. SQLite sees that the file was moved, so it leaves the new log
alone when it closes the old file. A server notices the new file by itself and opens it.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import sleep

from app.custody.copying import CopyError, keep_on_disk
from app.custody.interruption import uninterrupted
from app.database.sqlite_file import beside, explained, lock_of
from app.failures import ExpectedError

REPLACED = "restore_replaced_this_file"
"""The name of the trigger in a replaced file that refuses changes."""

_LOG = ("-wal", "-shm")
_DAMAGE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_HAS_DATA_VERSION = "SELECT 1 FROM sqlite_schema WHERE name = 'data_version'"
_PENDING_BYTE = 0x40000000
"""The byte that SQLite read-locks for an instant before it reads a database (https://sqlite.org/lockingv3.html)."""
_PATIENCE_MS = 5_000
_ATTEMPTS = 6
"""Attempts to take the write lock at a moment when the log is empty."""
_LOCK_ATTEMPTS = 200
_BETWEEN_LOCK_ATTEMPTS_S = 0.01
_REFUSE_CHANGES = f"""
CREATE TRIGGER {REPLACED} BEFORE UPDATE ON data_version
BEGIN SELECT RAISE(ABORT, 'the database was replaced by ''trialmark restore'' meanwhile: run the command again'); END
"""


class DatabaseInUseError(ExpectedError):
    """Another process is writing to the database, or reading it for a long time."""


def swap_in(new: Path, database: Path, kept: Path) -> None:
    """Rename the new file over the database and keep the old file as `kept`.

    All three are in one folder. The new file has no log.

    Raises:
        DatabaseInUseError: the database cannot be replaced now; nothing has changed.
    """
    if not database.exists():
        with uninterrupted(), _log_moved_to(database, kept):
            _rename(new, database)
        return
    with (
        _no_run_under_way(database),
        _write_locked(database) as old,
        _opens_blocked(database),
        uninterrupted(),
    ):
        with _log_moved_to(database, kept):
            _link_as(database, kept)
            _rename(new, database)
        if old is not None:
            old.execute("COMMIT")
        for ending in _LOG:
            beside(kept, ending).unlink(missing_ok=True)


@contextmanager
def _no_run_under_way(database: Path) -> Iterator[None]:
    """Hold the lock that only one run at a time can have, or refuse if a run has it."""
    with lock_of(database).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseInUseError(
                f"nothing was restored: another run is writing to {database}: run the command again afterwards"
            ) from error
        yield


@contextmanager
def _write_locked(database: Path) -> Iterator[sqlite3.Connection | None]:
    """Hold the write lock of a database with an empty log, and prepare the trigger; yield None for a damaged file."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            _lock_with_empty_log(connection, database)
            if connection.execute(_HAS_DATA_VERSION).fetchone():
                connection.execute(_REFUSE_CHANGES)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "") not in _DAMAGE:
                raise DatabaseInUseError(f"nothing was restored: {explained(error, database)}") from error
            yield None
            return
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _lock_with_empty_log(connection: sqlite3.Connection, database: Path) -> None:
    """Begin a write transaction at a moment when the file is complete without its log."""
    log = beside(database, "-wal")
    connection.execute("PRAGMA journal_mode = WAL")  # a rollback journal would be left beside the new file
    for _ in range(_ATTEMPTS):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        if not log.exists() or log.stat().st_size == 0:
            return
        connection.execute("ROLLBACK")
    raise DatabaseInUseError(
        f"nothing was restored: {database} is being written to or read continuously: wait for the ingest, backup "
        "or export to finish, and run the command again"
    )


@contextmanager
def _opens_blocked(database: Path) -> Iterator[None]:
    """Make processes that open the database wait. Closing the descriptor releases all locks of this process."""
    descriptor = os.open(database, os.O_RDWR)
    try:
        _lock_pending_byte(descriptor, database)
        yield
    finally:
        os.close(descriptor)


def _lock_pending_byte(descriptor: int, database: Path) -> None:
    for _ in range(_LOCK_ATTEMPTS):
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _PENDING_BYTE)
        except BlockingIOError:
            sleep(_BETWEEN_LOCK_ATTEMPTS_S)  # held for some microseconds by a process that opens the file
        else:
            return
    raise DatabaseInUseError(f"nothing was restored: {database} is locked by another process")


@contextmanager
def _log_moved_to(database: Path, kept: Path) -> Iterator[None]:
    """Move the log and its index from the database to `kept`, and back if the block fails."""
    taken = [ending for ending in _LOG if beside(database, ending).exists()]
    for ending in taken:
        beside(database, ending).rename(beside(kept, ending))
    try:
        yield
    except BaseException:
        for ending in taken:
            beside(kept, ending).rename(beside(database, ending))
        raise


def _link_as(database: Path, kept: Path) -> None:
    try:
        os.link(database, kept)
    except OSError as error:
        raise CopyError(
            f"nothing was restored: {database} cannot be kept as {kept}: {(error.strerror or str(error)).lower()}"
        ) from error


def _rename(new: Path, database: Path) -> None:
    try:
        new.replace(database)
    except OSError as error:
        raise CopyError(
            f"nothing was restored: {database} cannot be replaced: {(error.strerror or str(error)).lower()}"
        ) from error
    keep_on_disk(database.parent)
