"""Records that could not be read, kept with the reason until a run reads them."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class RejectedRecord(SQLModel, table=True):
    __tablename__ = "rejected_record"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    """The source's name for people."""
    source_key: str | None = Field(default=None, index=True)
    """The source's key: the registry, or the address of the file. None for rows from before keys were kept."""
    position: str
    registry_id: str | None = None
    reason: str
    excerpt: str
    rejected_at: datetime = Field(sa_type=DateTime)
