"""Cuts off an answer that drips: a timeout of each step never ends one whose next byte always comes in time."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

_OPENED = {"connection.connect_tcp.complete", "connection.connect_unix_socket.complete"}
_SECURED = {"connection.start_tls.complete", "proxy_stream.start_tls.complete"}


class AnswerDeadline:
    """Ends the connection of one client when an answer has taken too long, headers included."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.has_passed = False

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Remember the socket that is read from; the client calls this as its `trace` extension."""
        if event in _OPENED | _SECURED:
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Allow so long for what is done inside; later, reading fails and `has_passed` says why."""
        self.has_passed = False
        timer = Timer(seconds, self._cut_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut_off(self) -> None:
        self.has_passed = True
        if self._socket is not None:
            with suppress(OSError):  # closed meanwhile
                self._socket.shutdown(socket.SHUT_RDWR)
