"""Keeps track of the trials that a registry once listed and no longer lists.

They stay stored and readable; lists leave them out unless asked (`unlisted=yes`).
"""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlmodel import Session, col

from app.database.bulk import chunks, insert_rows
from app.database.sql import listed
from app.index.revision import move_revision
from app.ingest.write.due import mark_due, uses_of
from app.ingest.write.postings import entries_of, update_postings
from app.models import Trial, UnlistedTrial


def missing_trials(session: Session, registry: str, listed_ids: Collection[str]) -> list[int]:
    """Return the stored trials of a registry that it listed at the last look and no longer lists.

    Args:
        listed_ids: the registry ids that a complete run saw, including those of records that could not be read.
    """
    stored = (
        select(col(Trial.id), col(Trial.registry_id))
        .where(col(Trial.registry_name) == registry, ~col(Trial.is_synthetic))
        .where(col(Trial.id).not_in(select(col(UnlistedTrial.trial_id))))
        .order_by(col(Trial.id))
    )
    return [
        trial_id or 0 for trial_id, registry_id in session.execute(stored) if registry_id not in listed_ids
    ]


def unlisted_ids(session: Session, registry: str) -> dict[str, int]:
    """Return the trials of a registry that are marked as no longer listed: trial ids by registry id."""
    marked = (
        select(col(Trial.registry_id), col(Trial.id))
        .join(UnlistedTrial, col(UnlistedTrial.trial_id) == col(Trial.id))
        .where(col(Trial.registry_name) == registry)
    )
    return {registry_id: trial_id or 0 for registry_id, trial_id in session.execute(marked)}


def mark_unlisted(session: Session, trial_ids: Sequence[int], day: str) -> None:
    """Mark trials as no longer listed since a day (ISO), and move them out of the counts of lists.

    A trial that is marked already keeps its day.
    """
    if trial_ids:
        move_revision(session)
    for chunk in chunks(trial_ids):
        before = entries_of(session, chunk)
        new = ({"trial_id": trial_id, "found_on": day} for trial_id in chunk)
        insert_rows(session, UnlistedTrial, new, or_ignore=True)
        update_postings(session, before, entries_of(session, chunk))
        mark_due(session, uses_of(session, chunk), ())


def mark_listed(session: Session, trial_ids: Sequence[int]) -> None:
    """Unmark trials that the registry lists again."""
    if trial_ids:
        move_revision(session)
    for chunk in chunks(trial_ids):
        before = entries_of(session, chunk)
        session.execute(delete(UnlistedTrial).where(col(UnlistedTrial.trial_id).in_(listed(chunk))))
        update_postings(session, before, entries_of(session, chunk))
        mark_due(session, uses_of(session, chunk), ())
