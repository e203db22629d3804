"""Records that could not be read, kept with the reason until a run reads them."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class RejectedRecord(SQLModel, table=True):
    __tablename__ = "rejected_record"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    position: str
    registry_id: str | None = None
    reason: str
    excerpt: str
    rejected_at: datetime = Field(sa_type=DateTime)
