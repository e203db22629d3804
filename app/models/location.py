"""Sites, and their count by country."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel


class Location(SQLModel, table=True):
    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    position: int = Field(primary_key=True)
    facility: str | None = None
    status: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class TrialCountry(SQLModel, table=True):
    __tablename__ = "trial_country"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    slug: str = Field(primary_key=True)
    country: str
    location_count: int
