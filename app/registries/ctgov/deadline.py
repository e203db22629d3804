"""A time limit for a whole answer. A timeout per read never stops an answer that keeps sending one byte in time."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

_OPENED = {"connection.connect_tcp.complete", "connection.connect_unix_socket.complete"}
_SECURED = {"connection.start_tls.complete", "proxy_stream.start_tls.complete"}


class AnswerDeadline:
    """Cuts the connection when an answer, including its headers, has taken too long."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.has_passed = False

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Remember the socket that the answer comes from. The HTTP client calls this as its `trace` extension."""
        if event in _OPENED | _SECURED:
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Limit the `with` block to `seconds`. After that, reads fail and `has_passed` is true."""
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
            with suppress(OSError):  # already closed
                self._socket.shutdown(socket.SHUT_RDWR)
