"""Rebuilds everything derived from the stored documents: no network, the documents stay as they are."""

import zstandard
from sqlalchemy import Engine, delete, func, select
from sqlmodel import Session, col

from app.database import optimise, reading, writing
from app.ingest.postings import rebuild_postings
from app.ingest.read import ReadDocument, Rejection, read_document
from app.ingest.source import RawRecord, SourceError
from app.ingest.sync import BATCH, Report
from app.ingest.write import Write, write_rows
from app.models import (
    Condition,
    Intervention,
    SourceDocument,
    Sponsor,
    Trial,
    TrialCondition,
    TrialIntervention,
    TrialSponsor,
)
from app.registries import registry_named


def stored_count(engine: Engine) -> int:
    with reading(engine) as session:
        count: int = session.execute(select(func.count()).select_from(SourceDocument)).scalar_one()
    return count


def reindex(engine: Engine, report: Report) -> int:
    """Derive every trial anew and return how many; `report` is told how many are done.

    Rows are replaced batch by batch; the postings, all at once at the end, do not rely on what they were.

    Raises:
        SourceError: a stored document can no longer be read; nothing of its batch was changed.
    """
    done, last_id = 0, 0
    while True:
        with writing(engine) as session:
            writes = _next_batch(session, last_id)
            if not writes:
                _drop_unused_names(session)
                rebuild_postings(session)
                break
            write_rows(session, writes)
        last_id = writes[-1].trial_id or 0
        done += len(writes)
        report(done, done)
    optimise(engine)
    return done


def _next_batch(session: Session, after_id: int) -> list[Write]:
    rows = session.execute(
        select(Trial, SourceDocument)
        .join_from(Trial, SourceDocument, col(Trial.id) == col(SourceDocument.trial_id))
        .where(col(Trial.id) > after_id)
        .order_by(col(Trial.id))
        .limit(BATCH)
    )
    return [Write(_read(trial, source), trial.id) for trial, source in rows]


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


def _drop_unused_names(session: Session) -> None:
    for model, link in (
        (Condition, TrialCondition.condition_id),
        (Intervention, TrialIntervention.intervention_id),
        (Sponsor, TrialSponsor.sponsor_id),
    ):
        used = select(col(link)).where(col(link).is_not(None))
        session.execute(delete(model).where(col(model.id).not_in(used)))
