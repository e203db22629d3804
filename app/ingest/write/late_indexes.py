"""Indexes that a first load builds at its end: until then, each batch would write pages all over them.

An interrupted first load leaves these indexes missing until the next run finishes it. A migration of one of them has to
expect that.
"""

from sqlalchemy import Index
from sqlmodel import Session, SQLModel

from app.models import InterventionName, Trial, TrialCondition, TrialIntervention, TrialSponsor, table_of

_LATE: tuple[tuple[type[SQLModel], str], ...] = (
    (Trial, "ix_trial_orders"),
    (TrialCondition, "ix_trial_condition_condition_id"),
    (TrialCondition, "ix_trial_condition_stated"),
    (InterventionName, "ix_intervention_search_words"),
    (TrialIntervention, "ix_trial_intervention_intervention_id"),
    (TrialSponsor, "ix_trial_sponsor_sponsor_id"),
)


def drop_late_indexes(session: Session) -> None:
    for index in _late_indexes():
        index.drop(session.connection(), checkfirst=True)


def make_late_indexes(session: Session) -> None:
    """Create the late indexes that are missing."""
    for index in _late_indexes():
        index.create(session.connection(), checkfirst=True)


def _late_indexes() -> list[Index]:
    return [index for model, name in _LATE for index in table_of(model).indexes if index.name == name]
