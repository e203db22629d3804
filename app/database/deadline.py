"""The time that one request may take: its statements are interrupted when it is over, its loops look at it between
their steps.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import Engine, event


class TookTooLongError(Exception):
    """A request has used all the time that it may take."""


class RequestDeadline:
    """The end of one request's time. A request works in one thread; another may interrupt its statement."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = monotonic() + seconds
        self._pauses = 0
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def seconds_left(self) -> float:
        return self._ends_at - monotonic()

    def check(self) -> None:
        """Raise TookTooLongError when the time is over."""
        if self.seconds_left() <= 0 and not self._pauses:
            raise TookTooLongError

    def use(self, connection: sqlite3.Connection) -> None:
        """Note where the next statement runs.

        Raises:
            TookTooLongError: the time is over, so that no further statement should start.
        """
        self.check()
        self._connection = connection

    def interrupt(self) -> None:
        """Interrupt the statement under way when the time is over. A statement that starts just afterwards runs on."""
        with self._lock:
            if self._connection and not self._pauses and self.seconds_left() <= 0:
                self._connection.interrupt()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the time stand still."""
        started = monotonic()
        with self._lock:
            self._pauses += 1
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if not self._pauses:
                    self._ends_at += monotonic() - started


_current: ContextVar[RequestDeadline | None] = ContextVar("deadline", default=None)


@contextmanager
def applied(deadline: RequestDeadline) -> Iterator[None]:
    """Hold everything in this context to a deadline, in the threads that it starts too."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def check_deadline() -> None:
    """Raise TookTooLongError when the request's time is over; called between the steps of long loops."""
    if deadline := _current.get():
        deadline.check()


@contextmanager
def unhurried() -> Iterator[None]:
    """Do work that all requests share, or wait for it, outside the request's time.

    If it were interrupted, the next request would have to start it again, and it might never be done.
    """
    deadline = _current.get()
    if deadline is None:
        yield
        return
    with deadline.paused():
        yield


def hold_to_deadlines(engine: Engine) -> None:
    """Make every statement of an engine stop at the deadline of the request that runs it."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(_connection: Any, cursor: sqlite3.Cursor, *_: Any) -> None:
        if deadline := _current.get():
            deadline.use(cursor.connection)


def is_interruption(error: BaseException | None) -> bool:
    """True for the driver's error of a statement that was interrupted."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
