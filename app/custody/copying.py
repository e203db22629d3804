"""Copies a database into a file of its own, page for page, as it stood at one moment."""

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
"""Shows the progress through so many bytes."""

_BUSY_TIMEOUT_S = 10.0
_SIZE = "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
_PAGES_A_STEP = 2_048
"""Between two steps progress is told, and an interruption is heard."""
_UNFINISHED = ".trialmark-unfinished"
_FORGOTTEN_AFTER = 24 * 3600
"""Seconds: a copy that has not been finished by then belongs to a process that was killed."""


class CopyError(ExpectedError):
    """A copy could not be made; nothing of it is left."""


@contextmanager
def unfinished_file(target: Path) -> Iterator[Path]:
    """Make a file that only its owner reads, in the target's folder: what becomes the target by being renamed.

    Whatever happens, nothing of it is left afterwards. Those that killed processes of days before left are removed.

    Raises:
        CopyError: the folder is missing, or takes no files.
    """
    folder = target.parent
    _remove_forgotten(folder)
    try:
        descriptor, name = mkstemp(dir=folder, prefix=f".{target.name}.", suffix=_UNFINISHED)
    except OSError as error:
        raise CopyError(
            f"no file can be made in {folder}: {(error.strerror or str(error)).lower()}"
        ) from error
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    finally:
        for file in with_companions(path):
            file.unlink(missing_ok=True)


def copy_database(source: Path, target: Path, show: ShowProgress) -> None:
    """Copy a database over the target, an empty file, as it stands now: one reading transaction spans all of it.

    A writer goes on meanwhile. Without that transaction each of its commits would make SQLite begin anew.

    Raises:
        CopyError: the source cannot be read, or the target cannot be written.
    """
    _copy(file_uri(source, mode="rw"), source, target, show)


def copy_resting(source: Path, target: Path, show: ShowProgress) -> None:
    """Copy a database that nobody uses, such as a backup, over the target, also from where nothing can be written.

    A log beside it belongs to it, as in a picture of a whole disk, and is read too.

    Raises:
        CopyError: the source cannot be read, or the target cannot be written.
    """
    has_log = beside(source, "-wal").exists()
    uri = file_uri(source, mode="ro") if has_log else file_uri(source, mode="ro", immutable="1")
    _copy(uri, source, target, show)


def _copy(uri: str, source: Path, target: Path, show: ShowProgress) -> None:
    try:
        with closing(_opened(uri)) as from_, closing(_unlocked(target)) as to:
            from_.execute("BEGIN")
            pages, page_size = from_.execute(_SIZE).fetchone()
            with show(pages * page_size) as report:
                from_.backup(to, pages=_PAGES_A_STEP, progress=_teller(report, page_size))
    except sqlite3.Error as error:
        at_fault = target if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" else source
        raise CopyError(f"no copy was made: {explained(error, at_fault)}") from error


def _teller(report: Report, page_size: int) -> Callable[[int, int, int], None]:
    def tell(_status: int, left: int, pages: int) -> None:
        done = (pages - left) * page_size
        report(done, done // 1_000_000)

    return tell


def keep_on_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, will outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _opened(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)


def _unlocked(path: Path) -> sqlite3.Connection:
    """Open a file that nobody else knows of, without locks, which some network folders lack.

    It needs no journal either: a copy that is not finished is thrown away, and a finished one goes to the disk at once.
    """
    connection = _opened(file_uri(path, mode="rw", nolock="1"))
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _remove_forgotten(folder: Path) -> None:
    for path in folder.glob(f".*{_UNFINISHED}"):
        try:
            if time() - path.stat().st_mtime > _FORGOTTEN_AFTER:
                path.unlink()
        except OSError:
            continue  # another's, or gone already
