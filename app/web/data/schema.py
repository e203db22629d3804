"""Check that a database has the tables that this program reads. Its schema revision is Alembic's, not the data's."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import text
from sqlmodel import Session

from app.web.data.problems import DatabaseUnavailableError

_HAS_REVISION = "SELECT count(*) FROM sqlite_schema WHERE name = 'alembic_version'"
_REVISION = "SELECT version_num FROM alembic_version"


def schema_seen_by(session: Session) -> str | None:
    """Return the schema revision of the tables, or None where there are none."""
    if not session.execute(text(_HAS_REVISION)).scalar():
        return None
    found: str | None = session.execute(text(_REVISION)).scalar()
    return found


def schema_of_file_alone(path: Path) -> str | None:
    """Return the schema revision of a file alone, without its write-ahead log, and without changing either."""
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        if not connection.execute(_HAS_REVISION).fetchone()[0]:
            return None
        row = connection.execute(_REVISION).fetchone()
        return str(row[0]) if row else None


def require_schema(found: str | None, own: str) -> None:
    """Raise DatabaseUnavailableError, with the command that helps, unless the schema is the program's own."""
    if found == own:
        return
    if found is None:
        sentence = "the database has no tables yet: run 'trialmark migrate'"
        raise DatabaseUnavailableError("no-tables", sentence)
    if found < own:
        sentence = f"the database is at revision {found}, not {own}: run 'trialmark migrate'"
        raise DatabaseUnavailableError("older-schema", sentence)
    sentence = f"the database is at revision {found}, newer than this program's {own}: upgrade the program"
    raise DatabaseUnavailableError("newer-schema", sentence)
