"""The registry's own document of each trial: the one stored truth, from which all else is derived."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey
from sqlmodel import Field, SQLModel


class SourceDocument(SQLModel, table=True):
    __tablename__ = "source_document"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    document: bytes
    """JSON as received, zstd-compressed."""
    sha256: bytes
    """Of the registry's fingerprint of the document: what it changes daily in every record is left out."""
    fetched_at: datetime = Field(sa_type=DateTime)
    """UTC."""
    data_version: str | None = None
