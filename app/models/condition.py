"""Conditions, and how each trial is linked to them."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel


class Condition(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    mesh_id: str | None = Field(default=None, index=True)


class TrialCondition(SQLModel, table=True):
    """`source` says why the trial counts: `stated` in the record, a `mesh` term of the registry's own indexing, or
    `broader` than one.
    """

    __tablename__ = "trial_condition"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    condition_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("condition.id"),), index=True)
    source: str
    position: int
