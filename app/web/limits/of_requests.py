"""Limits that apply to every request before its page is built: the length of its address and its time."""

from asyncio import TimerHandle, get_running_loop
from collections.abc import AsyncIterator

from fastapi import Request

from app.database.deadline import RequestDeadline, applied
from app.search.budget import LONGEST_PATH, check_query_string
from app.web.errors import PageNotFoundError
from app.web.state import State

_INTERRUPT_AGAIN = 0.05
"""Seconds between interruptions; a statement that started just after one is caught by the next."""


async def short_enough(request: Request) -> None:
    """Refuse an address that is too long before anything reads it.

    Raises:
        OverBudgetError: the query string is too long.
        PageNotFoundError: the path is longer than any of ours.
    """
    if len(request.scope["path"]) > LONGEST_PATH:
        raise PageNotFoundError("There is no page at this address, which is longer than any here.")
    check_query_string(request.scope["query_string"])


async def in_time(state: State) -> AsyncIterator[RequestDeadline]:
    """Apply the time limit of a request to everything that follows."""
    deadline = RequestDeadline(state.settings.request_seconds)
    watch = _Watch(deadline)
    try:
        with applied(deadline):
            yield deadline
    finally:
        watch.stop()


class _Watch:
    """Interrupts the statements of one request from the event loop once its time is over."""

    def __init__(self, deadline: RequestDeadline) -> None:
        self._deadline = deadline
        self._timer = self._later(deadline.seconds_left())

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        self._deadline.interrupt()
        self._timer = self._later(max(self._deadline.seconds_left(), _INTERRUPT_AGAIN))

    def _later(self, seconds: float) -> TimerHandle:
        return get_running_loop().call_later(seconds, self._look)
