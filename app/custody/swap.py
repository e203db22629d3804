"""Puts another file in the database's place while servers may have it open, and no writer.

SQLite finds a database's log (-wal) and the log's index (-shm) by the database's path, while a process that has the old
file open keeps the old log and index open too. Three things must not happen: that the old log is applied to the new
file, that a newcomer opens the old file with the new log, and that a writer goes on writing to the old file unseen. So:

1. No run (ingest, mesh, reindex) may be under way: it would go on from what it has read.
2. The old log is emptied into the old file, and the write lock taken: the old file is whole by itself and stays so.
3. Newcomers are held off: the byte that SQLite asks for before it reads a database is locked.
4. The old log and index are removed, the old file gets a second name, and the new file is renamed over the first.
5. The old file is told to refuse changes: a writer between two transactions fails at its next one, and says why.

Those that have the old file open go on reading it as it was; SQLite sees that it was moved and leaves the new log alone
when it closes the old one. A server notices the other file by itself and opens it.
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
"""The trigger in a replaced file that refuses changes."""

_LOG = ("-wal", "-shm")
_DAMAGE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_HAS_DATA_VERSION = "SELECT 1 FROM sqlite_schema WHERE name = 'data_version'"
_PENDING_BYTE = 0x40000000
"""Of SQLite's locks: every newcomer has to read-lock it for an instant (https://sqlite.org/lockingv3.html)."""
_PATIENCE_MS = 5_000
_ATTEMPTS = 6
"""At catching a moment between two writes in which the log is empty."""
_LOCK_ATTEMPTS = 200
_BETWEEN_LOCK_ATTEMPTS_S = 0.01
_REFUSE_CHANGES = f"""
CREATE TRIGGER {REPLACED} BEFORE UPDATE ON data_version
BEGIN SELECT RAISE(ABORT, 'the database was replaced by ''trialmark restore'' meanwhile: run the command again'); END
"""


class DatabaseInUseError(ExpectedError):
    """Another process writes to the database, or reads it for long."""


def swap_in(new: Path, database: Path, kept: Path) -> None:
    """Rename the new file, in the same folder and without a log, over the database; the old one is then `kept`.

    Raises:
        DatabaseInUseError: it cannot be done now; nothing has changed.
    """
    if not database.exists():
        with uninterrupted(), _aside(database, kept):
            _rename(new, database)
        return
    with _no_run_under_way(database), _quiet(database) as old, _newcomers_held_off(database), uninterrupted():
        with _aside(database, kept):
            _keep(database, kept)
            _rename(new, database)
        if old is not None:
            old.execute("COMMIT")
        for ending in _LOG:
            beside(kept, ending).unlink(missing_ok=True)


@contextmanager
def _no_run_under_way(database: Path) -> Iterator[None]:
    """Hold the lock that runs take turns with, or refuse where one holds it."""
    with lock_of(database).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseInUseError(
                f"nothing was restored: another run is writing to {database}: run the command again at its end"
            ) from error
        yield


@contextmanager
def _quiet(database: Path) -> Iterator[sqlite3.Connection | None]:
    """Hold the write lock of a database whose log is empty, about to refuse changes; None of a file too damaged."""
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
    """Begin a writing transaction at a moment when the file is whole without its log."""
    log = beside(database, "-wal")
    connection.execute("PRAGMA journal_mode = WAL")  # a rollback journal would stand beside the new file
    for _ in range(_ATTEMPTS):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        if not log.exists() or log.stat().st_size == 0:
            return
        connection.execute("ROLLBACK")
    raise DatabaseInUseError(
        f"nothing was restored: {database} is being written to, or read without a pause: wait for the ingest, the "
        "backup or the export that does so, and run the command again"
    )


@contextmanager
def _newcomers_held_off(database: Path) -> Iterator[None]:
    """Make processes that open the database wait. To close the descriptor gives all of this process's locks back."""
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
            sleep(_BETWEEN_LOCK_ATTEMPTS_S)  # a newcomer has it for some microseconds
        else:
            return
    raise DatabaseInUseError(f"nothing was restored: {database} is locked by another process")


@contextmanager
def _aside(database: Path, kept: Path) -> Iterator[None]:
    """Take the log and its index from beside the database to beside `kept`, and back if what follows fails."""
    taken = [ending for ending in _LOG if beside(database, ending).exists()]
    for ending in taken:
        beside(database, ending).rename(beside(kept, ending))
    try:
        yield
    except BaseException:
        for ending in taken:
            beside(kept, ending).rename(beside(database, ending))
        raise


def _keep(database: Path, kept: Path) -> None:
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
