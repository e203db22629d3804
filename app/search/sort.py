"""The orders of the list, kept so that page 1 and page 400 of any result cost alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import SQLColumnExpression, select
from sqlmodel import Session, col

from app.models import Trial

RELEVANCE = "relevance"
_BUCKET = 4096


@dataclass(frozen=True)
class Sort:
    name: str
    label: str
    column: SQLColumnExpression[Any] | None = None
    """None for relevance, which comes from the words of the query."""
    is_descending: bool = True


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
    Sort("enrollment-largest", "Most participants first", col(Trial.enrollment)),
    Sort("enrollment-smallest", "Fewest participants first", col(Trial.enrollment), False),
)

DEFAULT_SORT = "last-updated-newest"


def sort_named(name: str) -> Sort | None:
    return next((sort for sort in SORTS if sort.name == name), None)


@dataclass(frozen=True)
class Ordering:
    """All trials in one order, cut into buckets; each bucket also as a bitmap, to count without walking."""

    buckets: tuple[tuple[tuple[int, ...], BitMap], ...]

    def page(self, result: BitMap, offset: int, limit: int) -> list[int]:
        """The ids of `result` at positions `offset` to `offset + limit` of this order."""
        ids: list[int] = []
        for in_order, members in self.buckets:
            hits = members.intersection_cardinality(result)
            if hits <= offset:
                offset -= hits
                continue
            matching = [trial_id for trial_id in in_order if trial_id in result]
            ids += matching[offset : offset + limit - len(ids)]
            offset = 0
            if len(ids) == limit:
                break
        return ids


def load_ordering(session: Session, sort: Sort) -> Ordering:
    """Read one order from the database; trials without the value come last in both directions."""
    column = sort.column
    assert column is not None, "relevance is not a stored order"  # noqa: S101  a caller's mistake, not data
    direction = column.desc() if sort.is_descending else column.asc()
    newest_id_first = col(Trial.registry_id).desc()
    statement = select(col(Trial.id)).order_by(direction.nulls_last(), newest_id_first)
    return Ordering(tuple(_buckets(list(session.execute(statement).scalars()))))


def _buckets(ids: list[int]) -> Iterator[tuple[tuple[int, ...], BitMap]]:
    for start in range(0, len(ids), _BUCKET):
        bucket = ids[start : start + _BUCKET]
        yield tuple(bucket), BitMap(bucket)
