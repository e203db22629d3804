"""Reads the stored documents again, from which everything else is derived."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

import orjson
import zstandard
from sqlalchemy import select
from sqlmodel import Session, col

from app.conditions.registry_terms import TermCounts
from app.database.sql import driver_rows, listed
from app.ingest.sources.read import ReadDocument, Rejection, read_document
from app.ingest.sources.source import RawRecord, SourceError
from app.models import SourceDocument, Trial
from app.record.trial import RecordError, Terms
from app.registries import registry_named

_UNREADABLE = (zstandard.ZstdError, orjson.JSONDecodeError, RecordError, AttributeError)
"""The errors that reading a damaged document may raise."""


def stored_documents(session: Session, trial_ids: Sequence[int]) -> list[tuple[int, ReadDocument]]:
    """Return the documents of trials with their trial ids.

    Raises:
        SourceError: a document can no longer be read.
    """
    rows = session.execute(
        select(
            col(Trial.id),
            col(Trial.registry_name),
            col(Trial.registry_id),
            col(SourceDocument.document),
            col(SourceDocument.fetched_at),
        )
        .join_from(Trial, SourceDocument, col(Trial.id) == col(SourceDocument.trial_id))
        .where(col(Trial.id).in_(listed(trial_ids)))
        .order_by(col(Trial.id))
    )
    return [(trial_id or 0, _read(*stored)) for trial_id, *stored in rows]


def all_terms(session: Session) -> TermCounts:
    """Count the registry's terms that all stored documents are indexed with.

    Raises:
        SourceError: a document can no longer be read.
    """
    counts = TermCounts.none()
    rows = select(col(Trial.registry_name), col(Trial.registry_id), col(SourceDocument.document)).join_from(
        Trial, SourceDocument, col(Trial.id) == col(SourceDocument.trial_id)
    )
    for registry, registry_id, document in driver_rows(session, rows):
        try:
            counts.add(_terms(registry, document))
        except _UNREADABLE as error:
            raise SourceError(f"the stored document of {registry_id} is damaged; ingest it again") from error
    return counts


def stored_terms(session: Session, trial_ids: Sequence[int]) -> Iterator[Terms]:
    """Yield the registry's terms that each trial is indexed with; nothing else of a document is read."""
    rows = session.execute(
        select(col(Trial.registry_name), col(SourceDocument.document))
        .join_from(Trial, SourceDocument, col(Trial.id) == col(SourceDocument.trial_id))
        .where(col(Trial.id).in_(listed(trial_ids)))
    )
    for registry, document in rows:
        with suppress(*_UNREADABLE):  # such a document was not counted either
            yield _terms(registry, document)


def _terms(registry: str, document: bytes) -> Terms:
    return registry_named(registry).condition_terms(orjson.loads(zstandard.decompress(document)))


def _read(registry: str, registry_id: str, document: bytes, fetched_at: datetime) -> ReadDocument:
    try:
        data = zstandard.decompress(document)
    except zstandard.ZstdError as error:
        raise SourceError(f"the stored document of {registry_id} is damaged; ingest it again") from error
    raw = RawRecord(f"stored document of {registry_id}", data, 0)
    read = read_document(registry_named(registry), raw, fetched_at)
    if isinstance(read, Rejection):
        raise SourceError(f"{read.position}: {read.reason}; ingest it again")
    return read
