"""Writes the links of trials to conditions, and what stands above each condition."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlmodel import Session, col

from app.ingest.bulk import ids_of, insert_values
from app.ingest.conditions import Linked
from app.ingest.rows import Row, Values
from app.models import Condition, ConditionBroader, TrialAbbreviation, TrialCondition
from app.sql import listed

_LINK = ("trial_id", "condition_id", "source", "position", "manner", "words")


def write_conditions(session: Session, by_trial: Sequence[tuple[int, Linked]]) -> None:
    """Add the links of trials that have none."""
    named = _named(by_trial)
    ids = ids_of(session, Condition, named)
    _learn_mesh_ids(session, ids, named)
    broader = {pair for _, linked in by_trial for pair in linked.broader}
    insert_values(
        session,
        ConditionBroader,
        ("condition_id", "broader_id"),
        [(ids[slug], ids[higher]) for slug, higher in sorted(broader)],
        or_ignore=True,
    )
    insert_values(session, TrialCondition, _LINK, list(_links(by_trial, ids)))
    insert_values(
        session,
        TrialAbbreviation,
        ("trial_id", "abbreviation", "mesh_id"),
        [(trial_id, *pair) for trial_id, linked in by_trial for pair in linked.abbreviations],
    )


def _named(by_trial: Sequence[tuple[int, Linked]]) -> dict[str, Row]:
    named: dict[str, Row] = {}
    for _, linked in by_trial:
        for link in linked.links:
            row = named.get(link.slug)
            if row is None or (link.mesh_id and row["mesh_id"] is None):
                named[link.slug] = {"slug": link.slug, "name": link.name, "mesh_id": link.mesh_id}
    return named


def _links(by_trial: Sequence[tuple[int, Linked]], ids: dict[str, int]) -> Iterator[Values]:
    for trial_id, linked in by_trial:
        for position, link in enumerate(linked.links):
            yield trial_id, ids[link.slug], link.source, position, link.manner, link.words


def _learn_mesh_ids(session: Session, ids: dict[str, int], named: dict[str, Row]) -> None:
    """A condition known by its stated name alone gets the MeSH id that a later record brings."""
    with_mesh = {ids[slug]: row for slug, row in named.items() if row["mesh_id"]}
    unnamed = select(col(Condition.id)).where(
        col(Condition.id).in_(listed(list(with_mesh))), col(Condition.mesh_id).is_(None)
    )
    learned = [
        {"id": condition_id, "mesh_id": row["mesh_id"], "name": row["name"]}
        for condition_id in session.execute(unnamed).scalars()
        if condition_id and (row := with_mesh[condition_id])
    ]
    if learned:
        session.execute(update(Condition), learned)
