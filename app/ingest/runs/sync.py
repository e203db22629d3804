"""One run: read a source to its end, write what is new or changed, remember what could not be read."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from pyroaring import BitMap
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from app.conditions.mapping import are_current
from app.conditions.stored_vocabulary import load_vocabulary, store_concepts
from app.database.engine import reading, writing
from app.failures import ExpectedError
from app.index.revision import is_loading, mark_loading, move_revision, names_revision
from app.ingest.derived.names import renew_names
from app.ingest.derived.relink_batches import NamesMovedError
from app.ingest.derived.settle import LearnedByBatch, settle
from app.ingest.long_work.reindex import complete_load
from app.ingest.long_work.unfinished import finish_earlier_work
from app.ingest.prepare.record import Prepared, PreparedBatch, Preparer, Unchanged, stored_versions
from app.ingest.prepare.worker_pool import BATCHES_BEFORE_WORKERS, MOST_UNDER_WAY, prepared_batches
from app.ingest.runs.batch_check import require_filled_fields
from app.ingest.runs.ending import end_run
from app.ingest.runs.judge import Contest
from app.ingest.runs.rejections import Complaints, open_complaints
from app.ingest.runs.run_lock import one_run
from app.ingest.runs.summary import Summary
from app.ingest.sources.source import RawRecord, Report, Source
from app.ingest.write.due import mark_all_due
from app.ingest.write.late_indexes import drop_late_indexes, make_late_indexes
from app.ingest.write.trials import Write, write_rows
from app.ingest.write.unlisted import mark_listed
from app.ingest.write.upkeep import followed
from app.models import Trial
from app.registries import Registry

__all__ = ["BATCH", "Summary", "sync"]

BATCH = 500


@dataclass
class _Run:
    engine: Engine
    source: Source
    preparer: Preparer
    is_first_load: bool
    """Nothing was stored before, or an earlier first load did not finish."""
    complaints: Complaints
    contest: Contest
    known: LearnedByBatch
    summary: Summary = field(default_factory=Summary)
    latest_version: str | None = None
    """The latest release of a registry that a record states."""
    batches: int = 0
    stored_concepts: int = 0
    """The number of learned concepts that are stored; the others wait for a batch that writes."""
    lately_written: deque[frozenset[str]] = field(default_factory=lambda: deque(maxlen=MOST_UNDER_WAY))
    """Registry ids by batch. A batch that was prepared during the writing may not know of these trials."""


def sync(engine: Engine, registry: Registry, source: Source, report: Report) -> Summary:
    """Bring the database up to date with a source; unchanged input writes nothing.

    A long first load builds the postings and some indexes at its end. A run waits for any other to finish.

    Raises:
        ExpectedError: the source failed on the way, or sent what cannot be right; what was written before is kept, and
            the next run looks as far back as this one.
    """
    with one_run(engine):
        finish_earlier_work(engine, lambda *_: None)
        run = _begin(engine, registry, source)
        try:
            _read_to_end(run, report)
        except ExpectedError:
            settle(engine)
            renew_names(engine)
            raise
        renew_names(engine)
        return run.summary


def _begin(engine: Engine, registry: Registry, source: Source) -> _Run:
    with reading(engine) as session:
        complaints, vocabulary = open_complaints(session, source), load_vocabulary(session)
        return _Run(
            engine,
            source,
            Preparer(engine, registry, _now(), vocabulary),
            is_loading(session) or session.execute(select(col(Trial.id)).limit(1)).first() is None,
            complaints,
            Contest(is_live=source.following is not None, known=complaints.contested_ids),
            LearnedByBatch(vocabulary.learned),
        )


def _read_to_end(run: _Run, report: Report) -> None:
    try:
        _read_all(run, report)
    finally:
        complete_load(run.engine)
    end_run(
        run.engine,
        run.preparer.registry.name,
        run.source,
        run.complaints,
        run.summary,
        run.latest_version,
        run.preparer.now,
    )


def _read_all(run: _Run, report: Report) -> None:
    for raws, batch, known in prepared_batches(run.preparer, _batches(run.source.records)):
        _sync_batch(run, raws, batch, known)
        report(raws[-1].done, run.summary.read)
    _settle_contest(run)
    if run.is_first_load:
        with writing(run.engine) as session:
            make_late_indexes(session)
    settle(run.engine, run.known)


def _sync_batch(run: _Run, raws: list[RawRecord], batch: PreparedBatch, known: int) -> None:
    """Write what is needed of a batch; if it was prepared from an outdated state, prepare it again first.

    Args:
        known: how many of the concepts that the run has learned were known when the batch was prepared.
    """
    if not _is_current(run, batch):
        batch, known = run.preparer.prepare(raws), len(run.preparer.vocabulary.learned)
    _require_filled_fields(run, batch, len(raws))
    run.preparer.vocabulary.take_in(batch.new_concepts)
    run.contest.met.update(each.trial_id for each in batch.unchanged)
    versions, others = run.contest.latest(batch.prepared)
    try:
        written = _store(run, versions, known)
    except NamesMovedError:
        _load_names_again(run)
        _sync_batch(run, raws, run.preparer.prepare(raws), 0)
        return
    _count(run, len(raws), batch)
    _mark_listed(run, batch)
    run.summary.older += others
    run.lately_written.append(written)
    run.batches += 1


def _load_names_again(run: _Run) -> None:
    """Continue with the vocabulary that another process has stored meanwhile."""
    with reading(run.engine) as session:
        run.preparer.vocabulary = load_vocabulary(session)
    run.known = LearnedByBatch(run.preparer.vocabulary.learned)
    run.stored_concepts = 0


def _is_current(run: _Run, batch: PreparedBatch) -> bool:
    """Tell whether a batch was prepared from what is stored now, with the present names of concepts."""
    if batch.names_in != run.preparer.vocabulary.names_in:
        return False
    unchanged = {each.registry_id for each in batch.unchanged}
    if any(not unchanged.isdisjoint(written) for written in run.lately_written):
        return False
    all_linked = (prepared.conditions for prepared in batch.prepared)
    return are_current(all_linked, batch.new_concepts, run.preparer.vocabulary)


def _require_filled_fields(run: _Run, batch: PreparedBatch, read: int) -> None:
    following = run.source.following
    if following is not None and not following.accepts_removals:
        with reading(run.engine) as session:
            require_filled_fields(session, run.preparer.registry, batch, read)


def _count(run: _Run, read: int, batch: PreparedBatch) -> None:
    run.summary.read += read
    run.summary.unchanged += len(batch.unchanged)
    run.summary.rejected += len(batch.rejections)
    run.complaints.add(batch.rejections)
    readable: list[Prepared | Unchanged] = [*batch.prepared, *batch.unchanged]
    run.complaints.note_read(each.registry_id for each in readable)
    versions = (each.release or "" for each in readable)
    run.latest_version = max([run.latest_version or "", *versions]) or None


def _mark_listed(run: _Run, batch: PreparedBatch) -> None:
    """Unmark unlisted trials that a live registry sends again."""
    if run.source.following is None:
        return
    readable: list[Prepared | Unchanged] = [*batch.prepared, *batch.unchanged]
    read = [each.registry_id for each in readable]
    rejected = [registry_id for rejection in batch.rejections for registry_id in rejection.ids]
    if not all(rejection.ids for rejection in batch.rejections):
        run.source.following.met_nameless = True
    if marked := run.source.following.see([*read, *rejected]):
        with writing(run.engine) as session:
            mark_listed(session, marked)


def _store(run: _Run, versions: list[Prepared], known: int) -> frozenset[str]:
    """Write the versions that are new or differ from what is stored at this moment; return their registry ids.

    Raises:
        NamesMovedError: they were linked by names that have been replaced in the database; nothing is written.
    """
    if not versions:
        return frozenset()
    with writing(run.engine) as session:
        stored = stored_versions(session, [version.registry_id for version in versions])
        judged = run.contest.judge(versions, stored)
        written = _write(run, session, judged.writes) if judged.writes else []
    if written:
        run.known.batches.append((known, BitMap(written)))
    run.contest.take(judged, written)
    run.summary += judged.counts
    return frozenset(write.prepared.registry_id for write in judged.writes)


def _settle_contest(run: _Run) -> None:
    """Choose among the versions that were put aside, and report the trials that came twice."""
    if not run.contest.aside:
        return
    with writing(run.engine) as session:
        stored = stored_versions(session, list(run.contest.aside))
        complaints = list(run.contest.complaints(stored))
        judged = run.contest.settle(stored)
        written = _write(run, session, judged.writes) if judged.writes else []
    run.known.batches.append((0, BitMap(written)))
    run.complaints.add(complaints)
    run.summary += judged.counts


def _write(run: _Run, session: Session, writes: list[Write]) -> list[int]:
    """Write within the transaction in which the versions were compared; return the ids of the trials.

    During a long first load, postings and names are left to its end.
    """
    learned = run.preparer.vocabulary.learned
    if names_revision(session) != run.preparer.vocabulary.names_in:
        raise NamesMovedError
    revision = move_revision(session)
    store_concepts(session, learned[run.stored_concepts :])
    if run.is_first_load and run.batches >= BATCHES_BEFORE_WORKERS and not is_loading(session):
        mark_loading(session, is_loading=True)
        mark_all_due(session)
        drop_late_indexes(session)
    changed = [write.trial_id for write in writes if write.trial_id is not None]
    with followed(session, changed) as new_trials:
        written = write_rows(session, writes, revision)
        new_trials.extend(sorted(set(written) - set(changed)))
    run.stored_concepts = len(learned)
    return written


def _batches(records: Iterator[RawRecord]) -> Iterator[list[RawRecord]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
