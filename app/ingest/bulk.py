"""Statements for many rows at once, past the unit of work, and lists cut for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, SQLModel

from app.ingest.rows import Row
from app.models import table_of

_CHUNK = 400

T = TypeVar("T")


def insert_rows(
    session: Session, model: type[SQLModel], new: Iterable[Row], *, or_ignore: bool = False
) -> None:
    statement = insert(table_of(model))
    if or_ignore:
        statement = statement.prefix_with("OR IGNORE", dialect="sqlite")
    if batch := list(new):
        session.connection().execute(statement, batch)


def delete_rows(session: Session, model: type[SQLModel], trial_ids: Sequence[int]) -> None:
    table = table_of(model)
    for chunk in chunks(trial_ids):
        session.execute(delete(table).where(table.c.trial_id.in_(chunk)))


def ids_of(session: Session, model: Any, named: Mapping[str, Row]) -> dict[str, int]:
    """The ids of named rows by slug; names not stored yet are added."""
    ids: dict[str, int] = {}
    for chunk in chunks(list(named)):
        known = session.execute(select(model.slug, model.id).where(model.slug.in_(chunk)))
        ids.update(known.all())
    first = next_id(session, model)
    missing = [slug for slug in named if slug not in ids]
    ids.update({slug: first + offset for offset, slug in enumerate(missing)})
    insert_rows(session, model, ({"id": ids[slug], **named[slug]} for slug in missing))
    return ids


def next_id(session: Session, model: Any) -> int:
    return (session.execute(select(func.max(model.id))).scalar() or 0) + 1


def chunks(items: Sequence[T]) -> Iterator[list[T]]:
    """Lists short enough for one statement's parameters."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
