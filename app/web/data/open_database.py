"""One open database file: its connections, the parts of it kept in memory, and the thread that reads ahead."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlmodel import Session

from app.database.deadline import hold_to_deadlines
from app.database.engine import open_engine, reading
from app.database.file_identity import FileState, LogOwner, log_owner, state_of
from app.search.counts.catalogue import Catalogues
from app.search.counts.revision_watch import Present, VersionWatch
from app.search.warming import Warming
from app.settings import Settings
from app.web.data.problems import LASTING, DatabaseUnavailableError, problem_with

_log = structlog.get_logger("trialmark.database")
_STATE = "state"


class OpenDatabase:
    """Everything that belongs to one database file; it is retired as a whole when another file takes the path."""

    def __init__(self, settings: Settings, state: FileState) -> None:
        self.state = state
        """State of the file when it was last checked. Older connections are closed instead of used again."""
        self._damage: tuple[Present | None, DatabaseUnavailableError] | None = None
        self.path = settings.database_path
        self.engine = open_engine(settings, read_only=True)
        hold_to_deadlines(self.engine)
        event.listen(self.engine, "connect", self._require_own_file, insert=True)
        event.listen(self.engine, "checkout", self._require_fresh_pages)
        self.catalogues = Catalogues(unnamed=state.name)
        self.warming = Warming(self.engine, self.catalogues)
        self.log: LogOwner = log_owner(self.path)
        self._watch = VersionWatch(self.engine)
        self._readers = 0
        self._is_retired = False
        self._counting = Lock()

    def present(self) -> Present | None:
        """Tell what the database holds now, without waiting; None while that is unknown."""
        present = self._watch.present()
        return present._replace(token=present.token or self.state.name) if present else None

    def look_again(self, state: FileState, require_schema: Callable[[Session], None]) -> bool:
        """Check a file that was written to; return whether it is still a later state of the same database.

        SQLite itself writes to the file now and then. A program that copies another database over it does not tell
        SQLite, whose connections would then go on using old pages.
        """
        self._watch.close()
        self.state = state._replace(modified_ns=-1)  # equals no state, until this check has ended
        with self.reading() as session:
            require_schema(session)
            is_later = self.catalogues.is_followed_by(session)
        if is_later:
            self.state = state
            self._damage = None
            self.note_log()
        return is_later

    def note_log(self) -> None:
        """Remember which write-ahead log belongs to this database; SQLite creates it with the first statement."""
        self.log = log_owner(self.path)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open one snapshot for all reads inside; the connections stay open until the last such block ends."""
        with self._counting:
            self._readers += 1
        try:
            with reading(self.engine) as session:
                yield session
        except Exception as error:
            self._note_damage(error)
            raise
        finally:
            with self._counting:
                self._readers -= 1
            self._close_if_done()

    @property
    def damage(self) -> DatabaseUnavailableError | None:
        """Damage that any reader found in the present data, even if other readers do not meet it."""
        if self._damage is None:
            return None
        found_in, problem = self._damage
        return problem if found_in == self.present() else None

    def retire(self) -> None:
        """Close everything as soon as the current requests have ended."""
        self.warming.stop()
        self._watch.close()
        with self._counting:
            self._is_retired = True
        self._close_if_done()

    def _close_if_done(self) -> None:
        with self._counting:
            is_done = self._is_retired and not self._readers
        if is_done:
            self.engine.dispose()

    def _note_damage(self, error: Exception) -> None:
        problem = problem_with(error)
        if problem and problem.code in LASTING and not self.damage:
            self._damage = (self.present(), problem)
            _log.error("the database is damaged", code=problem.code, reason=problem.sentence)

    def _require_own_file(self, connection: sqlite3.Connection, record: Any) -> None:
        """Refuse a new connection if another file has taken the path in the meantime."""
        try:
            found = state_of(str(self.path))
        except OSError as error:
            connection.close()
            raise DatabaseUnavailableError("missing", f"{self.path}: {error.strerror}") from error
        if found.name != self.state.name:
            connection.close()
            raise DatabaseUnavailableError("replaced", f"{self.path} was replaced a moment ago")
        record.info[_STATE] = self.state

    def _require_fresh_pages(self, _connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get(_STATE) != self.state:
            raise DisconnectionError
