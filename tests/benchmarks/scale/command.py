"""Runs the parts one after the other, each on the database that the first one builds."""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

from tests.benchmarks.scale.build import load, measure_build
from tests.benchmarks.scale.changes import measure_changes
from tests.benchmarks.scale.datasette import measure_datasette
from tests.benchmarks.scale.pages import list_times, measure_pages
from tests.benchmarks.scale.place import Place
from tests.benchmarks.scale.plain import measure_plain
from tests.benchmarks.scale.processes import serving
from tests.benchmarks.scale.report import Fact, facts_table, times_table
from tests.benchmarks.scale.sql import measure_sql

_DATABASE = Path(gettempdir()) / "trialmark-scale" / "trialmark.db"
_PARTS: dict[str, Callable[[Place], str]] = {
    "build": measure_build,
    "pages": measure_pages,
    "sql": measure_sql,
    "plain": measure_plain,
    "datasette": measure_datasette,
    "changes": measure_changes,
}


def measure_scale(arguments: Sequence[str]) -> None:
    """Run the parts and print every table as soon as it is there."""
    parser = ArgumentParser(prog="python -m tests.benchmarks scale")
    parser.add_argument("--trials", type=int, required=True)
    parser.add_argument("--database", type=Path, default=_DATABASE)
    parser.add_argument("--only", choices=[*_PARTS, "grow"], action="append", help="run only this part")
    parser.add_argument(
        "--grow", action="store_true", help="measure the list with a tenth of the trials, too"
    )
    asked = parser.parse_args(arguments)
    place = Place(asked.database.resolve(), asked.trials)
    place.database.parent.mkdir(parents=True, exist_ok=True)
    parts = dict(_PARTS)
    if asked.grow or "grow" in (asked.only or ()):
        parts["grow"] = _measure_growth
    for name in asked.only or parts:
        print(f"## {name}: {place.trials:,} trials, {_now()}\n", flush=True)
        print(f"{parts[name](place)}\n", flush=True)


def _now() -> str:
    """Return the time and the machine's load, by which the measured times have to be read."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def _measure_growth(place: Place) -> str:
    smaller = place.smaller()
    load(smaller)
    with serving(smaller) as server:
        before = list_times(server)
    with serving(place) as server:
        after = list_times(server)
    assert before.processor
    assert after.processor
    by_processor = after.processor / before.processor
    growth = f"{after.p50 / before.p50:.1f} times ({by_processor:.1f} by processor time)"
    times = [replace(before, what=f"{before.what}, {smaller.trials:,} trials"), after]
    fact = Fact(f"list p50 from {smaller.trials:,} to {place.trials:,} trials", growth, "3 times")
    return f"{times_table(times)}\n\n{facts_table([fact])}"
