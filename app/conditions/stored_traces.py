"""Storage of record traces, and the search for trials that may contain a name or explain an abbreviation by it."""

from array import array
from collections.abc import Sequence

import numpy as np
from pyroaring import BitMap
from sqlalchemy import text
from sqlmodel import Session

from app.conditions.names.traces import abbreviation_trace, explained_trace, name_traces
from app.database.sql import integers

_INSERT = "INSERT INTO trial_trace (rowid, traces) VALUES (?, ?)"
_DELETE = text("DELETE FROM trial_trace WHERE rowid = :trial_id")
_FIND = text("SELECT json_group_array(rowid) FROM trial_trace WHERE trial_trace MATCH :match")


def index_traces(session: Session, rows: Sequence[tuple[int, str]]) -> None:
    """Add the traces of trials, given as (trial id, traces)."""
    if rows:
        session.connection().exec_driver_sql(_INSERT, list(rows))


def remove_traces(session: Session, trial_ids: Sequence[int]) -> None:
    if trial_ids:
        session.execute(_DELETE, [{"trial_id": trial_id} for trial_id in trial_ids])


def trials_naming(session: Session, key: str) -> BitMap:
    """Return every trial whose conditions, keywords or explanations may contain the name with this key."""
    return (
        _trials_with(session, name_traces(key)) | _trials_with(session, [explained_trace(key)])
        if key
        else BitMap()
    )


def trials_writing(session: Session, abbreviation: str) -> BitMap:
    """Return every trial whose conditions or keywords may contain an abbreviation."""
    return _trials_with(session, [abbreviation_trace(abbreviation)])


def _trials_with(session: Session, traces: Sequence[str]) -> BitMap:
    match = " AND ".join(f'"{trace}"' for trace in traces)
    trial_ids = integers(session.execute(_FIND, {"match": match}).scalar_one(), np.uint32)
    return BitMap(array("I", trial_ids.tobytes()))
