"""The queue for costly requests: few are worked on at once, and the others wait in one line for each client.

Light requests thus stay quick, and no client can keep the others waiting.
"""

from asyncio import Future, get_running_loop, wait
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class BusyError(Exception):
    """Too many other costly requests were ahead of this one."""


class Turns:
    """The queue of one event loop; a request that waits holds neither a thread nor a session.

    Args:
        at_once: number of requests that are worked on at the same time.
        most_waiting: number of requests that may wait; one more removes the last one of the client with the
            longest line.
        longest_wait: seconds after which a request gives up.
    """

    def __init__(self, *, at_once: int, most_waiting: int, longest_wait: float) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._longest_wait = longest_wait
        self._working = 0
        self._lines: OrderedDict[str, deque[Future[None]]] = OrderedDict()
        """The waiting requests by client; the client whose turn is next comes first."""

    @property
    def waiting(self) -> int:
        return sum(map(len, self._lines.values()))

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for a turn and keep it.

        Raises:
            BusyError: the queue is full, or the wait became too long.
        """
        await self._take(client)
        try:
            yield
        finally:
            self._hand_on()

    async def _take(self, client: str) -> None:
        if self._working < self._at_once:
            self._working += 1
            return
        ticket = get_running_loop().create_future()
        self._line_up(client, ticket)
        try:
            await wait([ticket], timeout=self._longest_wait)
        except BaseException:
            self._give_up(client, ticket)
            raise
        if not ticket.done():
            self._give_up(client, ticket)
            raise BusyError
        ticket.result()

    def _line_up(self, client: str, ticket: Future[None]) -> None:
        if self.waiting >= self._most_waiting:
            longest = max(self._lines, key=lambda other: len(self._lines[other]), default=client)
            if len(self._lines.get(longest, ())) <= len(self._lines.get(client, ())) + 1:
                raise BusyError
            self._lines[longest].pop().set_exception(BusyError())
        self._lines.setdefault(client, deque()).append(ticket)

    def _give_up(self, client: str, ticket: Future[None]) -> None:
        """Leave the line; a turn that was given at the last moment goes to the next request."""
        if not ticket.done():
            line = self._lines[client]
            line.remove(ticket)
            if not line:
                del self._lines[client]
        elif ticket.exception() is None:
            self._hand_on()

    def _hand_on(self) -> None:
        """Give the turn to the first request of the client that has waited longest since its last turn."""
        if not self._lines:
            self._working -= 1
            return
        client, line = self._lines.popitem(last=False)
        line.popleft().set_result(None)
        if line:
            self._lines[client] = line
