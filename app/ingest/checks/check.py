"""Checks that all derived data still agree with what they were derived from."""

from collections.abc import Iterator

from sqlalchemy import Engine, func, select, text
from sqlmodel import Session, col

from app.database.engine import reading
from app.index.revision import derivation_of, is_loading, wants_relink
from app.ingest.checks.check_derived import problems_of_names, problems_of_trials
from app.ingest.long_work.progress import is_under_way
from app.ingest.long_work.reindex import REINDEX
from app.ingest.write.postings import wrong_postings
from app.models import DERIVATION, ConceptName, DueName, SourceDocument, Trial, TrialListing

_MOST_NAMED = 20


def interruptions(engine: Engine) -> list[str]:
    """Return a line for each piece of work that was interrupted or is under way, with the command that finishes it.

    The stored data are sound all the same: unfinished work is not an inconsistency.
    """
    with reading(engine) as session:
        return list(_interruptions(session))


def problems(engine: Engine, *, is_thorough: bool = False) -> list[str]:
    """Return a line for each inconsistency; none if the database is sound.

    A sample of trials, always the same, is derived again from the documents and compared; all trials if `is_thorough`.
    While interrupted work is unfinished, this comparison is left out without a word.
    """
    with reading(engine) as session:
        found = [*_damage(session), *_counts(session)]
        if not is_loading(session):
            found += _postings(session)
        is_finished = not any(_interruptions(session))
        if is_finished:
            found += problems_of_names(session, is_thorough=is_thorough)
    if is_finished and not found:
        found += problems_of_trials(engine, is_thorough=is_thorough)
    return found


def _interruptions(session: Session) -> Iterator[str]:
    if is_loading(session):
        yield "a first load is not finished: run the same 'trialmark ingest' again"
    if is_under_way(session, REINDEX):
        yield "reindexing is not finished: run 'trialmark reindex' again, it resumes where it stopped"
    if wants_relink(session):
        yield "not all trials are linked by the MeSH that is loaded: run 'trialmark mesh', 'ingest' or 'reindex'"
    if derivation_of(session) not in {None, DERIVATION}:
        yield "another version of the program derived the data: run 'trialmark reindex'"
    due = session.execute(select(func.count()).select_from(DueName)).scalar_one()
    new = session.execute(select(func.count()).where(col(ConceptName.kind) == "new")).scalar_one()
    if (due or new) and not is_loading(session):
        yield "the last run is not finished: run the same command again"


def _damage(session: Session) -> list[str]:
    integrity = session.execute(text("PRAGMA quick_check")).scalars().all()
    dangling = session.execute(text("PRAGMA foreign_key_check")).all()
    found = [f"the file is damaged: {line}" for line in integrity if line != "ok"]
    return [*found, *(f"{len(dangling)} rows refer to rows that do not exist" for _ in dangling[:1])]


def _counts(session: Session) -> list[str]:
    trials = session.execute(select(func.count()).select_from(Trial)).scalar_one()
    documents = session.execute(select(func.count()).select_from(SourceDocument)).scalar_one()
    listings = session.execute(select(func.count()).select_from(TrialListing)).scalar_one()
    texts, traces = (
        session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608  names of ours
        for table in ("trial_text", "trial_trace")
    )
    strays = session.execute(
        text("SELECT count(*) FROM trial_text WHERE rowid NOT IN (SELECT id FROM trial)")
    )
    found = [f"{count:,} full-text entries belong to no trial" for count in strays.scalars() if count]
    return found + [
        f"{trials:,} trials, but {count:,} {what}"
        for count, what in (
            (documents, "stored documents"),
            (texts, "full-text entries"),
            (traces, "entries in the index of what their words may name"),
            (listings, "rows for lists"),
        )
        if count != trials
    ]


def _postings(session: Session) -> list[str]:
    wrong = wrong_postings(session)
    return [f"the counts of {facet}={value} are out of date" for facet, value in wrong[:_MOST_NAMED]]
