"""The full-text index: its columns, the weight of a word in each, and the adding and removing of texts."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

COLUMN_WEIGHTS = {
    "title": 8.9,
    "acronym": 10.0,
    "ids": 10.0,
    "conditions": 8.1,
    "interventions": 8.0,
    "keywords": 3.0,
    "sponsors": 1.0,
    "summary": 3.0,
    "outcomes": 2.0,
    "criteria": 0.5,
    "description": 0.5,
}
"""The columns in the order of the table, and their weights.

The weights rank the columns as the registry's own BasicSearch area does. The long fields weigh less than there, because
bm25 counts every repetition.
"""

_COLUMNS = ", ".join(COLUMN_WEIGHTS)
_PLACES = ", ".join("?" for _ in ("trial_id", *COLUMN_WEIGHTS))
_INSERT = f"INSERT INTO trial_text (rowid, {_COLUMNS}) VALUES ({_PLACES})"  # noqa: S608  names of ours
_DELETE = text("DELETE FROM trial_text WHERE rowid = :trial_id")


def add_texts(session: Session, rows: Sequence[tuple[object, ...]]) -> None:
    """Add the texts of trials; a row is `trial_id`, then a text for each of COLUMN_WEIGHTS."""
    if rows:
        session.connection().exec_driver_sql(_INSERT, list(rows))


def remove_texts(session: Session, trial_ids: Sequence[int]) -> None:
    if trial_ids:
        session.execute(_DELETE, [{"trial_id": trial_id} for trial_id in trial_ids])
