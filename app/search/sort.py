"""The orders of the list, kept in memory so that page 1 and page 400 of any result cost alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from pyroaring import BitMap
from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, cast, func, select
from sqlmodel import Session, col

from app.models import Trial

RELEVANCE = "relevance"
_GREATEST = 2**31 - 2
"""Of a value; greater ones count as this. No value is one more, which still leaves a key its 63 bits."""
_NUMBERS = 2**32
"""Of registry numbers: the lower half of a key."""

Ids = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sort:
    name: str
    label: str
    column: SQLColumnExpression[Any] | None = None
    """None for relevance, which comes from the words of the query."""
    is_descending: bool = True
    is_by_date: bool = True


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


@dataclass(frozen=True)
class Ordering:
    """All trials in one order."""

    trial_ids: Ids
    keys: Keys
    """Of the trials in the same places, the least first: the value, then the registry number."""

    def page(self, result: BitMap, offset: int, limit: int) -> list[int]:
        """The ids of `result` at positions `offset` to `offset + limit` of this order."""
        if len(result) == len(self.trial_ids):
            return _listed(self.trial_ids[offset : offset + limit])
        of_result = np.zeros(self._end, dtype=bool)
        of_result[np.frombuffer(result.to_array(), dtype=np.uint32)] = True
        places = np.flatnonzero(of_result[self.trial_ids])[offset : offset + limit]
        return _listed(self.trial_ids[places])

    @property
    def _end(self) -> int:
        return int(self.trial_ids.max(initial=0)) + 1


def load_ordering(session: Session, sort: Sort) -> Ordering:
    """Read one order from the database; trials without the value come last in both directions."""
    trial_ids, keys = _read(session, sort, since=-1)
    order = np.argsort(keys)
    return Ordering(trial_ids[order], keys[order])


def ordering_with_changes(session: Session, sort: Sort, known: Ordering, since: int) -> Ordering:
    """The order of the version that the session sees, from that of the version `since`."""
    changed, keys = _read(session, sort, since)
    if not len(changed):
        return known
    stays = ~np.isin(known.trial_ids, changed)
    order = np.argsort(keys)
    changed, keys = changed[order], keys[order]
    kept_ids, kept_keys = known.trial_ids[stays], known.keys[stays]
    places = np.searchsorted(kept_keys, keys)
    return Ordering(np.insert(kept_ids, places, changed), np.insert(kept_keys, places, keys))


def _listed(trial_ids: Ids) -> list[int]:
    ids: list[int] = trial_ids.tolist()
    return ids


def _read(session: Session, sort: Sort, since: int) -> tuple[Ids, Keys]:
    """The ids and keys of the trials that have changed since a version, in no order."""
    found = select(
        *(
            func.json_group_array(column)
            for column in (col(Trial.id), col(Trial.registry_number), _value(sort))
        )
    )
    if since >= 0:
        found = found.where(col(Trial.changed_in) > since)
    trial_ids, numbers, values = (orjson.loads(column) for column in session.execute(found).one())
    return np.array(trial_ids, dtype=np.uint32), _keys(sort, values, numbers)


def _value(sort: Sort) -> ColumnElement[int]:
    """As a number: a date as its digits, where those that are missing come first; -1 for no value."""
    column = sort.column
    assert column is not None, "relevance is not a stored order"  # noqa: S101  a caller's mistake, not data
    if not sort.is_by_date:
        return func.coalesce(func.min(column, _GREATEST), -1)
    digits = func.substr(func.replace(column, "-", "").concat("0000"), 1, 8)
    return func.coalesce(cast(digits, Integer), -1)


def _keys(sort: Sort, values: Sequence[int], numbers: Sequence[int]) -> Keys:
    """Of trials with the same value, the one with the greatest registry number comes first."""
    value = np.array(values, dtype=np.int64)
    rank = np.where(value < 0, _GREATEST + 1, _GREATEST - value if sort.is_descending else value)
    return rank * _NUMBERS + (_NUMBERS - 1 - np.array(numbers, dtype=np.int64))
