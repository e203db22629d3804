"""The state of the database, in the few lines of `trialmark status`."""

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from app.database.engine import reading
from app.models import LoadedVocabulary, RejectedRecord, SyncRun, Trial
from app.search.counts.freshness import releases


def describe(engine: Engine) -> list[tuple[str, str]]:
    """Return (label, value) pairs; the last ones are the first rejected records, if there are any."""
    with reading(engine) as session:
        trials = session.execute(select(func.count()).select_from(Trial)).scalar_one()
        synthetic = session.execute(
            select(func.count()).select_from(Trial).where(col(Trial.is_synthetic))
        ).scalar_one()
        last = session.execute(select(SyncRun).order_by(col(SyncRun.id).desc()).limit(1)).scalar()
        rejected = session.execute(select(RejectedRecord).order_by(col(RejectedRecord.id))).scalars().all()
        lines = [
            ("Trials", f"{trials:,}" + (f" ({synthetic:,} synthetic)" if synthetic else "")),
            ("Registry data", _releases(session)),
            (
                "Last run",
                f"{last.finished_at:%Y-%m-%d %H:%M} UTC, from {last.source}" if last else "none yet",
            ),
            ("Vocabulary", _vocabulary(session)),
            ("Not readable", f"{len(rejected):,} records"),
        ]
        return lines + [("", f"{item.source}, {item.position}: {item.reason}") for item in rejected[:20]]


def _releases(session: Session) -> str:
    found = releases(session)
    if len(found) == 1:
        return found[0][1]
    return ", ".join(f"{registry} {day}" for registry, day in found) or "none yet"


def _vocabulary(session: Session) -> str:
    loaded = session.get(LoadedVocabulary, 1)
    if loaded is None:
        return "none: conditions are the terms that records are indexed with; load MeSH with 'trialmark mesh'"
    return f"{loaded.name}, {loaded.concepts:,} concepts, loaded {loaded.loaded_at:%-d %b %Y}"
