"""`trialmark serve`, and the serving part of `trialmark demo`."""

from datetime import timedelta
from typing import Annotated

import typer

from app.commands.parts.ready import require_servable
from app.commands.parts.terminal import fail, out
from app.runtime.interval import parse_interval
from app.runtime.log import configure_logging
from app.settings import Settings, read_settings

LOCAL = "127.0.0.1"
DEFAULT_PORT = 8000

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks any free port.")]


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines connect.")
    ] = LOCAL,
    port: Port = DEFAULT_PORT,
    workers: Annotated[int, typer.Option(min=1, help="Number of worker processes.")] = 1,
    root_path: Annotated[
        str, typer.Option(help="Path under which a proxy shows the pages, such as /trials-browser.")
    ] = "",
    sync_every: Annotated[
        str | None,
        typer.Option(
            metavar="INTERVAL",
            help="Update from the registry this often: 24h, 90m, 1d. Default: TRIALMARK_SYNC_EVERY, else never.",
        ),
    ] = None,
) -> None:
    """Serve the pages of the database.

    Example: trialmark serve --host 0.0.0.0 --port 8000 --workers 2 --sync-every 24h
    """
    settings = read_settings(root_path)
    if sync_every is not None:
        settings = settings.model_copy(update={"sync_every": _interval(sync_every)})
    serve_pages(settings, host, port, workers)


def _interval(text: str) -> timedelta:
    try:
        return parse_interval(text)
    except ValueError as error:
        fail(f"--sync-every: {error} (it is {text!r})")


def serve_pages(settings: Settings, host: str, port: int, workers: int) -> None:
    from app.serving import service
    from app.serving.listener import bind

    configure_logging(settings.log_format)
    require_servable(settings)
    listener = bind(host, port)
    shown_host = "localhost" if host in {LOCAL, "0.0.0.0"} else host  # noqa: S104  compared, not bound
    out.print(f"Trialmark is at http://{shown_host}:{listener.getsockname()[1]}/ (stop it with Ctrl+C)")
    service.run(settings, listener, workers)
