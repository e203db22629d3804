"""Decides which stated days of a registry's data can be relied on."""

import re
from datetime import UTC, date, datetime

_DAY_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?)?")
_EARLIEST = date(1999, 1, 1)
"""No registry of trials was on the web before; an earlier day is a default of some clock."""


def data_day(stated: str | None, today: date) -> str | None:
    """Read a stated day or timestamp (UTC unless it says otherwise) as an ISO day.

    None unless it is a real day, and none that is still to come: one record of the year 2099 would pass for newer than
    everything after it.
    """
    if stated is None or not _DAY_AND_TIME.fullmatch(stated.strip()):
        return None
    try:
        moment = datetime.fromisoformat(stated.strip())
        day = (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None
    return day.isoformat() if _EARLIEST <= day <= today else None
