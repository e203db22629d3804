"""What lists print about a trial, ready made: each row of a list takes one read, not one read per table."""

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
    """The facts that a list prints about a trial.

    Coded values are those of the code lists, names are as the record writes them, and dates are the registry's text.
    """

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
        """Parse the stored facts.

        Raises:
            DamagedDataError: the JSON is not what `to_json` wrote.
        """
        try:
            return cls(*orjson.loads(facts))
        except (ValueError, TypeError) as error:
            raise DamagedDataError(
                "the stored facts that lists print about a trial cannot be read"
            ) from error
