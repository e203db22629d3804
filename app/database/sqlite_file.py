"""The database as a file: opening it for inspection without writing to it, and explaining SQLite's errors."""

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
    """The file is missing, is not an SQLite database, or cannot be opened."""


def file_uri(path: Path, **options: str) -> str:
    """Return the URI by which SQLite opens a file; an option is for example mode="ro"."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"file:{quote(str(path.absolute()))}?{query}"


def require_file(path: Path) -> None:
    """Raise DatabaseFileError, saying what to do, unless there is a readable file at the path."""
    if path.is_dir():
        raise DatabaseFileError(f"{path} is a folder, not a database: name a file in {_VARIABLE}")
    if not path.exists():
        raise DatabaseFileError(
            f"there is no database at {path.absolute()} ({_VARIABLE}): check the path, "
            "or create one with 'trialmark ingest SOURCE' or 'trialmark migrate'"
        )
    if not os.access(path, os.R_OK):
        raise DatabaseFileError(f"{path} cannot be read: this user does not have permission")


def size_of(path: Path) -> int:
    """Return the size of a database in bytes, including the log in which a running one keeps changes."""
    log = beside(path, "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


def beside(path: Path, ending: str) -> Path:
    """Return the path of a file that SQLite keeps beside a database: its log ("-wal"), or the log's index ("-shm")."""
    return path.with_name(path.name + ending)


def lock_of(path: Path) -> Path:
    """Return the path of the lock file beside a database, with which runs take turns."""
    return beside(path, ".lock")


def with_companions(path: Path) -> list[Path]:
    """Return the paths of a database and of every file that may be beside it: SQLite's files and the run lock."""
    return [path, *(beside(path, ending) for ending in ("-wal", "-shm", "-journal")), lock_of(path)]


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for inspection, and refuse changes to it.

    It is opened for writing all the same: a read-only connection would leave an empty log behind.

    Raises:
        DatabaseFileError: the file cannot be opened, or is not an SQLite database.
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
    """Explain an error of SQLite, and say what to do."""
    name = getattr(error, "sqlite_errorname", "")
    for start, meaning in _MEANINGS.items():
        if name.startswith(start):
            return f"{path} {meaning}"
    return str(error)


_MEANINGS = {
    "SQLITE_BUSY": "is locked by another process, perhaps an ingest: run the command again when that has finished",
    "SQLITE_CANTOPEN": "cannot be opened: this user needs to read the file and to write to its folder, in which "
    "SQLite keeps its -wal and -shm",
    "SQLITE_CORRUPT": "is damaged: restore a backup with 'trialmark restore PATH'",
    "SQLITE_FULL": "cannot grow, because the disk is full: free some space and run the command again; "
    "nothing is half written",
    "SQLITE_IOERR": "cannot be read or written, because the disk or its driver reports an error",
    "SQLITE_NOTADB": "is not an SQLite database (file is not a database): name another in TRIALMARK_DATABASE_URL, or "
    "restore a backup with 'trialmark restore PATH'",
    "SQLITE_PERM": "cannot be opened: this user does not have permission",
    "SQLITE_READONLY": "cannot be written: the file or its folder is read-only for this user",
}
"""What to say of an error, by the beginning of SQLite's name for it."""
