"""Decides which release days that a registry states are credible."""

import re
from datetime import UTC, date, datetime

_DAY_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?)?")
_EARLIEST = date(1999, 1, 1)
"""No trial registry was on the web before; an earlier day is the default of some clock."""


def data_day(stated: str | None, today: date) -> str | None:
    """Read a stated day or timestamp (UTC unless it has an offset) as an ISO day.

    Return None unless it is a real day between 1999 and today. A record of the year 2099 would count as newer than
    every later one.
    """
    if stated is None or not _DAY_AND_TIME.fullmatch(stated.strip()):
        return None
    try:
        moment = datetime.fromisoformat(stated.strip())
        day = (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None
    return day.isoformat() if _EARLIEST <= day <= today else None
