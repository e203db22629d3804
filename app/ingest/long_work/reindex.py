"""Derives everything again from the stored documents, and writes what differs from what is stored.

This needs no network, and the documents stay as they are. Lists stay in service meanwhile. Interrupted reindexing
resumes where it stopped.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlalchemy import Engine, func, select
from sqlmodel import Session

from app.conditions.mapping import are_current
from app.conditions.registry_terms import replace_terms
from app.conditions.stored_vocabulary import load_vocabulary, store_concepts
from app.conditions.vocabulary import NewConcept, Vocabulary
from app.database.bulk import chunks
from app.database.engine import open_engine, optimize, reading, writing
from app.index.revision import (
    current_revision,
    is_loading,
    mark_derived,
    mark_relink,
    move_revision,
    names_revision,
)
from app.ingest.derived.names import renew_names
from app.ingest.derived.relink_batches import NamesMovedError, while_names_rest
from app.ingest.derived.settle import adopt_names, settle
from app.ingest.derived.stored_rows import rows_expected, rows_stored
from app.ingest.long_work.progress import Progress, forget_progress, vocabulary_stamp
from app.ingest.prepare.record import Prepared, prepared, stored_versions
from app.ingest.prepare.stored_documents import all_terms, stored_documents
from app.ingest.prepare.worker_pool import prepared_batches
from app.ingest.sources.source import Report
from app.ingest.write.due import mark_all_due
from app.ingest.write.postings import rebuild_postings, repair_postings
from app.ingest.write.trials import Write, write_rows
from app.ingest.write.upkeep import followed
from app.models import SourceDocument
from app.settings import Settings

REINDEX = "reindex"
_ATTEMPTS = 10


def stored_count(engine: Engine) -> int:
    with reading(engine) as session:
        count: int = session.execute(select(func.count()).select_from(SourceDocument)).scalar_one()
    return count


def reindex(engine: Engine, report: Report) -> int:
    """Derive every trial again and return how many there are; `report` is called with how many are done.

    Raises:
        SourceError: a stored document can no longer be read; nothing of its batch was changed.
    """
    complete_load(engine)
    repair_postings(engine)
    recount_terms(engine)
    adopt_names(engine)
    done = while_names_rest(lambda: _derive_all(engine, report))
    settle(engine)
    with writing(engine) as session:
        move_revision(session)
        mark_all_due(session)
        mark_derived(session)
        mark_relink(session, is_wanted=False)
        forget_progress(session, REINDEX)
    renew_names(engine)
    optimize(engine)
    return done


def complete_load(engine: Engine) -> None:
    """Finish a first load, if one has begun: build the postings of all stored trials, and the late indexes."""
    with reading(engine) as session:
        if not is_loading(session):
            return
    with writing(engine) as session:
        move_revision(session)
        rebuild_postings(session)
        mark_all_due(session)


def recount_terms(engine: Engine) -> None:
    """Count again the terms that the stored documents are indexed with.

    Counting does not block writers, except for the last attempt after they have changed the counts time and again.
    """
    for _ in range(_ATTEMPTS):
        with reading(engine) as session:
            revision, counts = current_revision(session), all_terms(session)
        with writing(engine) as session:
            if current_revision(session) == revision:
                replace_terms(session, counts)
                return
    with writing(engine) as session:
        replace_terms(session, all_terms(session))


def _derive_all(engine: Engine, report: Report) -> int:
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
        stamp = vocabulary_stamp(session)
    progress = Progress(engine, REINDEX, stamp)
    done = progress.done
    reader = _reader(_address(engine))
    try:
        for batch in derived_anew(reader, progress.remaining(), vocabulary):
            with reading(engine) as session:
                is_needed = bool(batch.new_concepts or differing(session, batch))
            if is_needed:
                with writing(engine) as session:
                    _write(session, batch, vocabulary)
                    progress.keep(session, batch.last_trial_id)
            else:
                progress.keep_now_and_then(batch.last_trial_id)
            done += len(batch.trials)
            report(done, done)
    finally:
        reader.dispose()
    return done


class DerivedAnew(NamedTuple):
    trials: list[tuple[int, Prepared]]
    new_concepts: list[NewConcept]

    @property
    def last_trial_id(self) -> int:
        return self.trials[-1][0] if self.trials else 0


def derived_anew(engine: Engine, trial_ids: Sequence[int], vocabulary: Vocabulary) -> Iterator[DerivedAnew]:
    """Yield all that is to be stored of trials according to their documents, batch by batch; the vocabulary learns.

    The engine is only read from. With more than a few thousand trials, other processes derive some and open the
    database by the engine's address.
    """
    deriver = _Deriver(engine, vocabulary)
    for ids, found, _ in prepared_batches(deriver, chunks(trial_ids)):
        all_linked = (prepared.conditions for _, prepared in found.trials)
        batch = found if are_current(all_linked, found.new_concepts, vocabulary) else deriver.prepare(ids)
        vocabulary.take_in(batch.new_concepts)
        yield batch


def differing(session: Session, batch: DerivedAnew) -> list[Write]:
    """Return the trials whose rows differ, except those whose document was replaced meanwhile."""
    stored = rows_stored(session, [trial_id for trial_id, _ in batch.trials])
    current = stored_versions(session, [prepared.registry_id for _, prepared in batch.trials])
    known = {each.trial_id: each.sha256 for each in current.values()}
    return [
        Write(prepared, trial_id)
        for trial_id, prepared in batch.trials
        if known.get(trial_id, prepared.sha256) == prepared.sha256
        and trial_id in stored
        and stored[trial_id] != rows_expected(prepared)
    ]


def _write(session: Session, batch: DerivedAnew, vocabulary: Vocabulary) -> None:
    if names_revision(session) != vocabulary.names_in:
        raise NamesMovedError
    writes = differing(session, batch)
    revision = move_revision(session)
    store_concepts(session, batch.new_concepts)
    with followed(session, [write.trial_id or 0 for write in writes]):
        write_rows(session, writes, revision)


@dataclass
class _Deriver:
    engine: Engine
    vocabulary: Vocabulary

    @property
    def worker_factory(self) -> Callable[[], "_Deriver"]:
        return partial(_deriver, _address(self.engine), self.vocabulary)

    def prepare(self, trial_ids: Sequence[int]) -> DerivedAnew:
        with reading(self.engine) as session:
            documents = stored_documents(session, trial_ids)
        new = self.vocabulary.learn(document.record for _, document in documents)
        trials = [(trial_id, prepared(document, self.vocabulary)) for trial_id, document in documents]
        return DerivedAnew(trials, new)


def _deriver(database_url: str, vocabulary: Vocabulary) -> _Deriver:
    return _Deriver(_reader(database_url), vocabulary)


def _reader(database_url: str) -> Engine:
    return open_engine(Settings(database_url=database_url), read_only=True)


def _address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)
