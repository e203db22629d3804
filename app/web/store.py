"""Hands out the database that stands at the configured path now, and opens it anew when that is another file."""

from datetime import date
from pathlib import Path
from sqlite3 import Error as SqliteError
from threading import Lock

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.database import fold_log_into_file, program_revision
from app.database_file import FileState, set_log_aside, state_of
from app.settings import Settings
from app.web.edition import Edition
from app.web.open_database import OpenDatabase
from app.web.problems import LASTING, DatabaseUnavailableError, problem_with

_log = structlog.get_logger("trialmark.database")
_SCHEMA = text("SELECT version_num FROM alembic_version")


class Store:
    """One a process. A look at the file, on every request, tells a swap; each worker process notices by itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = str(settings.database_path)
        self._schema = program_revision()
        self._database: OpenDatabase | None = None
        self._problem: DatabaseUnavailableError | None = None
        self._attempts = 0
        self._opening = Lock()

    @property
    def path(self) -> Path:
        return self._settings.database_path

    def edition(self, day: date) -> Edition | None:
        """What pages are made of on that day; None while that cannot be told without waiting."""
        database = self._database
        if database is None or not self._is_at_path(database):
            return None
        present = database.present()
        if present is None or present.schema != self._schema:
            return None
        return Edition(present.version, present.token, day)

    def ready(self) -> OpenDatabase | None:
        """Return the open database if nothing stands against reading it; takes microseconds."""
        database = self._database
        if database is None or not self._is_at_path(database):
            return None
        present = database.present()
        return database if present and present.schema == self._schema else None

    def opened(self) -> OpenDatabase:
        """Return the database at the path, opened anew where that is needed; may take as long as a lock is waited for.

        Raises:
            DatabaseUnavailableError: it cannot be read now.
        """
        if database := self.ready():
            return database
        attempts = self._attempts
        with self._opening:
            if self._attempts > attempts and (known := self._problem):
                # Found out while this request waited: many are not to look one after the other.
                raise DatabaseUnavailableError(known.code, known.sentence)
            if database := self.ready():
                return database
            self._attempts += 1
            try:
                database = self._looked_at()
            except DatabaseUnavailableError as problem:
                self._note(problem)
                raise
            self._note(None)
            return database

    def note_damage(self, error: Exception) -> None:
        """Remember what a page met, for /readyz to say until the database changes."""
        problem, database = problem_with(error), self._database
        if database and problem and problem.code in LASTING and not self.damage:
            database.damage = (database.present(), problem)
            _log.error("the database is damaged", code=problem.code, reason=problem.sentence)

    @property
    def damage(self) -> DatabaseUnavailableError | None:
        """What pages met in the present data that cannot be read."""
        database = self._database
        if database is None or database.damage is None:
            return None
        found_in, problem = database.damage
        return problem if found_in == database.present() else None

    def close(self) -> None:
        """Close the database, and leave a single file behind where no other process has it open."""
        with self._opening:
            database, self._database = self._database, None
        if database:
            database.retire()
            if self._is_at_path(database):
                fold_log_into_file(self._settings)

    def _is_at_path(self, database: OpenDatabase) -> bool:
        try:
            return state_of(self._path) == database.state
        except OSError:
            return False

    def _looked_at(self) -> OpenDatabase:
        try:
            state = state_of(self._path)
            database = self._database
            if database and database.state.name == state.name and database.look_again(state):
                self._require_schema(database)
                return database
            return self._opened_anew(state)
        except OSError as error:
            raise _unreachable(error) from error
        except (DBAPIError, SqliteError) as error:
            if problem := problem_with(error):
                raise problem from error
            raise

    def _opened_anew(self, state: FileState) -> OpenDatabase:
        before = self._database
        if before and before.state.name != state.name:
            set_log_aside(self.path, before.log)
        database = OpenDatabase(self._settings, state)
        try:
            self._require_schema(database)
            database.note_log()
        except BaseException:
            database.retire()
            raise
        self._database = database
        database.warming.start()
        _log.info("opened the database", path=self._path, again=before is not None)
        if before:
            before.retire()
        return database

    def _require_schema(self, database: OpenDatabase) -> None:
        with database.reading() as session:
            connection = session.connection()
            has_any = connection.dialect.has_table(connection, "alembic_version")
            found = connection.execute(_SCHEMA).scalar() if has_any else None
        if found != self._schema:
            raise _other_schema(found, self._schema)

    def _note(self, problem: DatabaseUnavailableError | None) -> None:
        """Log when pages stop and start, once each."""
        before, self._problem = self._problem, problem
        if problem and (before is None or before.sentence != problem.sentence):
            _log.error("the database cannot be read", code=problem.code, reason=problem.sentence)
        elif before and problem is None:
            _log.info("the database can be read again")


def _unreachable(error: OSError) -> DatabaseUnavailableError:
    if isinstance(error, FileNotFoundError):
        sentence = (
            "there is no database file: run 'trialmark restore PATH' with a backup, or 'trialmark migrate'"
        )
        return DatabaseUnavailableError("missing", sentence)
    reason = (error.strerror or str(error)).lower()
    sentence = (
        f"the database file cannot be reached: {reason}; see that the service's user may read and write it"
    )
    return DatabaseUnavailableError("unreadable", sentence)


def _other_schema(found: str | None, own: str) -> DatabaseUnavailableError:
    if found is None:
        sentence = "the database has no tables yet: run 'trialmark migrate'"
        return DatabaseUnavailableError("no-tables", sentence)
    if found < own:
        sentence = f"the database is at revision {found}, not {own}: run 'trialmark migrate'"
        return DatabaseUnavailableError("older-schema", sentence)
    sentence = (
        f"the database is at revision {found}, which is newer than this program's {own}: upgrade the program"
    )
    return DatabaseUnavailableError("newer-schema", sentence)
