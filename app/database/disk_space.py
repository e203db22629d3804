"""Room on the disk, looked at before long work begins rather than found missing in its middle."""

import shutil
from pathlib import Path

from app.failures import ExpectedError

_SPARE = 32 * 2**20
"""Bytes, for whatever else writes to the disk meanwhile."""


class NoRoomError(ExpectedError):
    """The disk has too little room for what is to be done."""


def require_room(folder: Path, needed: int, purpose: str) -> None:
    """Raise NoRoomError unless the folder's disk has the bytes free, and some to spare."""
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise NoRoomError(
            f"{purpose} needs {as_size(needed + _SPARE)} free in {folder}, where {as_size(free)} are: make room first"
        )


def as_size(count: int) -> str:
    """Say a number of bytes as a person would: "3.4 GB"."""
    size, unit = float(count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if size < 1_000 or unit == "TB":
            break
        size /= 1_000
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
