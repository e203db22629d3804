"""`trialmark demo`."""

from time import perf_counter
from typing import Annotated

import typer

from app.commands.parts.closing import say_closing
from app.commands.parts.ready import bring_up_to_date
from app.commands.parts.terminal import err, fail
from app.commands.serve import DEFAULT_PORT, LOCAL, Port, serve_pages
from app.database.engine import open_engine
from app.database.sqlite_file import opened
from app.settings import Settings, read_settings


def demo(
    trials: Annotated[int, typer.Option(min=1, help="Number of synthetic trials.")] = 2_000,
    port: Port = DEFAULT_PORT,
) -> None:
    """Load the built-in synthetic registry and serve it.

    Example: trialmark demo --trials 2000 --port 8000
    """
    from app.commands.parts.loading import demo_source, load
    from app.ingest.runs.remove import remove_synthetic
    from app.registries.ctgov.normalize import FIRST_SYNTHETIC_NUMBER

    settings = read_settings()
    if settings.database_path.exists():
        _require_no_real_trials(settings)
    bring_up_to_date(settings)
    engine = open_engine(settings)
    started = perf_counter()
    remove_synthetic(engine, from_id=f"NCT{FIRST_SYNTHETIC_NUMBER + trials}")
    summary = load(engine, [lambda: demo_source(trials)], err)
    say_closing(summary, perf_counter() - started)
    # No sync: it would add real trials, and then the synthetic ones would be removed.
    settings = settings.model_copy(update={"sync_every": None})
    serve_pages(settings, LOCAL, port, workers=1)


def _require_no_real_trials(settings: Settings) -> None:
    """Exit with an error, before anything is written, if the database holds real trials."""
    with opened(settings.database_path) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'trial'").fetchone():
            return
        (real,) = connection.execute("SELECT count(*) FROM trial WHERE NOT is_synthetic").fetchone()
    if real:
        fail(
            f"{settings.database_url} holds {real:,} real trials, and synthetic trials must not be mixed with them; "
            "set TRIALMARK_DATABASE_URL=sqlite:///demo.db to run the demo"
        )
