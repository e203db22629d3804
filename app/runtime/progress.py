"""The progress of a long command: a bar on a terminal, a plain line now and then if output goes to a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_SECONDS_BETWEEN_LINES = 10.0

Report = Callable[[int, int], None]
"""Called with how much of the size is done, and how many records that was."""


@contextmanager
def progress(console: Console, label: str, size: int | None, unit: str = "records") -> Iterator[Report]:
    """Show the progress of work of known or unknown size, counted in a unit."""
    show = _bar if console.is_terminal else _lines
    with show(console, label, size, unit) as report:
        yield report


@contextmanager
def _bar(console: Console, label: str, size: int | None, _unit: str) -> Iterator[Report]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    started = monotonic()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=size, rate="")

        def report(done: int, records: int) -> None:
            bar.update(task, completed=done, rate=_rate(records, started))

        yield report


@contextmanager
def _lines(console: Console, label: str, size: int | None, unit: str) -> Iterator[Report]:
    started = last = monotonic()

    def report(done: int, records: int) -> None:
        nonlocal last
        if monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = monotonic()
            share = f", {done / size:.0%}" if size else ""
            console.print(f"{label}: {records:,} {unit}{share}, {_rate(records, started)}", markup=False)

    yield report


def _rate(records: int, started: float) -> str:
    return f"{records / max(monotonic() - started, 0.001):,.0f} a second"
