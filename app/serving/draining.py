"""Uvicorn's server, stopped without a lost request: what waits to be accepted is accepted and answered first."""

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
"""Connections that were being made when new ones were refused come in during this time."""
_DRAIN_LOOKS = 500
_DRAIN_PAUSE_SECONDS = 0.01
_EXIT_ANYWAY_SECONDS = 5
"""After the time for a stop: work that nothing interrupts must not keep the process."""

_log = structlog.get_logger("trialmark.serve")


class Server(uvicorn.Server):
    """One process's server. Set `is_last` when no other process accepts connections after it."""

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
        self._leaves_anyway: Timer | None = None
        self.server_state: State = State(
            Limits(
                arrival_seconds=settings.arrival_seconds,
                unread_seconds=settings.unread_seconds,
                idle_seconds=settings.idle_seconds,
                connections=settings.connections_per_worker,
            )
        )

    def run_until_stopped(self, listener: socket.socket) -> None:
        """Serve until SIGTERM, SIGINT or `should_exit`, then return; the process is not ended by the signal."""
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(
                stop, self.handle_exit
            )  # Uvicorn restores these, and raises what it caught once more
        self.run(sockets=[listener])

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            if self._leaves_anyway is not None:
                self._leaves_anyway.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was accepted and what waits to be; every answer from now on closes its connection."""
        listeners = sockets or []
        self.server_state.is_stopping = True
        for connection in list(self.server_state.connections):
            connection.shutdown()
        self._leaves_anyway = Timer(
            (self.config.timeout_graceful_shutdown or 0) + _EXIT_ANYWAY_SECONDS, _leave
        )
        self._leaves_anyway.daemon = True
        self._leaves_anyway.start()
        if self.is_last:
            for listener in listeners:
                refuse_new_connections(listener)
        await asyncio.sleep(_HANDSHAKE_SECONDS)
        for _ in range(_DRAIN_LOOKS):
            if not any(map(has_waiting_connection, listeners)):
                break
            await asyncio.sleep(_DRAIN_PAUSE_SECONDS)
        # Nothing may be awaited between the last look at the backlog and closing it, which comes first in here.
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # its time is over, and a loop must not be left with open connections
        await asyncio.sleep(0)


def _leave() -> None:
    _log.error("not all requests could be ended in time; the process leaves them")
    os._exit(1)
