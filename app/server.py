"""Runs the application: one process or several behind one socket, bound before anything else starts."""

import gc
import socket
from functools import partial

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from app.allocator import give_back_large_blocks
from app.failures import ExpectedError
from app.log import configure_logging
from app.main import create_app
from app.settings import Settings, read_settings
from app.shared_counts import shared_counts

_COLLECT_AFTER = 50_000
"""New objects: a page makes thousands, which go without a collector, and all that is kept is looked at each time."""


class PortTakenError(ExpectedError):
    """The address cannot be listened on."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise PortTakenError(
            f"cannot listen on {host} port {port}: {reason}; choose another with --port"
        ) from error
    listener.set_inheritable(True)
    return listener


def application(settings: Settings | None = None) -> FastAPI:
    """Make the application of one worker process, by the settings of the process that started it."""
    settings = settings or read_settings()
    configure_logging(settings.log_format)
    return _application(settings)


def _application(settings: Settings) -> FastAPI:
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    give_back_large_blocks()
    return create_app(settings)


def run(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Serve until a signal stops it; requests under way are answered first."""
    config = uvicorn.Config(
        _application(settings) if workers == 1 else partial(application, settings),
        factory=workers > 1,
        workers=workers,
        log_config=None,
        access_log=False,
        ws="none",  # Uvicorn would log the addresses of refused WebSockets, with what they search for
    )
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
        return
    with shared_counts():
        Multiprocess(config, sockets=[listener]).run()
