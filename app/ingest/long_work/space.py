"""Makes sure before long work that the disk has room for it."""

import shutil
from pathlib import Path

from sqlalchemy import Engine

from app.failures import ExpectedError

REINDEX_SHARE = 1.0
"""Of the database's size: as if all of its rows were written anew before any page is free again."""
MESH_SHARE = 0.4
"""Links, postings and names, without documents and full text."""
_LOG = 256 << 20
"""Bytes, of what is written but not in the file yet while somebody reads."""


class NotEnoughSpaceError(ExpectedError):
    """Work would run out of disk on the way."""


def require_space(engine: Engine, share: float, command: str) -> str:
    """Return in a sentence what the work may need and what is free.

    Raises:
        NotEnoughSpaceError: that is less.
    """
    path = Path(str(engine.url.database)).absolute()
    needed = int(path.stat().st_size * share) + _LOG if path.exists() else 0
    free = shutil.disk_usage(path.parent).free
    said = f"may need {_gigabytes(needed)} of disk, of which {path.parent} has {_gigabytes(free)} free"
    if free < needed:
        raise NotEnoughSpaceError(f"'trialmark {command}' {said}: make room, or run it with --no-space-check")
    return f"This {said}."


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
