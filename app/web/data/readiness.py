"""The readiness check: are the pages right? It reads a little of everything that lists and trial pages need.

Probes ask every few seconds, so each check reads one trial, chosen at random, and no table as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import randrange
from sqlite3 import Error as SqliteError

from pyroaring import BitMap
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from app.database.deadline import unhurried
from app.failures import DamagedDataError
from app.index.posting_names import ALL, TRIALS
from app.models import (
    DERIVATION,
    FacetPosting,
    ListedFacts,
    Revision,
    SourceDocument,
    SyncRun,
    Trial,
    TrialListing,
    Watermark,
)
from app.search.counts.postings import Posting
from app.web.data.problems import DatabaseUnavailableError, problem_of_file
from app.web.data.store import Store

LOADING = "a first load is not finished: lists show its trials when it ends, or is run again"

_NEWEST = select(col(Trial.id)).order_by(col(Trial.last_update_posted).desc()).limit(1)
_TEXT = text("SELECT count(*) FROM trial_text WHERE rowid = :trial_id AND title IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Readiness:
    problem: DatabaseUnavailableError | None = None
    notes: tuple[str, ...] = ()
    """Sentences that an administrator may want to read although all is well."""


def now() -> datetime:
    """Return the time in UTC, without a time zone, as the database stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


def readiness(store: Store, max_age: timedelta | None = None, now: Callable[[], datetime] = now) -> Readiness:
    """Check the database that is at the path now; open it if necessary."""
    try:
        database = store.opened()
        if damage := database.damage:
            return Readiness(damage)
        # A page's time limit would make a slow moment look like a damaged file.
        with unhurried(), database.reading() as session:
            return _check(session, max_age, now())
    except (DatabaseUnavailableError, DamagedDataError, DBAPIError, SqliteError) as error:
        return Readiness(problem_of_file(error))


def last_compared(session: Session) -> datetime | None:
    """Return when a run last compared the trials with their source and found them, or made them, up to date."""
    run = session.execute(select(func.max(SyncRun.finished_at))).scalar()
    mark = session.execute(select(func.max(Watermark.changed_at))).scalar()
    return max((moment for moment in (run, mark) if moment), default=None)


def _check(session: Session, max_age: timedelta | None, moment: datetime) -> Readiness:
    state = session.get(Revision, 1)
    newest = session.execute(_NEWEST).scalar()
    if state is None or newest is None:
        return Readiness()
    stored = session.get(FacetPosting, (TRIALS, ALL))
    if stored is None or state.is_loading:
        return _without_counts(state)
    _read_one_trial(session, _trials_of(stored))
    return Readiness(_index_problem(state) or _outdated(session, max_age, moment))


def _without_counts(state: Revision) -> Readiness:
    if state.is_loading:
        return Readiness(notes=(LOADING,))
    sentence = "there are trials, but no counts of them: run 'trialmark reindex'"
    return Readiness(DatabaseUnavailableError("incomplete", sentence))


def _trials_of(stored: FacetPosting) -> BitMap:
    trials = Posting(stored.label, stored.count, stored.named_count, stored.bitmap).trials
    if len(trials) != stored.count:
        raise DamagedDataError("the list of all trials does not have the length that it states")
    return trials


def _read_one_trial(session: Session, trials: BitMap) -> None:
    if not trials:
        return
    trial_id = trials[randrange(len(trials))]  # noqa: S311  a sample, not a secret
    listing = session.get(TrialListing, trial_id)
    document = session.get(SourceDocument, trial_id)
    texts = session.execute(_TEXT, {"trial_id": trial_id}).scalar()
    if session.get(Trial, trial_id) is None or listing is None or document is None or not texts:
        raise DamagedDataError(f"a part of trial {trial_id} is missing")
    ListedFacts.of_json(listing.facts)
    _ = document.received


def _index_problem(state: Revision) -> DatabaseUnavailableError | None:
    if state.derived_by != DERIVATION:
        return DatabaseUnavailableError(
            "other-derivation",
            "the data for lists and searches was derived by another version of the program: run 'trialmark reindex'",
        )
    if state.wants_relink:
        return DatabaseUnavailableError(
            "wants-relink",
            "a vocabulary was loaded and not all trials are linked by it: let 'trialmark mesh' finish, or run "
            "'trialmark reindex'",
        )
    return None


def _outdated(
    session: Session, max_age: timedelta | None, moment: datetime
) -> DatabaseUnavailableError | None:
    compared = last_compared(session)
    if max_age is None or compared is None or moment - compared <= max_age:
        return None
    return DatabaseUnavailableError(
        "outdated",
        f"the data was last compared with its source at {compared:%Y-%m-%d %H:%M} UTC, more than {_words(max_age)} "
        f"before this machine's clock, {moment:%Y-%m-%d %H:%M} UTC: run 'trialmark ingest ctgov'",
    )


def _words(age: timedelta) -> str:
    hours, minutes = divmod(int(age.total_seconds()) // 60, 60)
    return f"{hours} hours" if not minutes else f"{hours} hours {minutes} minutes"
