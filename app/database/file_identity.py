"""The database as files on a disk: which file stands at its path now, and the log that SQLite keeps beside it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog

_log = structlog.get_logger("trialmark.database")


class FileState(NamedTuple):
    """What one look at a path tells. The same inode with another time or size was written to."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @property
    def name(self) -> str:
        """A name of the file that stays when it is written to."""
        return f"{self.device:x}.{self.inode:x}"


def state_of(path: str) -> FileState:
    """Look at the file at a path, through symbolic links.

    Raises:
        OSError: there is none, or it cannot be reached.
    """
    found = os.stat(path)  # noqa: PTH116  asked for on every request, and Path.stat takes twice as long
    return FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


class LogOwner(NamedTuple):
    """The write-ahead log that belongs to an open database: where it is, and which file it is."""

    database: Path
    log: str | None


def log_owner(path: Path) -> LogOwner:
    """Note which log is the open database's, so that it is known again when another database takes the path."""
    database = path.resolve()
    return LogOwner(database, _log_name(database))


def is_log_left(path: Path, before: LogOwner) -> bool:
    """Say whether a database that has taken the path has the log of the one before beside it."""
    database = path.resolve()
    return before.log is not None and before.database == database and _log_name(database) == before.log


def set_log_aside(path: Path, before: LogOwner) -> None:
    """Rename a log that the database before left at a path that another database has taken.

    SQLite knows a log by its name only. It would read the old database's changes into the new one, and the next writer
    would make that permanent. The log is kept under another name, since it may hold what the old database lacks.

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
        "set aside the write-ahead log of the database that was here before",
        log=str(kept),
        help="delete it unless you want to go back to that database; next time use 'trialmark restore'",
    )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time rename: another worker may have opened the new database, and made its log, already."""
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
