"""The sort orders of the list, kept in memory so that page 1 and page 400 of any result cost the same."""

from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, cast, func, select
from sqlmodel import Session, col

from app.database.sql import integers
from app.models import Trial

RELEVANCE = "relevance"
_GREATEST = 2**31 - 2
"""The greatest value; greater ones count as this. A missing value counts as one more, so that a key fits 63 bits."""
_SORTED_OF = 10
"""A result of at most one in this many trials is sorted; a larger one is picked out of the order of all trials."""
_MOST_TESTED = 10_000
"""Trials at the beginning of an order that are tested one by one for membership in a result. This is the quickest way
if a page is likely to be among them.
"""
_REGISTRY_NUMBERS = 2**32
"""The range of registry numbers, which are the lower half of a key."""

Ids = npt.NDArray[np.uint32]
Values = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sort:
    name: str
    label: str
    column: SQLColumnExpression[Any] | None = None
    """None for relevance, which comes from the words of the query."""
    is_descending: bool = True
    is_by_date: bool = True

    @property
    def value(self) -> str:
        """The name of the column that it sorts by, which both directions share."""
        return str(self.column)


SORTS: tuple[Sort, ...] = (
    Sort(RELEVANCE, "Best match first"),
    Sort("last-updated-newest", "Most recently updated first", col(Trial.last_update_posted)),
    Sort("last-updated-oldest", "Least recently updated first", col(Trial.last_update_posted), False),
    Sort("first-posted-newest", "Most recently posted first", col(Trial.first_posted)),
    Sort("first-posted-oldest", "First posted first", col(Trial.first_posted), False),
    Sort("start-newest", "Latest start first", col(Trial.start_date)),
    Sort("start-oldest", "Earliest start first", col(Trial.start_date), False),
    Sort("primary-completion-newest", "Latest primary completion first", col(Trial.primary_completion_date)),
    Sort(
        "primary-completion-oldest",
        "Earliest primary completion first",
        col(Trial.primary_completion_date),
        False,
    ),
    Sort("enrollment-largest", "Most participants first", col(Trial.enrollment), is_by_date=False),
    Sort("enrollment-smallest", "Fewest participants first", col(Trial.enrollment), False, False),
)

DEFAULT_SORT = "last-updated-newest"


def sort_named(name: str) -> Sort | None:
    return next((sort for sort in SORTS if sort.name == name), None)


class _ByTrial(NamedTuple):
    """The data of an order, in arrays indexed by trial id."""

    values: Values
    """The value to sort by; -1 for none."""
    numbers: Ids
    """The registry number; of trials with the same value, the one with the greatest number comes first."""

    def keys(self, trial_ids: Ids, *, is_descending: bool) -> Keys:
        """Return the sort keys of trials; the least key comes first."""
        value = self.values[trial_ids].astype(np.int64)
        rank = np.where(value < 0, _GREATEST + 1, _GREATEST - value if is_descending else value)
        return rank * _REGISTRY_NUMBERS + (_REGISTRY_NUMBERS - 1 - self.numbers[trial_ids].astype(np.int64))

    def changed(self, trial_ids: Ids, numbers: Ids, values: Values) -> "_ByTrial":
        end = max(len(self.values), int(trial_ids.max(initial=0)) + 1)
        changed = _ByTrial(_lengthened(self.values, end), _lengthened(self.numbers, end))
        changed.values[trial_ids], changed.numbers[trial_ids] = values, numbers
        return changed


