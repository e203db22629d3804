"""A Uvicorn server that stops without losing requests: it accepts and answers waiting connections first."""

import asyncio
import os
import signal
import socket
from threading import Timer

import structlog
import uvicorn
from fastapi import FastAPI

from app.serving.connections import ClientConnection, Limits, State
from app.serving.listener import has_waiting_connection, refuse_new_connections
from app.settings import Settings

_HANDSHAKE_SECONDS = 0.2
"""The time for TCP handshakes that had begun when the server started to refuse new connections."""
_MAX_DRAIN_CHECKS = 500
_DRAIN_PAUSE_SECONDS = 0.01
_FORCED_EXIT_SECONDS = 5
"""The extra time after `stop_seconds` before the process exits even with requests that cannot be interrupted."""

_log = structlog.get_logger("trialmark.serve")


class Server(uvicorn.Server):
    """The server of one process. Set `is_last` if no other process accepts connections after it."""

    def __init__(self, app: FastAPI, settings: Settings, *, is_last: bool) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=ClientConnection,
                ws="none",
                interface="asgi3",
                log_config=None,
                access_log=False,
                forwarded_allow_ips=settings.forwarded_allow_ips or None,
                timeout_graceful_shutdown=settings.stop_seconds,
            )
        )
        self.is_last = is_last
        self._forced_exit: Timer | None = None
        self.server_state: State = State(
            Limits(
                arrival_seconds=settings.arrival_seconds,
                unread_seconds=settings.unread_seconds,
                idle_seconds=settings.idle_seconds,
                connections=settings.connections_per_worker,
            )
        )

    def run_until_stopped(self, listener: socket.socket) -> None:
        """Serve until SIGTERM, SIGINT or `should_exit`, then return. The signal does not end the process."""
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(
                stop, self.handle_exit
            )  # Uvicorn restores these handlers, then raises the signal again
        self.run(sockets=[listener])

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            if self._forced_exit is not None:
                self._forced_exit.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the accepted and the waiting connections. Every answer from now on closes its connection."""
        listeners = sockets or []
        self.server_state.is_stopping = True
        for connection in list(self.server_state.connections):
            connection.shutdown()
        self._forced_exit = Timer(
            (self.config.timeout_graceful_shutdown or 0) + _FORCED_EXIT_SECONDS, _exit_now
        )
        self._forced_exit.daemon = True
        self._forced_exit.start()
        if self.is_last:
            for listener in listeners:
                refuse_new_connections(listener)
        await asyncio.sleep(_HANDSHAKE_SECONDS)
        for _ in range(_MAX_DRAIN_CHECKS):
            if not any(map(has_waiting_connection, listeners)):
                break
            await asyncio.sleep(_DRAIN_PAUSE_SECONDS)
        # Nothing may be awaited between the last check of the backlog and closing it, which `super()` does first.
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # out of time; the event loop must not end with open connections
        await asyncio.sleep(0)


def _exit_now() -> None:
    _log.error("some requests did not end in time; the process exits without finishing them")
    os._exit(1)
