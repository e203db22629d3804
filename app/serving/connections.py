"""Uvicorn's client connection with time limits for what the client has to do.

Uvicorn limits only how long a connection may be idle between two requests. Without further limits, a client could hold
its connection forever: by sending its request a byte a minute, by sending nothing, or by never reading the answer.
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

_MAX_HEAD_SIZE = 65_536
"""The largest size of a request's first line and headers, in bytes."""
_MIN_READ_SPEED = 1_000
"""The lowest speed at which a client may read its answer, in bytes per second."""
_NO_LINGERING = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Limits:
    """Limits for the clients of one worker; times in seconds."""

    arrival_seconds: float = 20
    """The time for sending a request: from the connection, or a later request's first byte, to its last byte."""
    unread_seconds: float = 30
    """The time for reading an answer. It starts again if the client has read at least 1,000 bytes per second."""
    idle_seconds: float = 5
    """The time between an answer and the next request."""
    connections: int = 1_000
    """The number of open connections. One more closes the connection that has waited longest for a request."""


class State(ServerState):
    """State that the connections of one worker share."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.is_stopping = False
        self.waiting: dict[ClientConnection, None] = {}
        """The connections that wait for a request, the longest waiting first (a dictionary used as an ordered set)."""


class ClientConnection(HttpToolsProtocol):
    """A connection that closes when its client takes too long, and finishes its requests when the server stops."""

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
        self.timeout_keep_alive = server_state.limits.idle_seconds  # type: ignore[assignment]  # Uvicorn's setting is in whole seconds
        self._request_timer: TimerHandle | None = None
        self._unread_timer: TimerHandle | None = None
        self._has_begun = False
        """True from the first byte of a request until its last byte."""
        self._is_head_complete = False
        self._head_size = 0

    @property
    def _is_waiting(self) -> bool:
        """Tell whether the connection waits for a request: until its headers arrive, and again after its answer."""
        return self in self.server_state.waiting

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that writing pauses for any unread byte
        self.server_state.waiting[self] = None
        self._start_request_timer(self._limits.arrival_seconds)
        if len(self.connections) > self._limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.waiting.pop(self, None)
        self._stop_request_timer()
        self._stop_unread_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return  # ignore what the client still sends after a refusal
        if self._request_timer is None and self._is_waiting:
            self._start_request_timer(self._limits.arrival_seconds)
        super().data_received(data)
        if self._has_begun and not self._is_head_complete:
            self._head_size += len(data)
            if self._head_size > _MAX_HEAD_SIZE:
                self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_begun, self._is_head_complete, self._head_size = True, False, 0
        if self._request_timer is None:
            self._start_request_timer(self._limits.arrival_seconds)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._is_head_complete = True
        self.server_state.waiting.pop(self, None)
        if self.server_state.is_stopping:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._has_begun = False
        self._stop_request_timer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # no pipelined request is left
            self.server_state.waiting[self] = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._start_unread_timer(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_unread_timer()

    def shutdown(self) -> None:
        """Close after the answer under way, after the next answer, or when the idle time is over.

        The client may have sent a request that has not arrived yet. Closing immediately would reset it.
        """
        if self.transport.is_closing():
            return
        if not self._is_waiting:
            self.cycle.keep_alive = False
        elif self.timeout_keep_alive_task is None and not self._has_begun:
            self._stop_request_timer()
            self._start_request_timer(self._limits.idle_seconds)

    def _start_request_timer(self, seconds: float) -> None:
        self._request_timer = self.loop.call_later(seconds, self._on_request_timeout)

    def _stop_request_timer(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _on_request_timeout(self) -> None:
        self._request_timer = None
        if self.transport.is_closing():
            return
        if not self._is_waiting:
            self.cycle.keep_alive = False  # still send the answer, although the request's body is incomplete
        elif self._has_begun and not self._is_head_complete:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        """Answer with an error status, unless an earlier answer is still being sent, and close the connection."""
        if self._is_waiting:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _start_unread_timer(self, unread: int) -> None:
        self._stop_unread_timer()
        self._unread_timer = self.loop.call_later(self._limits.unread_seconds, self._check_reading, unread)

    def _stop_unread_timer(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _check_reading(self, unread_before: int) -> None:
        unread = self.transport.get_write_buffer_size()
        if unread_before - unread < _MIN_READ_SPEED * self._limits.unread_seconds:
            self._reset()
        else:
            self._start_unread_timer(unread)

    def _reset(self) -> None:
        """Close, and make the kernel discard unread data, of which it would otherwise keep megabytes for minutes."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request: this one if all others are busy."""
        longest = next(iter(self.server_state.waiting))
        del self.server_state.waiting[longest]
        longest.transport.close()