@dataclass(frozen=True)
class Orders:
    """All trials sorted by one value, in both directions; trials without a value come last in both."""

    by_trial: _ByTrial
    descending: Ids
    ascending: Ids

    def page(self, result: BitMap, offset: int, limit: int, *, is_descending: bool) -> list[int]:
        """Return the ids of `result` at positions `offset` to `offset + limit` of an order."""
        in_order, end = self.descending if is_descending else self.ascending, offset + limit
        if len(result) == len(in_order):
            return _listed(in_order[offset:end])
        if end * len(in_order) <= _MOST_TESTED * len(result):
            foremost = (trial_id for trial_id in _listed(in_order[:_MOST_TESTED]) if trial_id in result)
            page = list(islice(foremost, offset, end))
            if len(page) == limit:
                return page
        trial_ids = np.frombuffer(result.to_array(), dtype=np.uint32)
        if len(trial_ids) * _SORTED_OF <= len(in_order):
            return _listed(self._first(trial_ids, end, is_descending)[offset:])
        of_result = np.zeros(len(self.by_trial.values), dtype=bool)
        of_result[trial_ids] = True
        return _listed(in_order[np.flatnonzero(of_result[in_order])[offset:end]])

    def with_changes(self, trial_ids: Ids, numbers: Ids, values: Values) -> "Orders":
        """Return the orders after some trials were added or got another value; -1 is no value."""
        by_trial = self.by_trial.changed(trial_ids, numbers, values)
        return Orders(
            by_trial,
            descending=_moved(self.descending, by_trial, trial_ids, is_descending=True),
            ascending=_moved(self.ascending, by_trial, trial_ids, is_descending=False),
        )

    def _first(self, trial_ids: Ids, most: int, is_descending: bool) -> Ids:
        keys = self.by_trial.keys(trial_ids, is_descending=is_descending)
        if most < len(keys):
            foremost = np.argpartition(keys, most)[:most]
            trial_ids, keys = trial_ids[foremost], keys[foremost]
        return trial_ids[np.argsort(keys)]


def load_orders(session: Session, sort: Sort) -> Orders:
    return no_orders().with_changes(*_read(session, sort, since=-1))


def no_orders() -> Orders:
    """Return the orders of no trials."""
    none = np.zeros(0, dtype=np.uint32)
    return Orders(_ByTrial(none.astype(np.int32), none), none, none)


def orders_with_changes(session: Session, sort: Sort, known: Orders, since: int) -> Orders:
    """Return the orders of the revision that the session sees, given those of the revision `since`."""
    trial_ids, numbers, values = _read(session, sort, since)
    return known.with_changes(trial_ids, numbers, values) if len(trial_ids) else known


def _lengthened(known: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    grown = np.zeros(length, dtype=known.dtype)
    grown[: len(known)] = known
    return grown


def _moved(in_order: Ids, by_trial: _ByTrial, changed: Ids, *, is_descending: bool) -> Ids:
    """Return an order with the changed trials moved to the places of their new values."""
    has_changed = np.zeros(len(by_trial.values), dtype=bool)
    has_changed[changed] = True
    kept = in_order[~has_changed[in_order]]
    keys = by_trial.keys(changed, is_descending=is_descending)
    order = np.argsort(keys)
    places = _places(kept, by_trial, keys[order], is_descending=is_descending)
    return np.insert(kept, places, changed[order])


def _places(in_order: Ids, by_trial: _ByTrial, keys: Keys, *, is_descending: bool) -> Keys:
    """Return the place in an order where each key belongs.

    This is a binary search, so the keys of only few trials in the order are computed.
    """
    first, end = np.zeros(len(keys), dtype=np.int64), np.full(len(keys), len(in_order))
    while (is_open := first < end).any():
        middle = (first + end) // 2
        probed = in_order[np.minimum(middle, len(in_order) - 1)]
        is_before = by_trial.keys(probed, is_descending=is_descending) < keys
        first = np.where(is_open & is_before, middle + 1, first)
        end = np.where(is_open & ~is_before, middle, end)
    return first


def _listed(trial_ids: Ids) -> list[int]:
    ids: list[int] = trial_ids.tolist()
    return ids


def _read(session: Session, sort: Sort, since: int) -> tuple[Ids, Ids, Values]:
    """Read ids, registry numbers and values of the trials that have changed after a revision, in no order."""
    found = select(
        *(
            func.json_group_array(column)
            for column in (col(Trial.id), col(Trial.registry_number), _value(sort))
        )
    )
    if since >= 0:
        found = found.where(col(Trial.changed_in) > since)
    trial_ids, numbers, values = session.execute(found).one()
    return integers(trial_ids, np.uint32), integers(numbers, np.uint32), integers(values, np.int32)


def _value(sort: Sort) -> ColumnElement[int]:
    """Return the SQL expression for the value to sort by, as a number; -1 for no value.

    A date becomes its eight digits, with zeros for a missing month or day, so that it comes first.
    """
    column = sort.column
    assert column is not None, "relevance is not a stored order"  # noqa: S101  a caller's mistake, not data
    if not sort.is_by_date:
        return func.coalesce(func.max(func.min(column, _GREATEST), -1), -1)
    digits = func.substr(func.replace(column, "-", "").concat("0000"), 1, 8)
    return func.coalesce(cast(digits, Integer), -1)
