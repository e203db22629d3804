"""Postings in memory: the trials of each value of a facet, as a bitmap that is opened on first use."""

from heapq import merge

from pyroaring import BitMap
from sqlalchemy import select
from sqlmodel import Session, col

from app.database.sql import driver_rows
from app.failures import DamagedDataError
from app.models import FacetPosting

_NAMED_BY_ONE_IN = 4
"""A value is offered if at least one in this many of its trials names the value itself."""


class Posting:
    __slots__ = ("_trials", "count", "is_offered", "label")

    def __init__(self, label: str, count: int, named_count: int, bitmap: bytes) -> None:
        self.label = label
        self.count = count
        self.is_offered = named_count * _NAMED_BY_ONE_IN >= count
        """A value that trials have mostly through narrower values is found by name, but not offered as a choice."""
        self._trials: bytes | BitMap = bitmap

    @property
    def trials(self) -> BitMap:
        trials = self._trials
        if isinstance(trials, bytes):
            self._trials = trials = _opened(trials)
        return trials

    def read(self) -> BitMap:
        """Return the trials without keeping their bitmap open."""
        trials = self._trials
        return _opened(trials) if isinstance(trials, bytes) else trials


def _opened(bitmap: bytes) -> BitMap:
    try:
        return BitMap.deserialize(bitmap)
    except ValueError as error:
        raise DamagedDataError("the stored bitmap of a filter value cannot be read") from error


Postings = dict[str, Posting]
"""Postings by value, those with the most trials first."""


def united(listed: Postings, unlisted: Postings) -> Postings:
    """Combine the postings of listed and of unlisted trials."""
    both = {value: _united(listed.get(value), posting) for value, posting in unlisted.items()}
    kept = ((value, posting) for value, posting in listed.items() if value not in both)
    return dict(merge(kept, _largest_first(both).items(), key=_largest))


def _united(one: Posting | None, other: Posting) -> Posting:
    if one is None:
        return other
    trials = one.trials | other.trials
    offered = len(trials) if one.is_offered or other.is_offered else 0
    return Posting(one.label or other.label, len(trials), offered, trials.serialize())


def load_postings(session: Session, facet: str) -> Postings:
    return _largest_first(_read(session, facet, since=-1))


def with_changes(session: Session, facet: str, known: Postings, since: int) -> Postings:
    """Return the postings of the revision that the session sees, given those of the revision `since`."""
    changed = _read(session, facet, since)
    if not changed:
        return known
    kept = {**known}
    for value in changed:
        kept.pop(value, None)
    current = _largest_first({value: posting for value, posting in changed.items() if posting.count})
    return dict(merge(kept.items(), current.items(), key=_largest))


def _read(session: Session, facet: str, since: int) -> Postings:
    """Read the postings that have changed after the revision `since`, or all if it is negative.

    The changed ones include values that no trial has any more.
    """
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
    return dict(sorted(postings.items(), key=_largest))


def _largest(item: tuple[str, Posting]) -> int:
    return -item[1].count
