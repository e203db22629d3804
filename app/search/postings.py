"""The trials of each value of a facet as they are kept in memory: a bitmap, opened when it is first asked for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlalchemy import select
from sqlmodel import Session, col

from app.models import FacetPosting
from app.sql import driver_rows

_LEAST_NAMED = 4
"""At least one in so many trials must name a value itself for it to be offered."""


class Posting:
    __slots__ = ("_trials", "count", "is_offered", "label")

    def __init__(self, label: str, count: int, named_count: int, bitmap: bytes) -> None:
        self.label = label
        self.count = count
        self.is_offered = named_count * _LEAST_NAMED >= count
        """A value that trials have mostly through narrower ones is found by name, not offered as a choice."""
        self._trials: bytes | BitMap = bitmap

    @property
    def trials(self) -> BitMap:
        trials = self._trials
        if isinstance(trials, bytes):
            self._trials = trials = BitMap.deserialize(trials)
        return trials

    @property
    def trial_ids(self) -> "npt.NDArray[np.uint32]":
        """Without keeping the bitmap open."""
        trials = self._trials
        opened = BitMap.deserialize(trials) if isinstance(trials, bytes) else trials
        return np.frombuffer(opened.to_array(), dtype=np.uint32)


Postings = dict[str, Posting]
"""By value, those of the most trials first."""


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A facet of which each trial has one value, all of them offered, the other way round: by trial."""

    of_postings: Postings
    values: list[str]
    places: npt.NDArray[np.uint32]
    """By trial id, the place of its value among `values`."""

    def counts(self, trials: BitMap, most: int) -> list[tuple[str, int]]:
        """The `most` values that most of the trials have, those that tie with them too."""
        of_places = np.bincount(self.places[np.frombuffer(trials.to_array(), dtype=np.uint32)])
        found = np.flatnonzero(of_places)  # most have none, and a partition is slow among equals
        counts = of_places[found]
        if len(counts) > most:
            foremost = counts >= np.partition(counts, -most)[-most]
            found, counts = found[foremost], counts[foremost]
        return [
            (self.values[place], count) for place, count in zip(found.tolist(), counts.tolist(), strict=True)
        ]


def value_column(postings: Postings, everything: int, known: ValueColumn | None = None) -> ValueColumn | None:
    """Made from the column of an earlier version, where there is one, and the postings that are new since; None where
    some of the trials, everything in number, have several values, or a value is not offered.
    """
    is_single = sum(posting.count for posting in postings.values()) == everything
    if not is_single or not all(posting.is_offered for posting in postings.values()):
        return None
    values = [*known.values] if known else []
    before: Postings = known.of_postings if known else {}
    place_of = {value: place for place, value in enumerate(values)}
    places = known.places.copy() if known else np.zeros(0, dtype=np.uint32)
    for value, posting in postings.items():
        if before.get(value) is not posting:
            if value not in place_of:
                place_of[value] = len(values)
                values.append(value)
            trial_ids = posting.trial_ids
            if trial_ids[-1] >= len(places):
                places = np.concatenate((places, np.zeros(trial_ids[-1] + 1, dtype=np.uint32)))
            places[trial_ids] = place_of[value]
    return ValueColumn(postings, values, places)


def load_postings(session: Session, facet: str) -> Postings:
    return _largest_first(_read(session, facet, since=-1))


def with_changes(session: Session, facet: str, known: Postings, since: int) -> Postings:
    """The postings of the version that the session sees, from those of the version `since`."""
    changed = _read(session, facet, since)
    if not changed:
        return known
    current = {value: posting for value, posting in {**known, **changed}.items() if posting.count}
    return _largest_first(current)


def _read(session: Session, facet: str, since: int) -> Postings:
    """Also those that no trial has any more, where they have changed since."""
    found = select(
        col(FacetPosting.value),
        col(FacetPosting.label),
        col(FacetPosting.count),
        col(FacetPosting.named_count),
        col(FacetPosting.bitmap),
    ).where(col(FacetPosting.facet) == facet)
    found = found.where(col(FacetPosting.changed_in) > since if since >= 0 else col(FacetPosting.count) > 0)
    return {
        value: Posting(label, count, named_count, bitmap)
        for value, label, count, named_count, bitmap in driver_rows(session, found)
    }


def _largest_first(postings: Postings) -> Postings:
    return dict(sorted(postings.items(), key=lambda item: -item[1].count))
