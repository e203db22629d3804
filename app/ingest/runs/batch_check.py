"""Checks a batch of a live registry before it is written: fields that are always filled must not be suddenly empty."""

from collections import Counter
from collections.abc import Sequence

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from app.failures import ExpectedError
from app.ingest.prepare.record import Prepared, PreparedBatch
from app.ingest.prepare.stored_documents import stored_documents
from app.models import Trial
from app.registries import Registry

_MOST_SHARE = 0.02
_FEWEST = 3
"""Records; fewer in a small batch can be odd by chance."""
_LOOKED_AT = 500
"""The number of stored trials that tell whether a field is often empty."""
_NO_ID = "nctId"


class SuspiciousBatchError(ExpectedError):
    """The registry sent records that lack what it requires of them."""


def require_filled_fields(session: Session, registry: Registry, batch: PreparedBatch, read: int) -> None:
    """Compare a batch of `read` records with what is stored.

    A field counts as suddenly empty if a new record lacks it, or a changed one that had it before. It does not count
    if many of the stored trials do without it.

    Raises:
        SuspiciousBatchError: a required field is suddenly empty in too many of them.
    """
    lacking = Counter(field for prepared in batch.prepared for field in prepared.missing)
    lacking[_NO_ID] = sum(rejection.is_without_id for rejection in batch.rejections)
    for field, count in lacking.items():
        if not _is_too_many(count, read):
            continue
        if field != _NO_ID:
            count = _suddenly_empty(session, registry, field, batch.prepared)  # noqa: PLW2901  a closer look
        if _is_too_many(count, read) and not _is_often_empty(session, registry, field):
            raise SuspiciousBatchError(
                f"the registry sent {count:,} of {read:,} records without {field}, which it requires: none of these "
                f"{read:,} was written; try again later, or accept them as they are with --accept-removals"
            )


def _is_too_many(count: int, read: int) -> bool:
    return count >= _FEWEST and count > _MOST_SHARE * read


def _suddenly_empty(session: Session, registry: Registry, field: str, prepared: Sequence[Prepared]) -> int:
    suspects = {version.registry_id for version in prepared if field in version.missing}
    stored = select(col(Trial.id)).where(col(Trial.registry_id).in_(suspects))
    trial_ids = [trial_id or 0 for trial_id in session.execute(stored).scalars()]
    return len(suspects) - _empty_in(session, registry, field, trial_ids)


def _is_often_empty(session: Session, registry: Registry, field: str) -> bool:
    latest = select(col(Trial.id)).order_by(col(Trial.id).desc()).limit(_LOOKED_AT)
    trial_ids = [trial_id or 0 for trial_id in session.execute(latest).scalars()]
    return _is_too_many(_empty_in(session, registry, field, trial_ids), len(trial_ids))


def _empty_in(session: Session, registry: Registry, field: str, trial_ids: Sequence[int]) -> int:
    documents = (orjson.loads(document.data) for _, document in stored_documents(session, trial_ids))
    return sum(field in registry.missing_fields(document) for document in documents)
