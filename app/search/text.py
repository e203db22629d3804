"""Full text of the records: SQLite's FTS5 behind three functions."""

import re
from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

COLUMN_WEIGHTS = {
    "title": 8.0,
    "acronym": 10.0,
    "ids": 10.0,
    "conditions": 8.0,
    "interventions": 8.0,
    "keywords": 5.0,
    "sponsors": 3.0,
    "summary": 2.0,
    "outcomes": 1.0,
    "criteria": 1.0,
    "description": 0.5,
}
"""The indexed columns; the order of weights follows the registry's published search areas."""

LONGEST_QUERY = 64
"""Words; the rest of a longer text is not searched for."""

_WORD = re.compile(r"[^\W_]+", re.UNICODE)

_COLUMNS = ", ".join(COLUMN_WEIGHTS)
_PLACES = ", ".join(f":{column}" for column in COLUMN_WEIGHTS)
_WEIGHTS = ", ".join(map(str, COLUMN_WEIGHTS.values()))
_INSERT = text(f"INSERT INTO trial_text (rowid, {_COLUMNS}) VALUES (:trial_id, {_PLACES})")  # noqa: S608  names of ours
_DELETE = text("DELETE FROM trial_text WHERE rowid = :trial_id")
_RANKED = f"ORDER BY bm25(trial_text, {_WEIGHTS}), rowid DESC"
_SEARCH = text(f"SELECT rowid FROM trial_text WHERE trial_text MATCH :words {_RANKED}")  # noqa: S608  numbers of ours


def index(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Add trials: `trial_id` and a text for each of COLUMN_WEIGHTS."""
    if rows:
        session.execute(_INSERT, rows)


def remove(session: Session, trial_ids: Sequence[int]) -> None:
    if trial_ids:
        session.execute(_DELETE, [{"trial_id": trial_id} for trial_id in trial_ids])


def search(session: Session, q: str) -> list[int]:
    """The ids of trials that hold every word of `q` somewhere, best match first."""
    words = words_of(q)
    if not words:
        return []
    expression = " ".join(f'"{word}"' for word in words)
    return list(session.execute(_SEARCH, {"words": expression}).scalars())


def words_of(q: str) -> list[str]:
    """The words that are searched for, each once."""
    return list(dict.fromkeys(_WORD.findall(q.lower())))[:LONGEST_QUERY]
