"""Is a file a database of Trialmark, and whole?"""

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

_MOST_NAMED = 3


class NotWholeError(ExpectedError):
    """A file is not what a backup must be."""


def standing_of(path: Path) -> Standing:
    """Tell at which schema a resting file is, and find it readable to its last page.

    Raises:
        NotWholeError: it is no database of Trialmark, of a newer version, or damaged.
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
    """Run `trialmark check` on a resting file of the present schema; one line a problem."""
    with _engine(path) as engine:
        return problems(engine)


def is_current(standing: Standing) -> bool:
    return standing.revision == revisions_in(MIGRATIONS)[-1]


def summed_up(found: list[str]) -> str:
    """Name the first problems, and how many more there are."""
    more = f", and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return "; ".join(found[:_MOST_NAMED]) + more


@contextmanager
def _engine(path: Path) -> Iterator[Engine]:
    """Read without locks and without a log: some network folders have no place for them."""
    name = file_uri(path).removesuffix("?")
    engine = create_engine(URL.create("sqlite", database=name, query={"immutable": "1", "uri": "true"}))
    try:
        yield engine
    finally:
        engine.dispose()
