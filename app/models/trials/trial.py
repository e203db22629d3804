"""One row per trial: what lists print, filter and sort. Dates keep the registry's text: `2023-09` is a month."""

from sqlalchemy import ForeignKey, Index
from sqlmodel import Field, SQLModel

WITHOUT_ROWID = {"sqlite_with_rowid": False}
"""Options for tables of links: their rows are stored in the order of the key, without a separate index."""


class Trial(SQLModel, table=True):
    __table_args__ = (
        # sorting reads this index instead of whole rows
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
    """The digits of the registry id, which order trials that are otherwise equal."""
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
    """The revision that last wrote the row."""


class TrialAlias(SQLModel, table=True):
    """A former or duplicate registry id that leads to the trial's page.

    If several trials claim it, it leads to the one with the lowest registry id.
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
