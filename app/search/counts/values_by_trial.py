"""A facet by trial: a table of the offered values that each trial has.

It gives all counts of a result in one step.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from app.search.counts.postings import Posting, Postings

_MOST_CHANGED = 0.05
"""Share of the pairs; if more have changed, the table is built again."""

_NUMBER = np.uint32
_Numbers = npt.NDArray[np.uint32]


class _Changes(NamedTuple):
    """(trial, value) pairs that were added or removed since the table was built, in that order."""

    trial_ids: _Numbers
    places: _Numbers
    signs: npt.NDArray[np.int8]
    """1 for an added pair, -1 for a removed one."""

    def counts(self, trials: _Numbers, values: int) -> "npt.NDArray[np.int64]":
        """Return, by the place of each value, how many more of the trials have it now (negative for fewer)."""
        is_among = np.isin(self.trial_ids, trials, kind="table")
        return np.bincount(self.places[is_among], self.signs[is_among], values).astype(np.int64)


_NO_CHANGES = _Changes(np.zeros(0, _NUMBER), np.zeros(0, _NUMBER), np.zeros(0, np.int8))


@dataclass(frozen=True, slots=True)
class ValuesByTrial:
    postings: Postings
    """The postings that the table agrees with."""
    values: list[str]
    place_of: dict[str, int]
    """The place of each value in `values`."""
    starts: _Numbers
    """By trial id, the index in `places` where its values begin; one more entry at the end."""
    places: _Numbers
    changes: _Changes = _NO_CHANGES

    def counts(self, trials: BitMap) -> Iterator[tuple[str, int]]:
        """Yield (value, number of trials) for each value that some of the trials have, the largest counts first."""
        trial_ids = _numbers(trials)
        counts = np.bincount(self._places_of(trial_ids), minlength=len(self.values))
        if len(self.changes.places):
            counts += self.changes.counts(trial_ids, len(self.values))
        found = np.flatnonzero(counts)
        for place in found[np.argsort(-counts[found], kind="stable")]:
            yield self.values[place], int(counts[place])

    def _places_of(self, trial_ids: _Numbers) -> _Numbers:
        known = trial_ids[: np.searchsorted(trial_ids, len(self.starts) - 1)]
        starts = self.starts[known]
        sizes = self.starts[known + 1] - starts
        ends = sizes.cumsum(dtype=_NUMBER)
        at = np.repeat(starts - (ends - sizes), sizes) + np.arange(sizes.sum(), dtype=_NUMBER)
        places: _Numbers = self.places[at]
        return places

    def with_changes(self, postings: Postings) -> "ValuesByTrial":
        """Return the table of a later revision, whose postings are the same objects where nothing changed.

        A value keeps its place from the first revision that offers it, even while it is gone or not offered.
        """
        if postings is self.postings:
            return self
        changed = [value for value, posting in postings.items() if self.postings.get(value) is not posting]
        gone = [value for value in self.postings if value not in postings]
        new = [value for value in changed if value not in self.place_of and postings[value].is_offered]
        place_of = self.place_of | {value: place for place, value in enumerate(new, start=len(self.place_of))}
        changes = [
            _changed(place_of[value], self.postings.get(value), postings.get(value))
            for value in (*changed, *gone)
            if value in place_of
        ]
        together = _Changes(*map(np.concatenate, zip(self.changes, *changes, strict=True)))
        if len(together.places) > _MOST_CHANGED * len(self.places):
            return values_by_trial(postings)
        return replace(
            self, postings=postings, values=[*self.values, *new], place_of=place_of, changes=together
        )


def _changed(place: int, before: Posting | None, now: Posting | None) -> _Changes:
    had, has = _trials(before), _trials(now)
    gone, come = _numbers(had - has), _numbers(has - had)
    trial_ids = np.concatenate((gone, come))
    signs = np.repeat(np.array([-1, 1], np.int8), (len(gone), len(come)))
    return _Changes(trial_ids, np.full(len(trial_ids), place, _NUMBER), signs)


def _trials(posting: Posting | None) -> BitMap:
    return posting.read() if posting and posting.is_offered else BitMap()


def _numbers(trials: BitMap) -> _Numbers:
    return np.frombuffer(trials.to_array(), dtype=_NUMBER)


def values_by_trial(postings: Postings) -> ValuesByTrial:
    values = [value for value, posting in postings.items() if posting.is_offered]
    trials_of = [_numbers(postings[value].read()) for value in values]
    last = max((int(trial_ids[-1]) for trial_ids in trials_of if len(trial_ids)), default=0)
    starts = np.zeros(last + 2, _NUMBER)
    for trial_ids in trials_of:
        starts[trial_ids + 1] += 1
    starts = starts.cumsum(dtype=_NUMBER)
    free = starts[:-1].copy()
    places = np.zeros(starts[-1], _NUMBER)
    for place, trial_ids in enumerate(trials_of):
        at = free[trial_ids]
        places[at] = place
        free[trial_ids] = at + 1
    place_of = {value: place for place, value in enumerate(values)}
    return ValuesByTrial(postings, values, place_of, starts, places)
