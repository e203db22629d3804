"""What lists print of a trial, ready: rows drawn from all over a registry are one read each, not one a table."""

from typing import NamedTuple

import orjson
from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel

from app.failures import DamagedDataError


class TrialListing(SQLModel, table=True):
    __tablename__ = "trial_listing"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    facts: str
    """The values of ListedFacts in their order, as JSON."""


class ListedFacts(NamedTuple):
    """Values of the vocabulary and names as the record writes them; a date is the registry's text."""

    registry_id: str
    is_synthetic: bool
    title: str
    status: str | None
    study_type: str | None
    phases: list[str]
    sex: str | None
    minimum_age: str | None
    maximum_age: str | None
    enrollment: int | None
    enrollment_kind: str | None
    last_update_posted: str | None
    has_results: bool
    location_count: int
    countries: list[tuple[str, int]]
    """(name, number of sites), most sites first."""
    conditions: list[str]
    interventions: list[tuple[str | None, str | None]]
    """(type, name)"""
    lead_sponsor: str | None

    def to_json(self) -> str:
        return orjson.dumps(tuple(self)).decode()

    @classmethod
    def of_json(cls, facts: str) -> "ListedFacts":
        """Read what a list prints of a trial.

        Raises:
            DamagedDataError: it is not what was written.
        """
        try:
            return cls(*orjson.loads(facts))
        except (ValueError, TypeError) as error:
            raise DamagedDataError("what lists print of a trial cannot be read") from error
