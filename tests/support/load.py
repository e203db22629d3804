"""Clients that fetch pages of a service again and again, and count failures."""

import http.client
from collections import Counter
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

_PAGES = ("/trials", "/healthz", "/trials?q=cancer", "/about/data")


class Load:
    """Load by some clients: `with Load(port, clients=8) as load:`.

    Half of the clients keep their connections, half open new ones.
    """

    def __init__(self, port: int, *, clients: int) -> None:
        self._port = port
        self._is_over = Event()
        self._lock = Lock()
        self._threads = [Thread(target=self._ask, args=(number,)) for number in range(clients)]
        self.outcomes: Counter[str] = Counter()
        """Number of answers by status, and of failures by kind."""

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self) -> dict[str, int]:
        return {outcome: count for outcome, count in self.outcomes.items() if outcome != "200"}

    def _ask(self, number: int) -> None:
        keeps = number % 2 == 0
        connection: http.client.HTTPConnection | None = None
        asked = number
        while not self._is_over.is_set():
            asked += 1
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    return  # the service has stopped; nothing was asked
                except OSError as error:
                    self._count(f"connecting: {error!r}")
                    return
            outcome, is_closing = _answer(connection, _PAGES[asked % len(_PAGES)])
            self._count(outcome)
            if is_closing or not keeps:
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _count(self, outcome: str) -> None:
        with self._lock:
            self.outcomes[outcome] += 1


def _answer(connection: http.client.HTTPConnection, path: str) -> tuple[str, bool]:
    """Return the status or what went wrong, and whether the connection has ended."""
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{path}: {error!r}", True
    return str(answer.status), answer.will_close
