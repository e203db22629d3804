"""Notes which names to check again when a run ends: those whose trials, or whose spelling in them, changed.

The notes are written in the transaction that makes the change, so that a killed run loses none.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import TextClause, delete, func, select, text
from sqlmodel import Session, col

from app.database.bulk import insert_values
from app.database.sql import driver_rows, listed
from app.models import DueName, Trial

CONDITION, INTERVENTION, SPONSOR, ACRONYM, DRUG = "condition", "intervention", "sponsor", "acronym", "drug"
_ALL = ("all", "")
"""The note that every name is due."""

Use = tuple[object, ...]
"""(kind, slug or lower-case acronym, how the trial uses it, trial id)"""

_OF_TRIALS = "trial_id IN (SELECT value FROM json_each(:trial_ids))"
_USES: tuple[TextClause, ...] = (
    text(
        "SELECT 'condition', slug, iif(source = 'stated', manner || words, source = 'stated'), trial_id "  # noqa: S608  texts of ours
        f"FROM trial_condition JOIN condition ON condition.id = condition_id WHERE {_OF_TRIALS}"
    ),
    text(
        "SELECT 'intervention', slug, position || ' ' || ifnull(type, '') || words, trial_id "  # noqa: S608  the same
        f"FROM trial_intervention JOIN intervention ON intervention.id = intervention_id WHERE {_OF_TRIALS}"
    ),
    text(
        "SELECT 'sponsor', slug, role || words, trial_id "  # noqa: S608  the same
        f"FROM trial_sponsor JOIN sponsor ON sponsor.id = sponsor_id WHERE {_OF_TRIALS}"
    ),
)


def uses_of(session: Session, trial_ids: Sequence[int]) -> set[Use]:
    """Return the names that the trials use, and how they use them."""
    if not trial_ids:
        return set()
    asked = {"trial_ids": str(list(trial_ids))}
    uses = {use for statement in _USES for use in driver_rows(session, statement, asked)}
    lower = func.lower(col(Trial.acronym))
    acronyms = select(lower, col(Trial.acronym), col(Trial.id)).where(
        col(Trial.id).in_(listed(trial_ids)), col(Trial.acronym).is_not(None)
    )
    return uses | {(ACRONYM, *row) for row in driver_rows(session, acronyms)}


def mark_due(session: Session, before: Iterable[Use], after: Iterable[Use]) -> None:
    """Note the names whose trials, or whose use in a trial, are not the same as before."""
    changed = {use[:2] for use in set(before) ^ set(after)}
    insert_values(session, DueName, ("kind", "value"), sorted(changed, key=str), or_ignore=True)


def mark_names_due(session: Session, kind: str, values: Iterable[str]) -> None:
    insert_values(
        session, DueName, ("kind", "value"), [(kind, value) for value in sorted(set(values))], or_ignore=True
    )


def mark_all_due(session: Session) -> None:
    """Note that every name is due."""
    insert_values(session, DueName, ("kind", "value"), [_ALL], or_ignore=True)


def due_names(session: Session) -> dict[str, list[str]] | None:
    """Return the names that are due, by kind; None if all are."""
    by_kind: dict[str, list[str]] = {kind: [] for kind in (CONDITION, INTERVENTION, SPONSOR, ACRONYM, DRUG)}
    for kind, value in session.execute(select(col(DueName.kind), col(DueName.value))):
        if (kind, value) == _ALL:
            return None
        by_kind[kind].append(value)
    return by_kind


def clear_due(session: Session) -> None:
    session.execute(delete(DueName))
