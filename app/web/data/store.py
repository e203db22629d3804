"""Access to the database at the configured path, which is reopened when another file takes the path."""

from datetime import date
from pathlib import Path
from sqlite3 import Error as SqliteError
from threading import Lock

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.database.engine import fold_log_into_file, program_revision
from app.database.file_identity import FileState, is_log_left, set_log_aside, state_of
from app.settings import Settings
from app.web.data.open_database import OpenDatabase
from app.web.data.problems import DatabaseUnavailableError, problem_of_file
from app.web.data.schema import require_schema, schema_of_file_alone, schema_seen_by
from app.web.edition import Edition

_log = structlog.get_logger("trialmark.database")


class Store:
    """The database of one process. Every request checks the file, so each worker process notices a swap itself."""

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
        """Return what pages are built from on that day; None while that cannot be told without waiting."""
        database = self._database
        if database is None or not self._is_at_path(database):
            return None
        present = database.present()
        if present is None or present.schema != self._schema:
            return None
        return Edition(present.version, present.token, day)

    def ready(self) -> OpenDatabase | None:
        """Return the open database if it can be read right now, else None; takes microseconds."""
        database = self._database
        if database is None or not self._is_at_path(database):
            return None
        present = database.present()
        return database if present and present.schema == self._schema else None

    def opened(self) -> OpenDatabase:
        """Return the database at the path, reopened if necessary; may wait for a lock.

        Raises:
            DatabaseUnavailableError: the database cannot be read now.
        """
        if database := self.ready():
            return database
        attempts = self._attempts
        with self._opening:
            if self._attempts > attempts and (known := self._problem):
                # Found while this request waited; many requests must not check the file one after the other.
                raise DatabaseUnavailableError(known.code, known.sentence)
            if database := self.ready():
                return database
            self._attempts += 1
            try:
                database = self._check_path()
            except DatabaseUnavailableError as problem:
                self._note(problem)
                raise
            self._note(None)
            return database

    def close(self) -> None:
        """Close the database, and leave a single file behind unless another process has it open."""
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

    def _check_path(self) -> OpenDatabase:
        try:
            state = state_of(self._path)
            database = self._database
            if (
                database
                and database.state.name == state.name
                and database.look_again(state, self._require_schema)
            ):
                return database
            return self._open(state)
        except OSError as error:
            raise _unreachable(error) from error
        except (DBAPIError, SqliteError) as error:
            raise problem_of_file(error) from error

    def _open(self, state: FileState) -> OpenDatabase:
        before = self._database
        if before and before.state.name != state.name and is_log_left(self.path, before.log):
            require_schema(schema_of_file_alone(self.path), self._schema)
            set_log_aside(self.path, before.log)
        database = OpenDatabase(self._settings, state)
        try:
            with database.reading() as session:
                self._require_schema(session)
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

    def _require_schema(self, session: Session) -> None:
        require_schema(schema_seen_by(session), self._schema)

    def _note(self, problem: DatabaseUnavailableError | None) -> None:
        """Log once when pages can no longer be served, and once when they can again."""
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
