"""One client's connection: Uvicorn's, with limits of time for what the client has to do.

Uvicorn limits only how long a connection may be idle between two requests. A client that sends its request a byte a
minute, connects and says nothing, or never reads the answer, would hold its connection for ever.
"""

import asyncio
import socket
import struct
from asyncio import TimerHandle
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

_LARGEST_HEAD = 65_536
"""Bytes of a request's first line and headers."""
_SLOWEST_READER = 1_000
"""Bytes a second."""
_NO_LINGERING = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Limits:
    """What one worker's clients are given; times in seconds."""

    arrival_seconds: float = 20
    """From the connection, or the first byte of a later request, to the request's last byte."""
    unread_seconds: float = 30
    """In which a client takes in what waits for it, or at least 1,000 bytes a second of it."""
    idle_seconds: float = 5
    """Between an answer and the next request."""
    connections: int = 1_000
    """Beyond that, the one that has waited longest for its next request makes room for a new one."""


class State(ServerState):
    """What the connections of one worker have in common."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.is_stopping = False
        self.waiting: dict[ClientConnection, None] = {}
        """Those that wait for a request, the longest waiting first."""


class ClientConnection(HttpToolsProtocol):
    """A connection that ends when its client takes too long, and that a stop of the server leaves in peace."""

    server_state: State

    def __init__(
        self,
        config: Config,
        server_state: State,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = server_state.limits
        self.timeout_keep_alive = server_state.limits.idle_seconds  # type: ignore[assignment]  # its setting is whole seconds
        self._request_timer: TimerHandle | None = None
        self._unread_timer: TimerHandle | None = None
        self._has_begun = False
        """The first byte of a request is here, and its last is not."""
        self._is_head_complete = False
        self._head_size = 0

    @property
    def _is_waiting(self) -> bool:
        """Whether it waits for a request; no longer when the head of one is here, until it is answered."""
        return self in self.server_state.waiting

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that pausing and resuming tell of any unread byte
        self.server_state.waiting[self] = None
        self._expect_request(self._limits.arrival_seconds)
        if len(self.connections) > self._limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.waiting.pop(self, None)
        self._stop_expecting_request()
        self._stop_expecting_reading()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return  # what is still sent after a refusal is not looked at
        if self._request_timer is None and self._is_waiting:
            self._expect_request(self._limits.arrival_seconds)
        super().data_received(data)
        if self._has_begun and not self._is_head_complete:
            self._head_size += len(data)
            if self._head_size > _LARGEST_HEAD:
                self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_begun, self._is_head_complete, self._head_size = True, False, 0
        if self._request_timer is None:
            self._expect_request(self._limits.arrival_seconds)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._is_head_complete = True
        self.server_state.waiting.pop(self, None)
        if self.server_state.is_stopping:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._has_begun = False
        self._stop_expecting_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # the last of those that the client sent without waiting
            self.server_state.waiting[self] = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_expecting_reading()

    def shutdown(self) -> None:
        """Close after the present answer, or the next one, or when the client has been idle for its usual time.

        A client may have sent a request that is not here yet: closing at once would reset it.
        """
        if self.transport.is_closing():
            return
        if not self._is_waiting:
            self.cycle.keep_alive = False
        elif self.timeout_keep_alive_task is None and not self._has_begun:
            self._stop_expecting_request()
            self._expect_request(self._limits.idle_seconds)

    def _expect_request(self, seconds: float) -> None:
        self._request_timer = self.loop.call_later(seconds, self._give_up_on_request)

    def _stop_expecting_request(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _give_up_on_request(self) -> None:
        self._request_timer = None
        if self.transport.is_closing():
            return
        if not self._is_waiting:
            self.cycle.keep_alive = False  # the answer goes out, though the request's body is not here
        elif self._has_begun and not self._is_head_complete:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        """Close, with an answer unless an earlier one is still under way."""
        if self._is_waiting:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _expect_reading(self, unread: int) -> None:
        self._stop_expecting_reading()
        self._unread_timer = self.loop.call_later(self._limits.unread_seconds, self._check_reading, unread)

    def _stop_expecting_reading(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _check_reading(self, unread_before: int) -> None:
        unread = self.transport.get_write_buffer_size()
        if unread_before - unread < _SLOWEST_READER * self._limits.unread_seconds:
            self._reset()
        else:
            self._expect_reading(unread)

    def _reset(self) -> None:
        """Close, and have the kernel forget what the client did not read: it would keep megabytes for minutes."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request: this one, if all others are busy."""
        longest = next(iter(self.server_state.waiting))
        del self.server_state.waiting[longest]
        longest.transport.close()
