"""Rebuilds everything derived from the stored documents: no network, the documents stay as they are."""

from sqlalchemy import Engine, delete, func, select
from sqlmodel import Session, col

from app.database import optimise, reading, writing
from app.ingest.concepts import Vocabulary, load_vocabulary, store_concepts
from app.ingest.data_version import mark_derived, move_data_version
from app.ingest.labels import relabel
from app.ingest.postings import rebuild_postings
from app.ingest.prepare import prepared
from app.ingest.relink import settle
from app.ingest.source import Report
from app.ingest.stored import stored_documents
from app.ingest.suggestions import rebuild_suggestions
from app.ingest.sync import BATCH
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
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
    done, last_id = 0, 0
    while True:
        with writing(engine) as session:
            version = move_data_version(session)
            writes = _next_batch(session, last_id, vocabulary)
            if not writes:
                _drop_unused_names(session)
                rebuild_postings(session)
                break
            write_rows(session, writes, version)
        last_id = writes[-1].trial_id or 0
        done += len(writes)
        report(done, done)
    settle(engine)
    with writing(engine) as session:
        move_data_version(session)
        relabel(session)
        rebuild_suggestions(session)
        mark_derived(session)
    optimise(engine)
    return done


def _next_batch(session: Session, after_id: int, vocabulary: Vocabulary) -> list[Write]:
    ids = select(col(Trial.id)).where(col(Trial.id) > after_id).order_by(col(Trial.id)).limit(BATCH)
    trial_ids = [trial_id or 0 for trial_id in session.execute(ids).scalars()]
    documents = stored_documents(session, trial_ids)
    store_concepts(session, vocabulary.learn(document.record for _, document in documents))
    return [Write(prepared(document, vocabulary), trial_id) for trial_id, document in documents]


def _drop_unused_names(session: Session) -> None:
    for model, link in (
        (Condition, TrialCondition.condition_id),
        (Intervention, TrialIntervention.intervention_id),
        (Sponsor, TrialSponsor.sponsor_id),
    ):
        used = select(col(link)).where(col(link).is_not(None))
        session.execute(delete(model).where(col(model.id).not_in(used)))
