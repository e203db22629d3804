"""One run: read a source to its end, write what is new or changed, remember what could not be read."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Engine, delete, func, select
from sqlmodel import Session, col

from app.database import optimise, reading, writing
from app.ingest.concepts import load_vocabulary, store_concepts
from app.ingest.conditions import are_current
from app.ingest.data_version import is_loading, mark_loading, move_data_version
from app.ingest.labels import relabel
from app.ingest.late_indexes import drop_late_indexes, make_late_indexes
from app.ingest.postings import entries_of, rebuild_postings, update_postings
from app.ingest.prepare import Prepared, PreparedBatch, Preparer, Unchanged, stored_versions
from app.ingest.preparing import HERE, MOST_UNDER_WAY, prepared_batches
from app.ingest.read import Rejection
from app.ingest.relink import settle
from app.ingest.source import RawRecord, Report, Source
from app.ingest.suggestions import refresh_suggestions
from app.ingest.write import Write, write_rows
from app.models import RejectedRecord, SyncRun, Trial
from app.registries import Registry

BATCH = 500
_A_LITTLE = 20
"""One in so many trials."""
_MOST_COMPLAINTS = 10_000
"""Of one run; more than that says something about the file, not about its records."""


@dataclass
class Summary:
    """Counts of records; `older` ones were kept out because a later version is stored."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    rejected: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass
class _Run:
    engine: Engine
    preparer: Preparer
    is_first_load: bool
    """Nothing was stored before, or an earlier first load came to no end."""
    summary: Summary = field(default_factory=Summary)
    rejections: list[Rejection] = field(default_factory=list)
    open_complaints: frozenset[str] = frozenset()
    """Registry ids that an earlier run of this source could not read."""
    settled: set[str] = field(default_factory=set)
    """Those of them that this run could."""
    data_version: str | None = None
    batches: int = 0
    stored_concepts: int = 0
    """So many of those that the vocabulary has learned; the rest waits for a batch that writes."""
    lately_written: deque[frozenset[str]] = field(default_factory=lambda: deque(maxlen=MOST_UNDER_WAY))
    """Registry ids, by batch: what was prepared beside the writing may not know of them."""

    @property
    def started_at(self) -> datetime:
        return self.preparer.now


def sync(engine: Engine, registry: Registry, source: Source, report: Report) -> Summary:
    """Bring the database up to date with a source; unchanged input writes nothing.

    A long first load leaves the postings and some indexes to its end.

    Raises:
        SourceError, FetchError: the source failed on the way; what was read before is kept.
    """
    run = _begin(engine, registry, source)
    try:
        for raws, batch in prepared_batches(run.preparer, _batches(source.records)):
            _sync_batch(run, raws, batch)
            report(raws[-1].done, run.summary.read)
        if run.is_first_load:
            with writing(engine) as session:
                make_late_indexes(session)
        settle(engine)
    finally:
        _complete_load(engine)
    _finish(engine, source, run)
    refresh_suggestions(engine)
    return run.summary


def _begin(engine: Engine, registry: Registry, source: Source) -> _Run:
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
        is_first_load = is_loading(session) or session.execute(select(col(Trial.id)).limit(1)).first() is None
    return _Run(
        engine,
        Preparer(engine, registry, _now(), vocabulary),
        is_first_load,
        data_version=source.data_version,
        open_complaints=_open_complaints(engine, source),
    )


def _complete_load(engine: Engine) -> None:
    with reading(engine) as session:
        is_complete = not is_loading(session)
    if not is_complete:
        with writing(engine) as session:
            move_data_version(session)
            rebuild_postings(session)


def _is_much(session: Session, summary: Summary) -> bool:
    """So much is new that conditions may be called by other names now, and statements be planned in other ways."""
    trials: int = session.execute(select(func.count()).select_from(Trial)).scalar_one()
    return (summary.new + summary.changed) * _A_LITTLE > trials


def _sync_batch(run: _Run, raws: list[RawRecord], batch: PreparedBatch) -> None:
    if not _is_current(run, batch):
        batch = run.preparer.prepare(raws)
    run.preparer.vocabulary.take_in(batch.new_concepts)
    _count(run, len(raws), batch)
    writes = _needed(run.engine, _latest(batch.prepared, run.summary), run.summary)
    if writes:
        _write(run, writes)
    run.lately_written.append(frozenset(write.prepared.registry_id for write in writes))
    run.batches += 1


def _is_current(run: _Run, batch: PreparedBatch) -> bool:
    """It was prepared from what is stored now and with the names that concepts have here."""
    unchanged = {each.registry_id for each in batch.unchanged}
    if any(not unchanged.isdisjoint(written) for written in run.lately_written):
        return False
    all_linked = (prepared.conditions for prepared in batch.prepared)
    return are_current(all_linked, batch.new_concepts, run.preparer.vocabulary)


