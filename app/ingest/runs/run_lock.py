"""Lets one run at a time write to a database, whichever process or thread it is in.

A run keeps the vocabulary in memory and settles at its end what its batches began, so two of them side by side would
each build on half of the other. The operating system releases the lock when its holder ends, however that happens.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine

from app.database.sqlite_file import lock_of
from app.failures import ExpectedError

WAITING = "Another run is writing to this database; waiting for it to finish."

_held: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())
"""The locks of this thread, which may take them again."""


@contextmanager
def one_run(engine: Engine, tell: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Wait for any other run over the same database to finish; `tell` is called before waiting.

    Raises:
        ExpectedError: the lock file beside the database cannot be written.
    """
    lock = lock_of(Path(engine.url.database or "").resolve())
    if lock in _held.get():
        yield
        return
    try:
        file = lock.open("ab")
    except OSError as error:
        raise ExpectedError(f"{lock}: {error.strerror}; runs lock this file to take turns") from error
    with file:
        _take(file, tell)
        token = _held.set(_held.get() | {lock})
        try:
            yield
        finally:
            _held.reset(token)


def _take(file: BinaryIO, tell: Callable[[str], None]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(WAITING)
        fcntl.flock(file, fcntl.LOCK_EX)
