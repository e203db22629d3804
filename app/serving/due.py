"""When the registry is to be asked next: from when it was last asked, which outlives the service."""

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
    """The end of the last complete run.

    A run writes its end into the database only if it found something new. So that a service that is restarted in a
    quiet week does not ask again each time, the end is also kept in a file beside the database.
    """

    def __init__(self, settings: Settings, file: Path) -> None:
        self._settings = settings
        self._file = file

    def read(self) -> datetime | None:
        """When it was, in UTC; None if there are no trials yet or none came from the registry."""
        engine = open_engine(
            self._settings, read_only=True
        )  # anew each time: the file may have been replaced
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
        """Keep the end of a run; a file that cannot be written costs one more run after a restart."""
        with suppress(OSError):
            self._file.write_text(json.dumps({"finished_at": moment.isoformat()}), encoding="utf-8")

    def _noted(self) -> datetime | None:
        try:
            noted = json.loads(self._file.read_text(encoding="utf-8"))
            return datetime.fromisoformat(noted["finished_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def due_at(last: datetime | None, interval: timedelta, now: datetime) -> datetime:
    """The next time to ask: at once if never asked before, or if the clock was set back since."""
    return now if last is None or last > now else last + interval


def retry_after(failures: int, interval: timedelta) -> timedelta:
    """How long to wait after so many failures in a row: longer each time, never longer than the interval."""
    return min(interval, _LONGEST_RETRY, _FIRST_RETRY * (1 << min(failures - 1, 10)))
