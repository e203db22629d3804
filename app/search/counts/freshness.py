"""How much is in the database and how fresh it is."""

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
    """Trials that are kept though the registry no longer lists them; `trials` does not count them."""
    data_date: str | None = None
    """The newest day of a registry's own data, ISO."""
    fetched: str | None = None
    """The day of the last run that brought something, ISO."""
    vocabulary: str = ""
    """The MeSH that is loaded; empty where conditions are those that the records are indexed with."""


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
    """The newest day of a registry's own data that a run stated and that was not still to come then, ISO."""
    stated = (
        select(col(SyncRun.release), func.max(SyncRun.finished_at))
        .where(col(SyncRun.release).is_not(None))
        .group_by(col(SyncRun.release))
        .order_by(col(SyncRun.release).desc())
    )
    days = (data_day(version, finished_at.date()) for version, finished_at in session.execute(stated))
    return next((day for day in days if day), None)
