"""Checks for free disk space before long work begins, so that it does not fail halfway."""

import shutil
from pathlib import Path

from app.failures import ExpectedError

_SPARE = 32 * 2**20
"""Bytes to keep free for whatever else writes to the disk meanwhile."""


class NoRoomError(ExpectedError):
    """The disk has too little free space for the work."""


def require_room(folder: Path, needed: int, purpose: str) -> None:
    """Raise NoRoomError unless the folder's disk has the needed number of bytes free, and some to spare."""
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise NoRoomError(
            f"{purpose} needs {as_size(needed + _SPARE)} of free space in {folder}, which has {as_size(free)}: "
            "free some space first"
        )


def as_size(count: int) -> str:
    """Format a number of bytes for a person to read: "3.4 GB"."""
    size, unit = float(count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if size < 1_000 or unit == "TB":
            break
        size /= 1_000
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
