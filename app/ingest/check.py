"""Does everything derived still agree with what it was derived from?"""

from sqlalchemy import Engine, func, select, text
from sqlmodel import Session, col

from app.database import reading
from app.ingest.postings import all_entries, readable
from app.models import FacetPosting, SourceDocument, Trial, TrialListing


def problems(engine: Engine) -> list[str]:
    """One line a disagreement; empty where the database is whole."""
    with reading(engine) as session:
        return [*_damage(session), *_counts(session), *_postings(session)]


def _damage(session: Session) -> list[str]:
    integrity = session.execute(text("PRAGMA quick_check")).scalars().all()
    dangling = session.execute(text("PRAGMA foreign_key_check")).all()
    found = [f"the file is damaged: {line}" for line in integrity if line != "ok"]
    return [*found, *(f"{len(dangling)} rows refer to rows that are gone" for _ in dangling[:1])]


def _counts(session: Session) -> list[str]:
    trials = session.execute(select(func.count()).select_from(Trial)).scalar_one()
    documents = session.execute(select(func.count()).select_from(SourceDocument)).scalar_one()
    texts = session.execute(text("SELECT count(*) FROM trial_text")).scalar_one()
    listings = session.execute(select(func.count()).select_from(TrialListing)).scalar_one()
    strays = session.execute(
        text("SELECT count(*) FROM trial_text WHERE rowid NOT IN (SELECT id FROM trial)")
    )
    found = [f"{count:,} in the full text are of no trial" for count in strays.scalars() if count]
    return found + [
        f"{trials:,} trials, but {count:,} {what}"
        for count, what in (
            (documents, "stored documents"),
            (texts, "in the full text"),
            (listings, "that lists can print"),
        )
        if count != trials
    ]


def _postings(session: Session) -> list[str]:
    expected = {
        key: (len(entry.trials), entry.named_count, entry.trials) for key, entry in all_entries(session)
    }
    stored = {
        (posting.facet, posting.value): (posting.count, posting.named_count, readable(posting.bitmap))
        for posting in session.execute(select(FacetPosting).where(col(FacetPosting.count) > 0)).scalars()
    }
    wrong = [key for key in expected.keys() | stored.keys() if expected.get(key) != stored.get(key)]
    return [f"the counts of {facet}={value} are out of date" for facet, value in sorted(wrong)[:20]]
