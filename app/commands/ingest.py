"""`trialmark ingest`."""

from datetime import datetime
from time import perf_counter
from typing import Annotated

import typer

from app.commands.parts.closing import say_closing
from app.commands.parts.ready import bring_up_to_date
from app.commands.parts.terminal import err, fail, out
from app.database.engine import open_engine
from app.settings import read_settings


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="'ctgov' (the live registry), a .json, .ndjson, .json.gz, .ndjson.gz or .zip, or a folder of those.",
        ),
    ],
    condition: Annotated[str | None, typer.Option(help="'ctgov' only: trials of this condition.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="'ctgov' only: updated on or after this day."),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="'ctgov' only: compare everything, and mark what the registry lists no longer."
        ),
    ] = False,
    accept_removals: Annotated[
        bool,
        typer.Option(
            "--accept-removals",
            help="'ctgov' only: go on where over 2% of the trials, or a required field, would vanish at once.",
        ),
    ] = False,
) -> None:
    """Bring the database up to date with registry records; unchanged ones write nothing.

    Example: trialmark ingest ctgov --condition "acute myeloid leukemia"
    """
    from app.commands.parts.loading import live_registry, load, opener
    from app.ingest.runs.remove import real_count, remove_synthetic

    if full and since:
        fail("--full compares everything and --since only what is later: leave one of them out")
    settings = read_settings()
    bring_up_to_date(settings)
    started = perf_counter()
    engine = open_engine(settings)
    openers = [
        opener(
            settings,
            engine,
            name,
            condition=condition,
            since=since.date() if since else None,
            is_full=full,
            accepts_removals=accept_removals,
        )
        for name in sources
    ]
    summary = load(engine, openers, err)
    say_closing(summary, perf_counter() - started)
    if summary.rejected == summary.read and not any(map(live_registry, sources)):
        fail("nothing could be read" if summary.read else "nothing to read: the files hold no records")
    if real_count(engine) and (removed := remove_synthetic(engine)):
        out.print(f"The demonstration's {removed:,} synthetic trials were removed.")
