"""The registry's own document of each trial: the single source of truth, from which everything else is derived."""

from datetime import datetime

import zstandard
from sqlalchemy import DateTime, ForeignKey
from sqlmodel import Field, SQLModel

from app.failures import DamagedDataError


class SourceDocument(SQLModel, table=True):
    __tablename__ = "source_document"

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    document: bytes
    """JSON as received, zstd-compressed."""
    sha256: bytes
    """The hash of the document's fingerprint, which leaves out what the registry changes daily in every record."""
    fetched_at: datetime = Field(sa_type=DateTime)
    """UTC."""
    release: str | None = Field(default=None, sa_column_kwargs={"name": "data_version"})

    @property
    def received(self) -> bytes:
        """The document as the registry sent it.

        Raises:
            DamagedDataError: it cannot be decompressed.
        """
        try:
            return zstandard.decompress(self.document)
        except zstandard.ZstdError as error:
            raise DamagedDataError(f"the stored document of trial {self.trial_id} cannot be read") from error