def _count(run: _Run, read: int, batch: PreparedBatch) -> None:
    run.summary.read += read
    run.summary.unchanged += len(batch.unchanged)
    run.summary.rejected += len(batch.rejections)
    run.rejections += batch.rejections[: _MOST_COMPLAINTS - len(run.rejections)]
    readable: list[Prepared | Unchanged] = [*batch.prepared, *batch.unchanged]
    run.settled |= run.open_complaints & {each.registry_id for each in readable}
    run.data_version = max([run.data_version or "", *(each.data_version or "" for each in readable)]) or None


def _latest(prepared: list[Prepared], summary: Summary) -> dict[str, Prepared]:
    """Of several versions of one trial in a batch, only the latest."""
    latest: dict[str, Prepared] = {}
    for version in prepared:
        earlier = latest.get(version.registry_id)
        if earlier is not None:
            summary.older += 1
        if earlier is None or version.age >= earlier.age:
            latest[version.registry_id] = version
    return latest


def _needed(engine: Engine, versions: dict[str, Prepared], summary: Summary) -> list[Write]:
    """Those that are new or differ from what is stored, counted into the summary."""
    if not versions:
        return []
    with reading(engine) as session:
        stored = stored_versions(session, list(versions))
    writes = []
    for registry_id, prepared in versions.items():
        known = stored.get(registry_id)
        if known is None:
            summary.new += 1
            writes.append(Write(prepared, None))
        elif known.sha256 == prepared.sha256:
            summary.unchanged += 1
        elif prepared.age < known.age:
            summary.older += 1
        else:
            summary.changed += 1
            writes.append(Write(prepared, known.trial_id))
    return writes


def _write(run: _Run, writes: list[Write]) -> None:
    learned = run.preparer.vocabulary.learned
    with writing(run.engine) as session:
        version = move_data_version(session)
        store_concepts(session, learned[run.stored_concepts :])
        if run.is_first_load and run.batches >= HERE:
            if not is_loading(session):
                mark_loading(session, is_loading=True)
                drop_late_indexes(session)
            write_rows(session, writes, version)
        else:
            changed = [write.trial_id for write in writes if write.trial_id is not None]
            before = entries_of(session, changed)
            written = write_rows(session, writes, version)
            update_postings(session, before, entries_of(session, written))
    run.stored_concepts = len(learned)


def _finish(engine: Engine, source: Source, run: _Run) -> None:
    """Write the run's own row and its complaints, unless both say what is known already."""
    summary = run.summary
    with reading(engine) as session:
        is_news, is_much = bool(summary.new or summary.changed), _is_much(session, summary)
        are_known = not run.settled and _are_known(session, source, run.rejections)
        is_later = (run.data_version or "") > _last_data_version(session, source)
    if not is_news and are_known and not is_later:
        return
    with writing(engine) as session:
        if not are_known:
            _replace_rejections(session, source, run)
        move_data_version(session, run.started_at)
        if is_much:
            relabel(session)
        session.add(
            SyncRun(
                source=source.name,
                started_at=run.started_at,
                finished_at=_now(),
                read=summary.read,
                new=summary.new,
                changed=summary.changed,
                unchanged=summary.unchanged + summary.older,
                rejected=summary.rejected,
                data_version=run.data_version,
            )
        )
    if is_much:
        optimise(engine)


def _open_complaints(engine: Engine, source: Source) -> frozenset[str]:
    with reading(engine) as session:
        found = select(col(RejectedRecord.registry_id)).where(col(RejectedRecord.source) == source.name)
        return frozenset(registry_id for registry_id in session.execute(found).scalars() if registry_id)


def _are_known(session: Session, source: Source, rejections: list[Rejection]) -> bool:
    stored = session.execute(
        select(col(RejectedRecord.position), col(RejectedRecord.reason), col(RejectedRecord.excerpt)).where(
            col(RejectedRecord.source) == source.name
        )
    )
    known = {tuple(row) for row in stored}
    found = {(rejection.position, rejection.reason, rejection.excerpt) for rejection in rejections}
    return found == known if source.is_whole else found <= known


def _replace_rejections(session: Session, source: Source, run: _Run) -> None:
    settled = delete(RejectedRecord).where(col(RejectedRecord.source) == source.name)
    if not source.is_whole:
        again = {rejection.registry_id for rejection in run.rejections}
        settled = settled.where(col(RejectedRecord.registry_id).in_(run.settled | again))
    session.execute(settled)
    session.add_all(
        RejectedRecord(
            source=source.name,
            position=rejection.position,
            registry_id=rejection.registry_id,
            reason=rejection.reason,
            excerpt=rejection.excerpt,
            rejected_at=run.started_at,
        )
        for rejection in run.rejections
    )


def _last_data_version(session: Session, source: Source) -> str:
    latest = (
        select(col(SyncRun.data_version))
        .where(col(SyncRun.source) == source.name)
        .order_by(col(SyncRun.id).desc())
        .limit(1)
    )
    return session.execute(latest).scalar() or ""


def _batches(records: Iterator[RawRecord]) -> Iterator[list[RawRecord]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
