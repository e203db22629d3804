"""One run: read a source to its end, write what is new or changed, remember what could not be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Engine, delete, func, select
from sqlmodel import Session, col

from app.database import optimise, reading, writing
from app.ingest.concepts import Vocabulary, load_vocabulary
from app.ingest.labels import relabel
from app.ingest.read import ReadDocument, Rejection, read_document
from app.ingest.relink import settle
from app.ingest.source import RawRecord, Report, Source
from app.ingest.suggestions import refresh_suggestions
from app.ingest.write import Write, move_data_version, write_batch
from app.models import RejectedRecord, SourceDocument, SyncRun, Trial
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
    started_at: datetime
    summary: Summary = field(default_factory=Summary)
    rejections: list[Rejection] = field(default_factory=list)
    open_complaints: frozenset[str] = frozenset()
    """Registry ids that an earlier run of this source could not read."""
    settled: set[str] = field(default_factory=set)
    """Those of them that this run could."""
    data_version: str | None = None


def sync(engine: Engine, registry: Registry, source: Source, report: Report) -> Summary:
    """Bring the database up to date with a source; unchanged input writes nothing.

    Raises:
        SourceError, FetchError: the source failed on the way; what was read before is kept.
    """
    run = _Run(_now(), data_version=source.data_version, open_complaints=_open_complaints(engine, source))
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
    for batch in _batches(source.records):
        _sync_batch(engine, registry, batch, run, vocabulary)
        report(batch[-1].done, run.summary.read)
    settle(engine)
    _finish(engine, source, run)
    refresh_suggestions(engine)
    return run.summary


def _is_much(session: Session, summary: Summary) -> bool:
    """So much is new that conditions may be called by other names now; little would not change what most say."""
    trials: int = session.execute(select(func.count()).select_from(Trial)).scalar_one()
    return (summary.new + summary.changed) * _A_LITTLE > trials


def _sync_batch(
    engine: Engine, registry: Registry, batch: Sequence[RawRecord], run: _Run, vocabulary: Vocabulary
) -> None:
    documents: dict[str, ReadDocument] = {}
    for raw in batch:
        read = read_document(registry, raw, run.started_at)
        run.summary.read += 1
        if isinstance(read, Rejection):
            run.summary.rejected += 1
            if len(run.rejections) < _MOST_COMPLAINTS:
                run.rejections.append(read)
            continue
        _keep_latest(documents, read, run.summary)
        if read.record.registry_id in run.open_complaints:
            run.settled.add(read.record.registry_id)
        if source_version := read.record.data_version:
            run.data_version = max(run.data_version or "", source_version)
    if writes := _needed(engine, documents, run.summary):
        with writing(engine) as session:
            write_batch(session, writes, vocabulary)


def _keep_latest(documents: dict[str, ReadDocument], read: ReadDocument, summary: Summary) -> None:
    """Of several versions of one trial in a batch, only the latest goes on."""
    earlier = documents.get(read.record.registry_id)
    if earlier is not None:
        summary.older += 1
    if earlier is None or read.age >= earlier.age:
        documents[read.record.registry_id] = read


def _needed(engine: Engine, documents: dict[str, ReadDocument], summary: Summary) -> list[Write]:
    """The documents that are new or differ from what is stored, counted into the summary."""
    with reading(engine) as session:
        stored = _stored(session, list(documents))
    writes = []
    for registry_id, document in documents.items():
        if registry_id not in stored:
            summary.new += 1
            writes.append(Write(document, None))
            continue
        trial_id, sha256, age = stored[registry_id]
        if sha256 == document.sha256:
            summary.unchanged += 1
        elif document.age < age:
            summary.older += 1
        else:
            summary.changed += 1
            writes.append(Write(document, trial_id))
    return writes


def _stored(session: Session, registry_ids: list[str]) -> dict[str, tuple[int, bytes, tuple[str, str]]]:
    rows = session.execute(
        select(
            col(Trial.registry_id),
            col(Trial.id),
            col(SourceDocument.sha256),
            col(Trial.last_update_posted),
            col(SourceDocument.data_version),
        )
        .join_from(Trial, SourceDocument, col(Trial.id) == col(SourceDocument.trial_id))
        .where(col(Trial.registry_id).in_(registry_ids))
    )
    return {
        registry_id: (trial_id or 0, sha256, (updated or "", version or ""))
        for registry_id, trial_id, sha256, updated, version in rows
    }


def _finish(engine: Engine, source: Source, run: _Run) -> None:
    """Write the run's own row and its complaints, unless both say what is known already."""
    summary = run.summary
    with reading(engine) as session:
        is_news = bool(summary.new or summary.changed)
        are_known = not run.settled and _are_known(session, source, run.rejections)
        is_later = (run.data_version or "") > _last_data_version(session, source)
    if not is_news and are_known and not is_later:
        return
    with writing(engine) as session:
        if not are_known:
            _replace_rejections(session, source, run)
        if _is_much(session, summary):
            relabel(session)
        move_data_version(session, run.started_at)
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
    if is_news:
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
