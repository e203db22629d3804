"""The countries that trials run in, with the number of sites in each."""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID


class TrialCountry(SQLModel, table=True):
    __tablename__ = "trial_country"
    __table_args__ = WITHOUT_ROWID

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    slug: str = Field(primary_key=True)
    country: str
    location_count: int
