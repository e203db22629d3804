"""Serves the application from one or several processes, and syncs with the registry meanwhile if configured."""

import socket

from app.runtime.shared_counts import shared_counts
from app.serving.draining import Server
from app.serving.sync import syncing
from app.serving.tuning import tune_process
from app.serving.workers import Supervisor
from app.settings import Settings


def run(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Serve until a signal stops the service. Requests under way are answered first.

    Raises:
        WorkersFailedError: the worker processes could not start.
    """
    if workers > 1:
        with shared_counts(), syncing(settings):
            Supervisor(settings, listener, workers).run()
    else:
        server = _server(settings)
        with syncing(settings):
            server.run_until_stopped(listener)


def _server(settings: Settings) -> Server:
    from app.main import create_app  # noqa: PLC0415  takes half of the start-up time; the supervisor does not need it

    tune_process()
    return Server(create_app(settings), settings, is_last=True)
