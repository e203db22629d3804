"""Reads the stored documents again: what everything else is derived from."""

from collections.abc import Sequence

import zstandard
from sqlalchemy import select
from sqlmodel import Session, col

from app.ingest.read import ReadDocument, Rejection, read_document
from app.ingest.source import RawRecord, SourceError
from app.models import SourceDocument, Trial
from app.registries import registry_named


def stored_documents(session: Session, trial_ids: Sequence[int]) -> list[tuple[int, ReadDocument]]:
    """The documents of trials, by trial id.

    Raises:
        SourceError: one can no longer be read.
    """
    rows = session.execute(
        select(Trial, SourceDocument)
        .join_from(Trial, SourceDocument, col(Trial.id) == col(SourceDocument.trial_id))
        .where(col(Trial.id).in_(trial_ids))
        .order_by(col(Trial.id))
    )
    return [(trial.id or 0, _read(trial, source)) for trial, source in rows]


def _read(trial: Trial, source: SourceDocument) -> ReadDocument:
    try:
        data = zstandard.decompress(source.document)
    except zstandard.ZstdError as error:
        raise SourceError(
            f"the stored document of {trial.registry_id} is damaged; ingest it again"
        ) from error
    raw = RawRecord(f"stored document of {trial.registry_id}", data, 0)
    document = read_document(registry_named(trial.registry_name), raw, source.fetched_at)
    if isinstance(document, Rejection):
        raise SourceError(f"{document.position}: {document.reason}; ingest it again")
    return document
