"""After a full run: the trials that the registry no longer lists."""

from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.failures import ExpectedError
from app.ingest.sources.following import Following
from app.ingest.write.unlisted import mark_unlisted, missing_trials
from app.models import Trial, UnlistedTrial

_MOST_SHARE = 0.02
"""The share of stored trials that may be missing; more than that does not vanish from a registry overnight."""


class TooManyRemovalsError(ExpectedError):
    """So many trials would vanish at once that a person has to agree to it."""


def trials_to_mark(session: Session, following: Following) -> list[int]:
    """Return the stored trials that a full run did not meet; none if it may not have met everything.

    Raises:
        TooManyRemovalsError: more trials are missing than a registry is believed to remove, and nobody has agreed.
    """
    if not following.is_full:
        return []
    if not following.has_exact_count:
        following.warnings.append(
            f"{following.missing_words()}; no trial is marked as no longer listed: run --full again"
        )
        return []
    if following.met_nameless:
        following.warnings.append(
            "a record without a registry id may be of any trial; no trial is marked as no longer listed"
        )
        return []
    missing = missing_trials(session, following.registry, following.listed)
    stored = _listed_count(session, following.registry)
    if len(missing) > _MOST_SHARE * stored and not following.accepts_removals:
        raise TooManyRemovalsError(
            f"the registry no longer lists {len(missing):,} of {stored:,} stored trials; none of them is marked: if "
            "that is right, run again with --full --accept-removals"
        )
    return missing


def mark(session: Session, following: Following, trial_ids: list[int], today: date) -> None:
    """Mark trials as unlisted since the day of the registry's data."""
    mark_unlisted(session, trial_ids, following.version or today.isoformat())


def _listed_count(session: Session, registry: str) -> int:
    stored = (
        select(func.count())
        .select_from(Trial)
        .where(col(Trial.registry_name) == registry, ~col(Trial.is_synthetic))
        .where(col(Trial.id).not_in(select(col(UnlistedTrial.trial_id))))
    )
    count: int = session.execute(stored).scalar_one()
    return count
