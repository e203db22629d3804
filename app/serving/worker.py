"""One of several worker processes: serves from the supervisor's listening socket, and tells it that it lives."""

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

_SIGN_OF_LIFE_SECONDS = 5


def main() -> None:
    """Serve until told to stop. The arguments are the file descriptors of the listening socket and the channel.

    The settings come through the channel: those of the supervisor, which may differ from the environment's.
    """
    try:
        _serve(socket.socket(fileno=int(sys.argv[1])), socket.socket(fileno=int(sys.argv[2])))
    except ExpectedError as error:
        sys.exit(f"trialmark: {error}")


def _serve(listener: socket.socket, channel: socket.socket) -> None:
    settings = _received(channel)
    configure_logging(settings.log_format)
    tune_process()
    server = Server(create_app(settings), settings, is_last=False)
    server.config.timeout_notify = _SIGN_OF_LIFE_SECONDS

    async def say_that_it_lives() -> None:
        with suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            channel.send(b".", socket.MSG_DONTWAIT)

    def stop_with_the_supervisor() -> None:
        """Stop when the channel closes: nobody else would, and the port would stay taken."""
        with suppress(ConnectionResetError):
            channel.recv(1)
        server.is_last = True
        server.should_exit = True

    server.config.callback_notify = say_that_it_lives  # first called when the start is done
    Thread(target=stop_with_the_supervisor, daemon=True).start()
    server.run_until_stopped(listener)


def _received(channel: socket.socket) -> Settings:
    with channel.makefile("rb", buffering=0) as sent:
        settings: Settings = pickle.load(sent)  # noqa: S301  sent by our own supervisor
    return settings
