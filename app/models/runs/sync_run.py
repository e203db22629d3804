"""The runs that changed something: what they brought, when, and from where."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class SyncRun(SQLModel, table=True):
    __tablename__ = "sync_run"

    id: int | None = Field(default=None, primary_key=True)
    registry_name: str = Field(default="ctgov", sa_column_kwargs={"server_default": "ctgov"})
    source: str
    started_at: datetime = Field(sa_type=DateTime)
    finished_at: datetime = Field(sa_type=DateTime)
    read: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    release: str | None = Field(default=None, sa_column_kwargs={"name": "data_version"})
    """The registry's release (an ISO day), if it can be relied on."""
    ended_at_version: int | None = None
    """`Revision.version` at the end of the run: later changes of trials are from a run that did not finish."""
