"""Verifies that a file is an undamaged database of Trialmark."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine

from app.database.sqlite_file import explained, file_uri
from app.database.standing import Standing, read_standing, revisions_in, why_not_ours
from app.failures import ExpectedError
from app.ingest.checks.check import problems
from app.paths import MIGRATIONS

_MAX_NAMED = 3


class NotWholeError(ExpectedError):
    """A file failed the verification of a backup."""


def standing_of(path: Path) -> Standing:
    """Read the schema and state of a file that nobody uses, and check all of its pages for damage.

    Raises:
        NotWholeError: the file is not a database of Trialmark, is of a newer version, or is damaged.
    """
    try:
        with closing(sqlite3.connect(file_uri(path, mode="ro", immutable="1"), uri=True)) as connection:
            standing = read_standing(lambda statement: connection.execute(statement).fetchall())
            damage = [line for (line,) in connection.execute("PRAGMA quick_check(1)") if line != "ok"]
    except sqlite3.Error as error:
        raise NotWholeError(explained(error, path)) from error
    if reason := why_not_ours(standing, revisions_in(MIGRATIONS)):
        raise NotWholeError(reason)
    if standing.revision is None:
        raise NotWholeError(f"{path} holds no tables")
    if damage:
        raise NotWholeError(f"{path} is damaged: {damage[0]}")
    return standing


def disagreements(path: Path) -> list[str]:
    """Run `trialmark check` on a file that nobody uses and that has the current schema; return one line per problem."""
    with _engine(path) as engine:
        return problems(engine)


def is_current(standing: Standing) -> bool:
    return standing.revision == revisions_in(MIGRATIONS)[-1]


def summed_up(found: list[str]) -> str:
    """Name the first problems and the number of further ones."""
    more = f", and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
    return "; ".join(found[:_MAX_NAMED]) + more


@contextmanager
def _engine(path: Path) -> Iterator[Engine]:
    """Open a file without locks and without a log, because some network folders do not support them."""
    name = file_uri(path).removesuffix("?")
    engine = create_engine(URL.create("sqlite", database=name, query={"immutable": "1", "uri": "true"}))
    try:
        yield engine
    finally:
        engine.dispose()
