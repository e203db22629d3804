"""One row a trial: what lists print, filter and sort. Dates keep the registry's text: `2023-09` is a month."""

from sqlalchemy import ForeignKey, Index
from sqlmodel import Field, SQLModel


class Trial(SQLModel, table=True):
    __table_args__ = (
        Index("ix_trial_last_update_posted", "last_update_posted"),
        Index("ix_trial_first_posted", "first_posted"),
        Index("ix_trial_start_date", "start_date"),
        Index("ix_trial_primary_completion_date", "primary_completion_date"),
        Index("ix_trial_enrollment", "enrollment"),
    )

    id: int | None = Field(default=None, primary_key=True)
    registry_name: str
    registry_id: str = Field(unique=True)
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


class TrialAlias(SQLModel, table=True):
    """A former or duplicate registry id that answers with the trial's page."""

    __tablename__ = "trial_alias"

    alias: str = Field(primary_key=True)
    trial_id: int = Field(sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),), index=True)


class TrialPhase(SQLModel, table=True):
    __tablename__ = "trial_phase"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    phase: str = Field(primary_key=True)


class TrialAgeGroup(SQLModel, table=True):
    __tablename__ = "trial_age_group"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    age_group: str = Field(primary_key=True)
