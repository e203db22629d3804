"""Lengths of time as people write them: `24h`, `90m`, `3d`."""

import re
from datetime import timedelta

_SHORTEST = timedelta(minutes=15)
_LONGEST = timedelta(days=365)

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_time(text: str) -> timedelta:
    """Read a whole number with a unit.

    Raises:
        ValueError: it is something else.
    """
    read = re.fullmatch(r"([1-9][0-9]{0,4})\s*([mhd])", text.strip().lower())
    if read is None:
        raise ValueError("not a time such as 3d, 36h or 90m")
    return int(read[1]) * _UNITS[read[2]]


def parse_interval(text: str) -> timedelta:
    """Read how often a registry is to be asked.

    Raises:
        ValueError: it is no time, or too short or too long for that.
    """
    interval = parse_time(text)
    if not _SHORTEST <= interval <= _LONGEST:
        raise ValueError("not between 15m and 365d")
    return interval
