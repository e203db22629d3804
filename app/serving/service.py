"""Serves the application from one process or several, and follows the registry beside them if asked to."""

import socket

from app.runtime.shared_counts import shared_counts
from app.serving.draining import Server
from app.serving.sync import syncing
from app.serving.tuning import tune_process
from app.serving.workers import Supervisor
from app.settings import Settings


def run(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Serve until a signal stops it; requests under way are answered first.

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
    from app.main import create_app  # noqa: PLC0415  half of a start's time, which a supervisor does without

    tune_process()
    return Server(create_app(settings), settings, is_last=True)
