"""Storage of the links between trials and conditions, and of the conditions above each condition."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session

from app.conditions.mapping import Linked
from app.database.bulk import Row, Values, ids_of, insert_values
from app.models import Condition, ConditionBroader, TrialAbbreviation, TrialCondition

_LINK = ("trial_id", "condition_id", "source", "position", "manner", "words")


def write_conditions(session: Session, by_trial: Sequence[tuple[int, Linked]]) -> None:
    """Store the links of trials that have none yet."""
    named = _named(by_trial)
    ids = ids_of(session, Condition, named)
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
    """Return, by slug, the row to add for each condition that is not stored yet."""
    return {
        link.slug: {"slug": link.slug, "name": link.name, "mesh_id": link.mesh_id}
        for _, linked in by_trial
        for link in linked.links
    }


def _links(by_trial: Sequence[tuple[int, Linked]], ids: dict[str, int]) -> Iterator[Values]:
    for trial_id, linked in by_trial:
        for position, link in enumerate(linked.links):
            yield trial_id, ids[link.slug], link.source, position, link.manner, link.words
