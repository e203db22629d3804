"""The counter that every change of the trials moves on, and what it says to readers of what they keep in memory."""

from datetime import UTC, datetime
from secrets import token_hex

from sqlalchemy import select
from sqlmodel import Session, col

from app.models import DERIVATION, Revision

_TOKENS_KEPT = 200
"""A reader that has seen none of so many changes reads everything anew, which then takes less time than following."""


def current_revision(session: Session) -> int:
    return session.execute(select(col(Revision.version))).scalar_one_or_none() or 0


def move_revision(session: Session, changed_at: datetime | None = None) -> int:
    """Tell every reader that trials have changed; comes before the changes, which are marked with the version that it
    returns. `changed_at` is UTC, now by default.
    """
    changed_at = changed_at or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    current = session.get(Revision, 1) or _first(changed_at)
    current.version += 1
    current.token = token_hex(8)
    current.recent_tokens = " ".join([*current.recent_tokens.split(), current.token][-_TOKENS_KEPT:])
    current.changed_at = changed_at
    session.add(current)
    session.flush()
    return current.version


def _first(changed_at: datetime) -> Revision:
    return Revision(version=0, changed_at=changed_at, derived_by=DERIVATION)


def mark_rebuilt(session: Session) -> None:
    """Tell readers that this version is more than the one before and what is marked with it."""
    current = session.get_one(Revision, 1)
    current.rebuilt_in = current.version
    session.flush()


def is_loading(session: Session) -> bool:
    """A first load has not come to its end: trials are stored of which there are no postings yet."""
    return bool(session.execute(select(col(Revision.is_loading))).scalar_one_or_none())


def mark_loading(session: Session, *, is_loading: bool) -> None:
    current = session.get_one(Revision, 1)
    current.is_loading = is_loading
    session.flush()


def mark_broader(session: Session) -> None:
    """Tell readers that in this version other conditions stand above some."""
    current = session.get_one(Revision, 1)
    current.broader_in = current.version
    session.flush()


def names_revision(session: Session) -> int:
    """Return the version in which the vocabulary's names last changed."""
    return session.execute(select(col(Revision.names_in))).scalar_one_or_none() or 0


def mark_names(session: Session) -> int:
    """Tell other runs that what they link by the names of before is to be linked anew; returns this version."""
    current = session.get_one(Revision, 1)
    current.names_in = current.version
    session.flush()
    return current.version


def wants_relink(session: Session) -> bool:
    """Say whether another vocabulary is loaded and not all trials are linked by it yet."""
    return bool(session.execute(select(col(Revision.wants_relink))).scalar_one_or_none())


def mark_relink(session: Session, *, is_wanted: bool) -> None:
    current = session.get_one(Revision, 1)
    current.wants_relink = is_wanted
    session.flush()


def derivation_of(session: Session) -> int | None:
    """Return the DERIVATION that made what is derived here; None in an empty database."""
    found: int | None = session.execute(select(col(Revision.derived_by))).scalar_one_or_none()
    return found


def mark_derived(session: Session) -> None:
    """Write down that all that is derived here was made by this program's DERIVATION."""
    current = session.get_one(Revision, 1)
    current.derived_by = DERIVATION
    session.flush()
