"""Interventions by name, and their type in each trial: one name can be a drug here and a biological there."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID


class InterventionName(SQLModel, table=True):
    __tablename__ = "intervention"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    """As most trials write it."""
    search_words: str = Field(default="", index=True)
    """The words to search for it by, in lower case and in the order of the alphabet; names that share them are one
    suggestion.
    """


class TrialIntervention(SQLModel, table=True):
    """`position` is the place in the record; an intervention without a name has no `intervention_id`."""

    __tablename__ = "trial_intervention"
    __table_args__ = WITHOUT_ROWID

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    position: int = Field(primary_key=True)
    intervention_id: int | None = Field(
        default=None, sa_column_args=(ForeignKey("intervention.id"),), index=True
    )
    type: str | None = None
    words: str | None = None
    """The record's own."""
