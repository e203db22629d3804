"""Keeps everything that is derived from trials' rows in step with a change of these rows, in the same transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select
from sqlmodel import Session, col

from app.database.sql import listed
from app.index.revision import is_loading
from app.ingest.write.due import mark_due, uses_of
from app.ingest.write.postings import entries_of, update_postings
from app.models import Trial


@contextmanager
def followed(session: Session, trial_ids: Sequence[int]) -> Iterator[list[int]]:
    """Update the postings and note the names that are due, from the rows of trials before and after the block.

    The block adds the ids of new trials to the list that it is given; it may also remove trials. During a first load
    nothing is updated yet.
    """
    if is_loading(session):
        yield []
        return
    entries, uses = entries_of(session, trial_ids), uses_of(session, trial_ids)
    new: list[int] = []
    yield new
    there = select(col(Trial.id)).where(col(Trial.id).in_(listed([*trial_ids, *new])))
    trial_ids = [trial_id or 0 for trial_id in session.execute(there).scalars()]
    update_postings(session, entries, entries_of(session, trial_ids))
    mark_due(session, uses, uses_of(session, trial_ids))
