"""Durations as people write them: `24h`, `90m`, `3d`."""

import re
from datetime import timedelta

_SHORTEST = timedelta(minutes=15)
_LONGEST = timedelta(days=365)

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_time(text: str) -> timedelta:
    """Parse a whole number with a unit.

    Raises:
        ValueError: the text is something else.
    """
    read = re.fullmatch(r"([1-9][0-9]{0,4})\s*([mhd])", text.strip().lower())
    if read is None:
        raise ValueError("not a time such as 3d, 36h or 90m")
    return int(read[1]) * _UNITS[read[2]]


def parse_interval(text: str) -> timedelta:
    """Parse the time between two runs over a registry.

    Raises:
        ValueError: the text is not a duration, or the duration is too short or too long.
    """
    interval = parse_time(text)
    if not _SHORTEST <= interval <= _LONGEST:
        raise ValueError("not between 15m and 365d")
    return interval
