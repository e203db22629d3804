"""The time limit of one request.

When the time is over, the SQL statement that the request is running is interrupted. Long loops check the limit between
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
    """The end of one request's time.

    A request works in one thread; another thread may interrupt its statement.
    """

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
        """Note the connection on which the next statement runs.

        Raises:
            TookTooLongError: the time is over, so no further statement should start.
        """
        self.check()
        self._connection = connection

    def interrupt(self) -> None:
        """Interrupt the running statement if the time is over.

        A statement that starts just afterwards is not interrupted.
        """
        with self._lock:
            if self._connection and not self._pauses and self.seconds_left() <= 0:
                self._connection.interrupt()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock while the block runs."""
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
    """Apply a deadline to everything in this context, including the threads that it starts."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def check_deadline() -> None:
    """Raise TookTooLongError if the request's time is over; long loops call this between their steps."""
    if deadline := _current.get():
        deadline.check()


@contextmanager
def unhurried() -> Iterator[None]:
    """Stop the request's clock for work that all requests share, and for waiting for such work.

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
    """Tell whether an error is the driver's error for an interrupted statement."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
