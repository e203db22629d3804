"""Thresholds between two ways to the same answer, made small so that few trials go all the ways.

This is the one module that knows where they stand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import ModuleType

import pytest

from app.ingest.runs import remove, sync
from app.search.counts import catalogue, of_result, sort, values_by_trial
from app.search.words import text

_PLACES: dict[str, tuple[tuple[ModuleType, str], ...]] = {
    "many_values": ((of_result, "_MANY_VALUES"),),
    "most_listed": ((of_result, "_MOST_LISTED"),),
    "most_ranked": ((text, "MOST_RANKED"),),
    "most_changed": ((values_by_trial, "_MOST_CHANGED"),),
    "looked_at": ((sort, "_MOST_TESTED"),),
    "sorted_of": ((sort, "_SORTED_OF"),),
    "most_remembered": ((catalogue, "_MOST_REMEMBERED"),),
    "batch": ((sync, "BATCH"), (remove, "_BATCH")),
    "batches_with_postings": ((sync, "BATCHES_BEFORE_WORKERS"),),
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Values for the thresholds; None leaves the program's own."""

    many_values: int | None = None
    """Number of values from which on a facet is counted by trial."""
    most_listed: int | None = None
    """Largest result whose values are counted trial by trial."""
    most_ranked: int | None = None
    most_changed: float | None = None
    """Share of changed pairs from which on the table by trial is built again."""
    looked_at: int | None = None
    sorted_of: int | None = None
    most_remembered: int | None = None
    batch: int = 5
    """Records in a batch; after each batch pages are fetched."""
    batches_with_postings: int = 4
    """Batches of a first load that write postings; later ones leave them to its end."""

    @contextmanager
    def applied(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in asdict(self).items():
                for module, attribute in _PLACES[name] if value is not None else ():
                    patch.setattr(module, attribute, value)
            yield


AS_BUILT = Thresholds()
BY_TRIAL = Thresholds(many_values=1, most_changed=1_000)
"""Counts by trial that follow every update and are never built again."""
BY_TRIAL_ANEW = Thresholds(many_values=4, most_listed=12, looked_at=5, sorted_of=2)
"""Counts by trial of short results, built again after a twentieth has changed; both ways to a page of an order."""
FEW_RANKED = Thresholds(many_values=1, most_ranked=6, most_remembered=1, looked_at=0)
"""Words that are in too many trials to rank them all."""
ALL_THRESHOLDS = (AS_BUILT, BY_TRIAL, BY_TRIAL_ANEW, FEW_RANKED)
