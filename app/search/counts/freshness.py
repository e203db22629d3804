"""The number of trials in the database, and the dates of their data."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.models import LoadedVocabulary, SyncRun
from app.record.data_day import data_day


@dataclass(frozen=True, slots=True)
class Freshness:
    trials: int = 0
    synthetic: int = 0
    unlisted: int = 0
    """Trials that are kept although the registry no longer lists them; `trials` does not include them."""
    data_date: str | None = None
    """The newest release (day of a registry's own data), ISO."""
    fetched: str | None = None
    """The day of the last run that brought data, ISO."""
    vocabulary: str = ""
    """The name of the loaded MeSH; empty if only the records' index terms are known."""


def read_freshness(session: Session, trials: int, synthetic: int, unlisted: int) -> Freshness:
    fetched = session.execute(select(func.max(SyncRun.finished_at))).scalar()
    vocabulary = session.execute(select(col(LoadedVocabulary.name))).scalar() or ""
    return Freshness(
        trials,
        synthetic,
        unlisted,
        data_date(session),
        fetched.date().isoformat() if fetched else None,
        vocabulary,
    )


def data_date(session: Session) -> str | None:
    """Return the newest release that a run stated, ISO; a release in the future of its run does not count."""
    stated = (
        select(col(SyncRun.release), func.max(SyncRun.finished_at))
        .where(col(SyncRun.release).is_not(None))
        .group_by(col(SyncRun.release))
        .order_by(col(SyncRun.release).desc())
    )
    days = (data_day(version, finished_at.date()) for version, finished_at in session.execute(stated))
    return next((day for day in days if day), None)
