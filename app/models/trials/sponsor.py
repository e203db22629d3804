"""Sponsors and collaborators."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID


class SponsorName(SQLModel, table=True):
    __tablename__ = "sponsor"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    """The name as most trials write it."""


class TrialSponsor(SQLModel, table=True):
    """A sponsor or collaborator of a trial.

    `role` is `lead` or `collaborator`. `sponsor_class` is the class that this record gives the sponsor, `words` the
    name that this record gives it.
    """

    __tablename__ = "trial_sponsor"
    __table_args__ = WITHOUT_ROWID

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    sponsor_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("sponsor.id"),), index=True)
    role: str = Field(primary_key=True)
    sponsor_class: str | None = None
    words: str = ""
