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
    """Trials that are kept though the registry no longer lists them; `trials` does not count them."""
    releases: tuple[tuple[str, str], ...] = ()
    """The newest day of each registry's own data, ISO, by the registry's name."""
    fetched: str | None = None
    """The day of the last run that brought data, ISO."""
    vocabulary: str = ""
    """The name of the loaded MeSH; empty if only the records' index terms are known."""

    @property
    def data_date(self) -> str | None:
        """The newest day of any registry's own data, ISO."""
        return max((day for _, day in self.releases), default=None)


def read_freshness(session: Session, trials: int, synthetic: int, unlisted: int) -> Freshness:
    fetched = session.execute(select(func.max(SyncRun.finished_at))).scalar()
    vocabulary = session.execute(select(col(LoadedVocabulary.name))).scalar() or ""
    return Freshness(
        trials,
        synthetic,
        unlisted,
        releases(session),
        fetched.date().isoformat() if fetched else None,
        vocabulary,
    )


def releases(session: Session) -> tuple[tuple[str, str], ...]:
    """Return the newest day of each registry's own data that a run stated and that was not still to come then.

    ISO, by the registry's name.
    """
    stated = (
        select(col(SyncRun.registry_name), col(SyncRun.release), func.max(SyncRun.finished_at))
        .where(col(SyncRun.release).is_not(None))
        .group_by(col(SyncRun.registry_name), col(SyncRun.release))
    )
    newest: dict[str, str] = {}
    for registry, release, finished_at in session.execute(stated):
        if day := data_day(release, finished_at.date()):
            newest[registry] = max(day, newest.get(registry, ""))
    return tuple(sorted(newest.items()))
