"""A counter that every committed change of the trials moves on: the key of everything kept in memory."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class DataVersion(SQLModel, table=True):
    __tablename__ = "data_version"

    id: int = Field(default=1, primary_key=True)
    version: int
    changed_at: datetime = Field(sa_type=DateTime)
    rebuilt_in: int = 0
    """The version in which postings were made anew, or trials taken out: what is kept of before is of no use."""
    is_loading: bool = False
    """A first load is on its way: its trials are stored, their postings come at its end."""
