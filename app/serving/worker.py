"""A worker process: serves from the supervisor's listening socket and sends it heartbeats."""

import pickle
import socket
import sys
from contextlib import suppress
from threading import Thread

from app.failures import ExpectedError
from app.main import create_app
from app.runtime.log import configure_logging
from app.serving.draining import Server
from app.serving.tuning import tune_process
from app.settings import Settings

_HEARTBEAT_SECONDS = 5


def main() -> None:
    """Serve until told to stop. The arguments are the file descriptors of the listening socket and the channel.

    The supervisor sends its settings through the channel, because they may differ from the environment's.
    """
    try:
        _serve(socket.socket(fileno=int(sys.argv[1])), socket.socket(fileno=int(sys.argv[2])))
    except ExpectedError as error:
        sys.exit(f"trialmark: {error}")


def _serve(listener: socket.socket, channel: socket.socket) -> None:
    settings = _receive_settings(channel)
    configure_logging(settings.log_format)
    tune_process()
    server = Server(create_app(settings), settings, is_last=False)
    server.config.timeout_notify = _HEARTBEAT_SECONDS

    async def send_heartbeat() -> None:
        with suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            channel.send(b".", socket.MSG_DONTWAIT)

    def stop_with_supervisor() -> None:
        """Stop when the channel closes. A worker without a supervisor would run on and keep the port."""
        with suppress(ConnectionResetError):
            channel.recv(1)
        server.is_last = True
        server.should_exit = True

    server.config.callback_notify = send_heartbeat  # first called when the server has started
    Thread(target=stop_with_supervisor, daemon=True).start()
    server.run_until_stopped(listener)


def _receive_settings(channel: socket.socket) -> Settings:
    with channel.makefile("rb", buffering=0) as sent:
        settings: Settings = pickle.load(sent)  # noqa: S301  comes from our own supervisor
    return settings
