"""`trialmark demo`."""

from time import perf_counter
from typing import Annotated

import typer

from app.commands.closing import say_closing
from app.commands.serve import DEFAULT_PORT, LOCAL, Port, serve_pages
from app.commands.terminal import err, fail
from app.database import migrate, open_engine
from app.settings import read_settings


def demo(
    trials: Annotated[int, typer.Option(min=1, help="How many synthetic trials.")] = 2_000,
    port: Port = DEFAULT_PORT,
) -> None:
    """Load the built-in synthetic registry and serve it.

    Example: trialmark demo --trials 2000 --port 8000
    """
    from app.ingest.remove import real_count, remove_synthetic
    from app.loading import demo_source, load
    from app.registries.ctgov.normalise import FIRST_SYNTHETIC_NUMBER

    settings = read_settings()
    migrate(settings)
    engine = open_engine(settings)
    if real := real_count(engine):
        fail(
            f"{settings.database_url} holds {real:,} real trials, which synthetic ones must not be mixed with; "
            "set TRIALMARK_DATABASE_URL=sqlite:///demo.db for the demonstration"
        )
    started = perf_counter()
    remove_synthetic(engine, from_id=f"NCT{FIRST_SYNTHETIC_NUMBER + trials}")
    summary = load(engine, [lambda: demo_source(trials)], err)
    say_closing(summary, perf_counter() - started)
    settings = settings.model_copy(update={"sync_every": None})  # real trials would drive these out
    serve_pages(settings, LOCAL, port, workers=1)
