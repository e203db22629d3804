"""The end of a run: the release that it vouches for, the trials no longer listed, and the row that says what it did."""

from datetime import UTC, datetime

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from app.database.engine import optimize, reading, writing
from app.index.revision import move_revision
from app.ingest.derived.names import renew_due_names
from app.ingest.runs.rejections import MOST_KEPT, Complaints
from app.ingest.runs.removals import mark, trials_to_mark
from app.ingest.runs.summary import Summary
from app.ingest.sources.following import Following, move_watermark, stored_version
from app.ingest.sources.source import Source
from app.models import SyncRun, Trial

_OPTIMIZE_ABOVE_ONE_IN = 20
"""The planner's statistics are refreshed when more than one in so many trials has changed."""


def end_run(
    engine: Engine,
    registry: str,
    source: Source,
    complaints: Complaints,
    summary: Summary,
    latest: str | None,
    now: datetime,
) -> None:
    """Write the run's own row, its rejected records and its watermark in one transaction, unless nothing is new.

    `latest` is the latest release that a record states: a file has no better one.

    Raises:
        TooManyRemovalsError: nobody agreed that so many trials vanish; the run writes nothing of the above.
    """
    following = source.following
    with reading(engine) as session:
        vouched = _vouched(session, following, complaints) if following else None
        version = vouched if following and following.version else latest
        removed = trials_to_mark(session, following) if following else []
        changed = _changed(session, summary)
        changed_more_than_5_percent = changed * _OPTIMIZE_ABOVE_ONE_IN > _trials(session)
        are_known = complaints.are_known(session)
        is_later = _is_later(session, source, vouched, version)
    if following:
        summary.warnings += tuple(following.warnings)
    summary.unlisted = len(removed)
    if not changed and not removed and are_known and not is_later:
        return
    with writing(engine) as session:
        if not are_known:
            complaints.write(session, now)
        ended_at = move_revision(session, now)
        if following and removed:
            mark(session, following, removed, now.date())
            ended_at = move_revision(session, now)
        if following and following.scope and vouched:
            move_watermark(session, following.scope, vouched, now)
        session.add(_row(registry, source, summary, version, now, ended_at))
        session.flush()
        renew_due_names(session)
    if changed_more_than_5_percent:
        optimize(engine)


def _vouched(session: Session, following: Following, complaints: Complaints) -> str | None:
    """Return the release that the run may vouch for; if there is none, add a warning and return None."""
    if not following.is_complete:
        following.warnings.append(f"{following.missing_words()}; the next run looks as far back as this one")
        return None
    if not complaints.are_all_kept:
        following.warnings.append(
            f"over {MOST_KEPT:,} records could not be read, and not all of them are remembered; "
            "the next run looks as far back as this one"
        )
        return None
    if complaints.has_new_nameless(session):
        following.warnings.append(
            "records without a registry id could not be read; the next run looks as far back as this one"
        )
        return None
    return following.version


def _is_later(session: Session, source: Source, vouched: str | None, version: str | None) -> bool:
    """Tell whether the run brings a later release than is recorded."""
    following = source.following
    if following and following.scope:
        return vouched is not None and vouched != stored_version(session, following.scope)
    latest = (
        select(col(SyncRun.release))
        .where(col(SyncRun.source) == source.name)
        .order_by(col(SyncRun.id).desc())
        .limit(1)
    )
    return (version or "") > (session.execute(latest).scalar() or "")


def _changed(session: Session, summary: Summary) -> int:
    """Count the trials that changed since a run last finished: in this run, and in runs that were cut short."""
    ended = select(col(SyncRun.ended_at_version)).order_by(col(SyncRun.id).desc()).limit(1)
    ended_at = session.execute(ended).scalar_one_or_none()
    of_this_run = summary.new + summary.changed
    if ended_at is None and session.execute(select(col(SyncRun.id)).limit(1)).first():
        return of_this_run  # older runs did not record the revision at which they ended
    since = select(func.count()).select_from(Trial).where(col(Trial.changed_in) > (ended_at or 0))
    changed: int = session.execute(since).scalar_one()
    return max(changed, of_this_run)


def _trials(session: Session) -> int:
    trials: int = session.execute(select(func.count()).select_from(Trial)).scalar_one()
    return trials


def _row(
    registry: str, source: Source, summary: Summary, version: str | None, now: datetime, ended_at: int
) -> SyncRun:
    return SyncRun(
        registry_name=registry,
        source=source.name,
        started_at=now,
        finished_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        read=summary.read,
        new=summary.new,
        changed=summary.changed,
        unchanged=summary.unchanged + summary.older,
        rejected=summary.rejected,
        release=version,
        ended_at_version=ended_at,
    )
