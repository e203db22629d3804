"""The database as files on disk: which file is at its path now, and the log that SQLite keeps beside it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog

_log = structlog.get_logger("trialmark.database")


class FileState(NamedTuple):
    """The file at a path, as one look shows it. The same inode with another time or size has been written to."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @property
    def name(self) -> str:
        """A name for the file that stays the same when the file is written to."""
        return f"{self.device:x}.{self.inode:x}"


def state_of(path: str) -> FileState:
    """Look at the file at a path, following symbolic links.

    Raises:
        OSError: there is no file, or it cannot be reached.
    """
    found = os.stat(path)  # noqa: PTH116  runs on every request, and Path.stat takes twice as long
    return FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


class LogOwner(NamedTuple):
    """The write-ahead log that belongs to an open database: where it is, and which file it is."""

    database: Path
    log: str | None


def log_owner(path: Path) -> LogOwner:
    """Note which log belongs to the open database, to recognize it when another database takes the path."""
    database = path.resolve()
    return LogOwner(database, _log_name(database))


def is_log_left(path: Path, before: LogOwner) -> bool:
    """Tell whether the previous database's log is still beside the database that has taken its path."""
    database = path.resolve()
    return before.log is not None and before.database == database and _log_name(database) == before.log


def set_log_aside(path: Path, before: LogOwner) -> None:
    """Rename a log that the previous database left at a path that another database has taken.

    SQLite knows a log by its name only. It would apply the old database's changes to the new one, and the next writer
    would make that permanent. The log is kept under another name, since it may hold changes that the old file lacks.

    Raises:
        OSError: the folder cannot be written to.
    """
    database = path.resolve()
    with _alone_in(database.parent):
        if not is_log_left(path, before):
            return  # another worker was quicker
        log = _beside(database, "-wal")
        _beside(database, "-shm").unlink(missing_ok=True)
        if log.stat().st_size == 0:
            log.unlink()
            return
        kept = database.with_name(f"{log.name}.of-{before.log}")
        log.rename(kept)
    _log.warning(
        "set aside the write-ahead log of the previous database at this path",
        log=str(kept),
        help="delete it unless you want to go back to that database; next time use 'trialmark restore'",
    )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let only one process at a time rename files in a folder.

    Another worker may already have opened the new database and created its log.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _beside(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _log_name(database: Path) -> str | None:
    try:
        return state_of(str(_beside(database, "-wal"))).name
    except OSError:
        return None
