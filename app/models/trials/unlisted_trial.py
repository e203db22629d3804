"""Trials that the registry no longer lists. They are kept, but lists leave them out unless asked for them."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel


class UnlistedTrial(SQLModel, table=True):
    __tablename__ = "unlisted_trial"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    found_on: str
    """The registry's release (an ISO day) in which a complete run first missed the trial."""
