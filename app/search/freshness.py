"""How much is in the database and how fresh it is."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.models import SourceDocument, SyncRun, Trial, Vocabulary


@dataclass(frozen=True, slots=True)
class Freshness:
    trials: int = 0
    synthetic: int = 0
    data_date: str | None = None
    """The newest day of a registry's own data, ISO."""
    fetched: str | None = None
    """The day of the last run that brought something, ISO."""
    vocabulary: str = ""
    """The MeSH that is loaded; empty where conditions are those that the records are indexed with."""


def read_freshness(session: Session) -> Freshness:
    synthetic = func.count().filter(col(Trial.is_synthetic))
    trials, made_up = session.execute(select(func.count(), synthetic).select_from(Trial)).one()
    data_date = session.execute(select(func.max(SourceDocument.data_version))).scalar()
    fetched = session.execute(select(func.max(SyncRun.finished_at))).scalar()
    vocabulary = session.execute(select(col(Vocabulary.name))).scalar() or ""
    return Freshness(trials, made_up, data_date, fetched.date().isoformat() if fetched else None, vocabulary)
