"""One row a trial: what lists print, filter and sort. Dates keep the registry's text: `2023-09` is a month."""

from sqlalchemy import ForeignKey, Index
from sqlmodel import Field, SQLModel

WITHOUT_ROWID = {"sqlite_with_rowid": False}
"""Of links: kept in the order of their key, not beside it."""


class Trial(SQLModel, table=True):
    __table_args__ = (
        # read instead of the whole rows when an order is read
        Index(
            "ix_trial_orders",
            "last_update_posted",
            "first_posted",
            "start_date",
            "primary_completion_date",
            "enrollment",
            "registry_number",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    registry_name: str
    registry_id: str = Field(unique=True)
    registry_number: int = 0
    """The digits of the registry id: what orders trials that are alike otherwise."""
    is_synthetic: bool = False
    title: str
    acronym: str | None = None
    status: str | None = None
    study_type: str | None = None
    sex: str | None = None
    minimum_age: str | None = None
    maximum_age: str | None = None
    enrollment: int | None = None
    enrollment_kind: str | None = None
    start_date: str | None = None
    primary_completion_date: str | None = None
    completion_date: str | None = None
    first_posted: str | None = None
    last_update_posted: str | None = None
    has_results: bool = False
    location_count: int = 0
    changed_in: int = Field(default=0, index=True)
    """The revision in which the row was last written."""


class TrialAlias(SQLModel, table=True):
    """A former or duplicate registry id that answers with the trial's page; of several trials that claim it, with that
    of the lowest registry id.
    """

    __tablename__ = "trial_alias"
    __table_args__ = WITHOUT_ROWID

    alias: str = Field(primary_key=True)
    trial_id: int = Field(
        primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),), index=True
    )


class TrialPhase(SQLModel, table=True):
    __tablename__ = "trial_phase"
    __table_args__ = WITHOUT_ROWID

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    phase: str = Field(primary_key=True)


class TrialAgeGroup(SQLModel, table=True):
    __tablename__ = "trial_age_group"
    __table_args__ = WITHOUT_ROWID

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    age_group: str = Field(primary_key=True)
