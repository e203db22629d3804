"""Results as Markdown: times with their percentiles, and single facts, each beside its target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Times:
    what: str
    milliseconds: Sequence[float]
    target: str = ""
    processor: float | None = None
    """Milliseconds of processor time a request, where known; other load on the machine changes it less than the wait.
    """

    @property
    def p50(self) -> float:
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.95)]

    def __str__(self) -> str:
        greatest = max(self.milliseconds)
        measured = f"{self.p50:.1f} | {self.p95:.1f} | {greatest:.1f}"
        processor = "" if self.processor is None else f"{self.processor:.1f}"
        return f"| {self.what} | {len(self.milliseconds):,} | {measured} | {processor} | {self.target} |"


@dataclass(frozen=True)
class Fact:
    what: str
    measured: str
    target: str = ""

    def __str__(self) -> str:
        return f"| {self.what} | {self.measured} | {self.target} |"


def times_table(times: Iterable[Times]) -> str:
    head = ("| ms | requests | p50 | p95 | max | processor | target |", "|---|---|---|---|---|---|---|")
    return "\n".join((*head, *map(str, times)))


def facts_table(facts: Iterable[Fact]) -> str:
    return "\n".join(("| what | measured | target |", "|---|---|---|", *map(str, facts)))


def megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


def per_second(number: float, seconds: float) -> str:
    return f"{number / seconds:,.0f} a second"
