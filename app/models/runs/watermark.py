"""Watermarks: how far each live source has been followed, which an incremental run builds on."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class Watermark(SQLModel, table=True):
    scope: str = Field(primary_key=True)
    """The registry, and what the run was narrowed to: `ctgov`, `ctgov: asthma`. No file can take this name."""
    version: str
    """The registry's release (an ISO day) that a complete run asked for before its first page."""
    changed_at: datetime = Field(sa_type=DateTime)
    """UTC."""
