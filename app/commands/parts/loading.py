"""Loads the sources named on the command line into the database, one after the other, with progress."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

import orjson
from rich.console import Console
from sqlalchemy import Engine

from app import demo
from app.ingest.runs.live import open_live
from app.ingest.runs.run_lock import one_run
from app.ingest.runs.summary import Summary
from app.ingest.runs.sync import sync
from app.ingest.sources.files import open_files
from app.ingest.sources.source import RawRecord, Source
from app.registries import REGISTRIES, Registry, registry_of
from app.runtime.progress import progress
from app.settings import Settings

Opener = Callable[[], tuple[Registry, Source]]


def load(engine: Engine, openers: Sequence[Opener], console: Console) -> Summary:
    """Load the sources in order. Each is opened only after the one before it has been loaded."""
    total = Summary()
    for open_source in openers:
        with one_run(engine, console.print):
            registry, source = open_source()
            with progress(console, source.name, source.size) as report:
                total += sync(engine, registry, source, report)
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
) -> Opener:
    """Return a function that opens the live registry if `name` is its name, else the file or folder `name`."""
    registry = live_registry(name)
    if registry is None:
        return lambda: open_any_files(Path(name))
    return lambda: (
        registry,
        open_live(
            engine,
            registry,
            settings.live_base_url(registry.name) or registry.live_base_url,
            condition=condition,
            since=since,
            is_full=is_full,
            accepts_removals=accepts_removals,
        ),
    )


def live_registry(name: str) -> Registry | None:
    """Return the registry of this name that has a live interface."""
    return next((known for known in REGISTRIES if known.name == name and known.open_live), None)


def open_any_files(path: Path) -> tuple[Registry, Source]:
    """Open files of any registry: the first record tells of which."""
    source = open_files(path)
    first = next(source.records, None)
    if first is None:
        return REGISTRIES[0], source
    return registry_of(first.data), replace(source, records=chain((first,), source.records))


def demo_source(trials: int) -> tuple[Registry, Source]:
    records = (
        RawRecord(f"trial {number}", orjson.dumps(study), number)
        for number, study in enumerate(demo.studies(trials), start=1)
    )
    return REGISTRIES[0], Source(name="demo", key="demo", size=trials, records=records, is_whole=True)
