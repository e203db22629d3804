"""Inserts and deletes of many rows at once that bypass the ORM's unit of work, and lists cut into chunks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Boolean, delete, func, select
from sqlmodel import Session, SQLModel

from app.database.sql import listed
from app.models import table_of

Row = dict[str, object]
Values = tuple[object, ...]

_CHUNK = 400

T = TypeVar("T")


def insert_rows(
    session: Session, model: type[SQLModel], new: Iterable[Row], *, or_ignore: bool = False
) -> None:
    """Insert rows that all have the same keys; there must be at least two keys."""
    if batch := list(new):
        columns = tuple(batch[0])
        insert_values(session, model, columns, list(map(itemgetter(*columns), batch)), or_ignore=or_ignore)


def insert_values(
    session: Session,
    model: type[SQLModel],
    columns: tuple[str, ...],
    values: Sequence[Values],
    *,
    or_ignore: bool = False,
) -> None:
    """Pass rows of values straight to the driver.

    Letting SQLAlchemy compile the parameters row by row would take longer than writing them.
    """
    if not values:
        return
    connection = session.connection()
    statement, processors = _insert(model, columns, or_ignore, connection.dialect)
    for place, process in processors:
        values = [(*row[:place], process(row[place]), *row[place + 1 :]) for row in values]
    connection.exec_driver_sql(statement, list(values))


@lru_cache
def _insert(
    model: type[SQLModel], columns: tuple[str, ...], or_ignore: bool, dialect: Any
) -> tuple[str, tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """Return the INSERT statement, and the converters of those columns that need one, by column position."""
    table, quote = table_of(model), dialect.identifier_preparer.quote
    names, places = ", ".join(map(quote, columns)), ", ".join("?" for _ in columns)
    verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
    kinds = [table.c[column].type.dialect_impl(dialect) for column in columns]
    processors = (
        (place, kind.bind_processor(dialect))
        for place, kind in enumerate(kinds)
        if not isinstance(kind, Boolean)  # the driver takes booleans as they are
    )
    return (
        f"{verb} INTO {quote(table.name)} ({names}) VALUES ({places})",
        tuple((place, process) for place, process in processors if process),
    )


def delete_rows(session: Session, model: type[SQLModel], trial_ids: Sequence[int]) -> None:
    table = table_of(model)
    if trial_ids:
        session.execute(delete(table).where(table.c.trial_id.in_(listed(trial_ids))))


def ids_of(session: Session, model: Any, named: Mapping[str, Row]) -> dict[str, int]:
    """Return the ids of named rows by slug; insert the names that are not stored yet."""
    known = session.execute(select(model.slug, model.id).where(model.slug.in_(listed(list(named)))))
    ids: dict[str, int] = dict(known.all())
    first = next_id(session, model)
    missing = [slug for slug in named if slug not in ids]
    ids.update({slug: first + offset for offset, slug in enumerate(missing)})
    insert_rows(session, model, ({"id": ids[slug], **named[slug]} for slug in missing))
    return ids


def next_id(session: Session, model: Any) -> int:
    return (session.execute(select(func.max(model.id))).scalar() or 0) + 1


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield lists that are short enough for the parameters of one statement."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
