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
            help="'ctgov' (the live registry), a .json, .ndjson, .json.gz, .ndjson.gz or .zip file, or a folder.",
        ),
    ],
    condition: Annotated[
        str | None, typer.Option(help="'ctgov' only: just the trials of this condition.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="'ctgov' only: just the trials updated on or after this day."
        ),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="'ctgov' only: compare every trial, and mark those that the registry no longer lists.",
        ),
    ] = False,
    accept_removals: Annotated[
        bool,
        typer.Option(
            "--accept-removals",
            help="'ctgov' only: go on even if over 2% of the trials, or a required field, would disappear.",
        ),
    ] = False,
) -> None:
    """Bring the database up to date with registry records. Unchanged records write nothing.

    Example: trialmark ingest ctgov --condition "acute myeloid leukemia"
    """
    from app.commands.parts.loading import live_registry, load, opener
    from app.ingest.runs.remove import real_count, remove_synthetic

    if full and since:
        fail("--full compares every trial, --since only those updated later: leave out one of them")
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
        fail("no record could be read" if summary.read else "nothing to read: the files contain no records")
    if real_count(engine) and (removed := remove_synthetic(engine)):
        out.print(f"The demonstration's {removed:,} synthetic trials were removed.")
