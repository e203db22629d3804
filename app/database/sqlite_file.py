"""The database as a file: opened to look at without writing anything, and what SQLite's complaints about it mean."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from app.failures import ExpectedError

_BUSY_TIMEOUT_S = 10.0
_VARIABLE = "TRIALMARK_DATABASE_URL"


class DatabaseFileError(ExpectedError):
    """The file is missing, is none of SQLite's, or cannot be opened."""


def file_uri(path: Path, **options: str) -> str:
    """Name a file as SQLite's URIs do; an option is for example mode="ro"."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"file:{quote(str(path.absolute()))}?{query}"


def require_file(path: Path) -> None:
    """Raise DatabaseFileError, with what to do, unless a file that can be read stands at the path."""
    if path.is_dir():
        raise DatabaseFileError(f"{path} is a folder, not a database: name a file in {_VARIABLE}")
    if not path.exists():
        raise DatabaseFileError(
            f"there is no database at {path.absolute()} ({_VARIABLE}): look at the path, "
            "or make one with 'trialmark ingest SOURCE' or 'trialmark migrate'"
        )
    if not os.access(path, os.R_OK):
        raise DatabaseFileError(f"{path} cannot be read: this user has no permission to")


def size_of(path: Path) -> int:
    """Count the bytes of a database, and of the log beside it that a running one keeps changes in."""
    log = beside(path, "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


def beside(path: Path, ending: str) -> Path:
    """Name the file that SQLite keeps beside a database: its log ("-wal") or the log's index ("-shm")."""
    return path.with_name(path.name + ending)


def lock_of(path: Path) -> Path:
    """Name the file beside a database with which runs take turns."""
    return beside(path, ".lock")


def with_companions(path: Path) -> list[Path]:
    """Name a database and everything that may stand beside it: SQLite's files and the lock of runs."""
    return [path, *(beside(path, ending) for ending in ("-wal", "-shm", "-journal")), lock_of(path)]


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database to look at, and refuse changes of it.

    It is opened as a writer would: one that may only read leaves an empty log behind.

    Raises:
        DatabaseFileError: it cannot be opened, or is none of SQLite's.
    """
    require_file(path)
    try:
        with closing(
            sqlite3.connect(file_uri(path, mode="rw"), uri=True, timeout=_BUSY_TIMEOUT_S)
        ) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA schema_version").fetchone()
            yield connection
    except sqlite3.Error as error:
        raise DatabaseFileError(f"the database cannot be used: {explained(error, path)}") from error


def explained(error: BaseException, path: Path) -> str:
    """Say what an error of SQLite means, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    for start, meaning in _MEANINGS.items():
        if name.startswith(start):
            return f"{path} {meaning}"
    return str(error)


_MEANINGS = {
    "SQLITE_BUSY": "is locked by another process, an ingest perhaps: run the command again when that is done",
    "SQLITE_CANTOPEN": "cannot be opened: this user needs to read the file and to write to its folder, in which "
    "SQLite keeps its -wal and -shm",
    "SQLITE_CORRUPT": "is damaged: bring a backup back with 'trialmark restore PATH'",
    "SQLITE_FULL": "cannot grow, because the disk is full: make room and run the command again; "
    "nothing is half written",
    "SQLITE_IOERR": "cannot be read or written, because the disk or its driver reports an error",
    "SQLITE_NOTADB": "is no SQLite database (file is not a database): name another in TRIALMARK_DATABASE_URL, or "
    "bring a backup back with 'trialmark restore PATH'",
    "SQLITE_PERM": "cannot be opened: this user has no permission to",
    "SQLITE_READONLY": "cannot be written: the file or its folder is read-only for this user",
}
"""By what the names of errors begin with."""
