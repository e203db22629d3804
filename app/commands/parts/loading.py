"""Loads the sources named on the command line into the database, one after the other, with progress."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import orjson
from rich.console import Console
from sqlalchemy import Engine

from app import demo
from app.ingest.runs.live import open_ctgov
from app.ingest.runs.run_lock import one_run
from app.ingest.runs.summary import Summary
from app.ingest.runs.sync import sync
from app.ingest.sources.files import open_files
from app.ingest.sources.source import RawRecord, Source
from app.registries import CTGOV
from app.runtime.progress import progress
from app.settings import Settings


def load(engine: Engine, openers: Sequence[Callable[[], Source]], console: Console) -> Summary:
    """Load the sources in order. Each is opened only after the one before it has been loaded."""
    total = Summary()
    for open_source in openers:
        with one_run(engine, console.print):
            source = open_source()
            with progress(console, source.name, source.size) as report:
                total += sync(engine, CTGOV, source, report)
    return total


def opener(
    settings: Settings,
    engine: Engine,
    name: str,
    *,
    condition: str | None,
    since: date | None,
    is_full: bool,
    accepts_removals: bool,
) -> Callable[[], Source]:
    """Return a function that opens the live registry if `name` is its name, else the file or folder `name`."""
    if name == CTGOV.name:
        return lambda: open_ctgov(
            engine,
            settings.ctgov_base_url,
            condition=condition,
            since=since,
            is_full=is_full,
            accepts_removals=accepts_removals,
        )
    return lambda: open_files(Path(name))


def demo_source(trials: int) -> Source:
    records = (
        RawRecord(f"trial {number}", orjson.dumps(study), number)
        for number, study in enumerate(demo.studies(trials), start=1)
    )
    return Source(name="demo", key="demo", size=trials, records=records, is_whole=True)
