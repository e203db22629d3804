"""Decides when the next sync is due, from the time of the last one, which is kept across restarts."""

import json
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from app.database.engine import open_engine
from app.settings import Settings

_FIRST_RETRY = timedelta(minutes=5)
_LONGEST_RETRY = timedelta(hours=6)

_HAS_TRIALS = text("SELECT EXISTS (SELECT 1 FROM trial)")
_LAST_RUN = text("SELECT max(finished_at) FROM sync_run WHERE source = 'ctgov'")


class LastSync:
    """The end time of the last complete run.

    A run writes its end time into the database only if it found something new. The time is therefore also kept in a
    file beside the database, so that a service that restarts in a quiet week does not sync again each time.
    """

    def __init__(self, settings: Settings, file: Path) -> None:
        self._settings = settings
        self._file = file

    def read(self) -> datetime | None:
        """Return the time in UTC; None if there are no trials yet, or no run from the registry."""
        engine = open_engine(
            self._settings, read_only=True
        )  # reopened each time, because the file may have been replaced
        try:
            with engine.connect() as connection:
                has_trials = connection.execute(_HAS_TRIALS).scalar()
                in_database = connection.execute(_LAST_RUN).scalar()
        finally:
            engine.dispose()
        if not has_trials:
            return None
        known = [self._noted(), datetime.fromisoformat(in_database) if in_database else None]
        return max((moment for moment in known if moment is not None), default=None)

    def note(self, moment: datetime) -> None:
        """Write down the end time of a run. If the file cannot be written, a restart costs one more run."""
        with suppress(OSError):
            self._file.write_text(json.dumps({"finished_at": moment.isoformat()}), encoding="utf-8")

    def _noted(self) -> datetime | None:
        try:
            noted = json.loads(self._file.read_text(encoding="utf-8"))
            return datetime.fromisoformat(noted["finished_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def due_at(last: datetime | None, interval: timedelta, now: datetime) -> datetime:
    """Return when the next sync is due: now if there was none, or if the clock has been set back since."""
    return now if last is None or last > now else last + interval


def retry_after(failures: int, interval: timedelta) -> timedelta:
    """Return the wait after this many failures in a row: it doubles from 5 minutes, up to 6 hours or `interval`."""
    return min(interval, _LONGEST_RETRY, _FIRST_RETRY * (1 << min(failures - 1, 10)))
