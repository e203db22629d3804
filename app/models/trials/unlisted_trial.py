"""Trials that the registry listed once and lists no longer. They are kept, and left out of lists unless asked for."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel


class UnlistedTrial(SQLModel, table=True):
    __tablename__ = "unlisted_trial"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    found_on: str
    """The day, ISO, of the registry's data on which a complete run did not find the trial for the first time."""
