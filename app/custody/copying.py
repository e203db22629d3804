"""Copies a database page by page into another file, as it is at one moment."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import mkstemp
from time import time

from app.database.sqlite_file import beside, explained, file_uri, with_companions
from app.failures import ExpectedError
from app.runtime.progress import Report

ShowProgress = Callable[[int], AbstractContextManager[Report]]
"""Opens a progress display for the given number of bytes."""

_BUSY_TIMEOUT_S = 10.0
_SIZE = "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
_PAGES_A_STEP = 2_048
"""The pages copied between two progress reports, when signals are handled too."""
_UNFINISHED = ".trialmark-unfinished"
_ABANDONED_AFTER = 24 * 3600
"""Seconds after which an unfinished copy must be the remains of a killed process."""


class CopyError(ExpectedError):
    """A copy could not be made; its file has been removed."""


@contextmanager
def unfinished_file(target: Path) -> Iterator[Path]:
    """Create a file in the target's folder, readable by its owner only, to be renamed to the target when finished.

    The file is removed afterwards unless it was renamed. Files that killed processes left more than a day ago are
    removed as well.

    Raises:
        CopyError: the folder is missing or not writable.
    """
    folder = target.parent
    _remove_abandoned(folder)
    try:
        descriptor, name = mkstemp(dir=folder, prefix=f".{target.name}.", suffix=_UNFINISHED)
    except OSError as error:
        raise CopyError(
            f"cannot create a file in {folder}: {(error.strerror or str(error)).lower()}"
        ) from error
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    finally:
        for file in with_companions(path):
            file.unlink(missing_ok=True)


def copy_database(source: Path, target: Path, show: ShowProgress) -> None:
    """Copy a database, as it is now, over the target, which is an empty file.

    One read transaction spans the whole copy while writers go on. Without it, SQLite would restart the copy at each
    of their commits.

    Raises:
        CopyError: the source cannot be read, or the target cannot be written.
    """
    _copy(file_uri(source, mode="rw"), source, target, show)


def copy_resting(source: Path, target: Path, show: ShowProgress) -> None:
    """Copy a database that nobody uses, such as a backup, over the target. Works on read-only media too.

    A write-ahead log beside the database is read as part of it, as in a snapshot of a whole disk.

    Raises:
        CopyError: the source cannot be read, or the target cannot be written.
    """
    has_log = beside(source, "-wal").exists()
    uri = file_uri(source, mode="ro") if has_log else file_uri(source, mode="ro", immutable="1")
    _copy(uri, source, target, show)


def _copy(uri: str, source: Path, target: Path, show: ShowProgress) -> None:
    try:
        with closing(_open(uri)) as from_, closing(_open_without_locks(target)) as to:
            from_.execute("BEGIN")
            pages, page_size = from_.execute(_SIZE).fetchone()
            with show(pages * page_size) as report:
                from_.backup(to, pages=_PAGES_A_STEP, progress=_progress_callback(report, page_size))
    except sqlite3.Error as error:
        at_fault = target if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" else source
        raise CopyError(f"no copy was made: {explained(error, at_fault)}") from error


def _progress_callback(report: Report, page_size: int) -> Callable[[int, int, int], None]:
    def tell(_status: int, left: int, pages: int) -> None:
        done = (pages - left) * page_size
        report(done, done // 1_000_000)

    return tell


def keep_on_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk and will survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)


def _open_without_locks(path: Path) -> sqlite3.Connection:
    """Open a file that no other process uses, without locks, because some network folders do not support them.

    It needs no journal either: an unfinished copy is thrown away, and a finished one is flushed to the disk at once.
    """
    connection = _open(file_uri(path, mode="rw", nolock="1"))
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _remove_abandoned(folder: Path) -> None:
    for path in folder.glob(f".*{_UNFINISHED}"):
        try:
            if time() - path.stat().st_mtime > _ABANDONED_AFTER:
                path.unlink()
        except OSError:
            continue  # another user's file, or already removed
