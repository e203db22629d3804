"""Removes trials, with everything derived from them."""

from collections.abc import Sequence

from sqlalchemy import Engine, delete, func, select
from sqlmodel import Session, col

from app.conditions.registry_terms import TermCounts, count_terms
from app.database.engine import reading, writing
from app.index.revision import mark_rebuilt, move_revision
from app.ingest.derived.names import renew_names
from app.ingest.derived.settle import settle
from app.ingest.prepare.stored_documents import stored_terms
from app.ingest.write.trials import remove_from_indexes
from app.ingest.write.upkeep import followed
from app.models import Trial

_BATCH = 400


def remove_synthetic(engine: Engine, *, from_id: str = "") -> int:
    """Remove the demonstration's trials, or those from a registry id on, and return how many there were."""
    with reading(engine) as session:
        found = select(col(Trial.id)).where(col(Trial.is_synthetic), col(Trial.registry_id) >= from_id)
        trial_ids = [trial_id or 0 for trial_id in session.execute(found).scalars()]
    for start in range(0, len(trial_ids), _BATCH):
        with writing(engine) as session:
            _remove(session, trial_ids[start : start + _BATCH])
    if trial_ids:
        settle(engine)
    renew_names(engine)
    return len(trial_ids)


def real_count(engine: Engine) -> int:
    with reading(engine) as session:
        real = select(func.count()).select_from(Trial).where(~col(Trial.is_synthetic))
        count: int = session.execute(real).scalar_one()
    return count


def _remove(session: Session, trial_ids: Sequence[int]) -> None:
    move_revision(session)
    changes = TermCounts.none()
    for terms in stored_terms(session, trial_ids):
        changes.add(terms, -1)
    count_terms(session, changes)
    with followed(session, trial_ids):
        remove_from_indexes(session, trial_ids)
        session.execute(delete(Trial).where(col(Trial.id).in_(trial_ids)))
    mark_rebuilt(session)
