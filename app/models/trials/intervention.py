"""Interventions by name, and their type in each trial: a drug in one trial can be a biological in another."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID


class InterventionName(SQLModel, table=True):
    __tablename__ = "intervention"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    """The name as most trials write it."""
    search_words: str = Field(default="", index=True)
    """The words to search for, in lower case and alphabetical order.

    Names that share them are one suggestion.
    """


class TrialIntervention(SQLModel, table=True):
    """An intervention of a trial.

    `position` is its place in the record; an intervention without a name has no `intervention_id`.
    """

    __tablename__ = "trial_intervention"
    __table_args__ = WITHOUT_ROWID

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    position: int = Field(primary_key=True)
    intervention_id: int | None = Field(
        default=None, sa_column_args=(ForeignKey("intervention.id"),), index=True
    )
    type: str | None = None
    words: str | None = None
    """The name as the record writes it."""
