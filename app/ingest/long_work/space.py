"""Checks before long work that the disk has room for it."""

import shutil
from pathlib import Path

from sqlalchemy import Engine

from app.failures import ExpectedError

REINDEX_SHARE = 1.0
"""Space for reindexing as a share of the database's size: as if all rows were rewritten before any page is free."""
MESH_SHARE = 0.4
"""Space for linking to another MeSH: the links, postings and names, without documents and full text."""
_LOG = 256 << 20
"""Bytes of the write-ahead log: what is written but cannot be moved to the file yet while somebody reads."""


class NotEnoughSpaceError(ExpectedError):
    """Long work would run out of disk space on the way."""


def require_space(engine: Engine, share: float, command: str) -> str:
    """Return a sentence that says how much space the work may need and how much is free.

    Raises:
        NotEnoughSpaceError: less is free than the work may need.
    """
    path = Path(str(engine.url.database)).absolute()
    needed = int(path.stat().st_size * share) + _LOG if path.exists() else 0
    free = shutil.disk_usage(path.parent).free
    said = f"may need {_gigabytes(needed)} of disk space; {path.parent} has {_gigabytes(free)} free"
    if free < needed:
        raise NotEnoughSpaceError(
            f"'trialmark {command}' {said}: free some space, or run it with --no-space-check"
        )
    return f"This {said}."


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
