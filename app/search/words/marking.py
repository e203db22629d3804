"""Marking of the words found in the fields of some trials, by the full-text index or a small one of these trials."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, TypeAlias

import orjson
from sqlalchemy import text
from sqlmodel import Session

from app.database.sql import driver_rows
from app.index.text_columns import COLUMN_WEIGHTS

PROSE = frozenset(("summary", "criteria", "description"))
"""Columns shown as a snippet. The others have one value on each line, and values that were found are shown whole."""
OPEN, CLOSE = "\U0010fffc", "\U0010fffd"

Fields: TypeAlias = Mapping[int, Mapping[str, str]]
"""By trial id, the text of every column."""
Columns: TypeAlias = Mapping[int, str]
"""By trial id, the column to mark."""
Mark: TypeAlias = Callable[[str, Columns], list[tuple[Any, ...]]]
"""A function of an FTS5 query and the columns to mark; it returns (trial id, marked text) for each match."""

_SNIPPET_WORDS = 24
_PLACES = {column: place for place, column in enumerate(COLUMN_WEIGHTS)}
_WHOLE = ", ".join(str(place) for column, place in _PLACES.items() if column not in PROSE)
_MARKS = f"""
    SELECT rowid, CASE WHEN (:places ->> ('$.' || rowid)) IN ({_WHOLE})
        THEN highlight(trial_text, :places ->> ('$.' || rowid), '{OPEN}', '{CLOSE}')
        ELSE snippet(trial_text, :places ->> ('$.' || rowid), '{OPEN}', '{CLOSE}', '…', {_SNIPPET_WORDS})
    END AS marked
    FROM trial_text WHERE trial_text MATCH :match AND rowid IN (SELECT value FROM json_each(:trial_ids))
"""  # noqa: S608  names and numbers of ours
_SCHEMA = text("SELECT sql FROM sqlite_schema WHERE name = 'trial_text'")
_NAMES = ", ".join(COLUMN_WEIGHTS)
_VALUES = ", ".join("?" for _ in COLUMN_WEIGHTS)
_INSERT = f"INSERT INTO trial_text (rowid, {_NAMES}) VALUES (?, {_VALUES})"  # noqa: S608  names of ours


@contextmanager
def marker(session: Session, fields: Fields, *, is_apart: bool) -> Iterator[Mark]:
    """Provide a function that marks what a search found in some columns of these trials.

    Args:
        is_apart: build an index of these trials alone, in memory, in about 20 ms for 100 of them. It gives the same
            marks. The index of all trials looks up every word of the search again for each trial; it expands a prefix
            query such as `con*` each time, which takes milliseconds.
    """
    if is_apart:
        with closing(_index_of(session, fields)) as index:
            yield lambda match, columns: index.execute(_MARKS, _asked(match, columns)).fetchall()
    else:
        yield lambda match, columns: list(driver_rows(session, text(_MARKS), _asked(match, columns)))


def _index_of(session: Session, fields: Fields) -> sqlite3.Connection:
    index = sqlite3.connect(":memory:")
    index.execute(session.execute(_SCHEMA).scalar_one())
    rows = ((trial_id, *(of_trial[name] for name in COLUMN_WEIGHTS)) for trial_id, of_trial in fields.items())
    index.executemany(_INSERT, rows)
    return index


def _asked(match: str, columns: Columns) -> dict[str, str]:
    places = {str(trial_id): _PLACES[column] for trial_id, column in columns.items()}
    return {
        "match": match,
        "trial_ids": orjson.dumps(list(columns)).decode(),
        "places": orjson.dumps(places).decode(),
    }
