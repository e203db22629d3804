"""The revision, a counter that every change of the trials raises. It tells readers what is out of date in memory."""

from datetime import UTC, datetime
from secrets import token_hex

from sqlalchemy import select
from sqlmodel import Session, col

from app.models import DERIVATION, Revision

_TOKENS_KEPT = 200
"""A reader that has missed more changes than this reloads everything, which is then faster than following them."""


def current_revision(session: Session) -> int:
    return session.execute(select(col(Revision.version))).scalar_one_or_none() or 0


def move_revision(session: Session, changed_at: datetime | None = None) -> int:
    """Raise and return the revision, which tells every reader that trials have changed.

    Call this before the changes: they are marked with the revision that it returns. `changed_at` is UTC, now by
    default.
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
    """Tell readers that this revision changed more than the rows marked with it."""
    current = session.get_one(Revision, 1)
    current.rebuilt_in = current.version
    session.flush()


def is_loading(session: Session) -> bool:
    """Tell whether a first load is unfinished: its trials are stored, but they have no postings yet."""
    return bool(session.execute(select(col(Revision.is_loading))).scalar_one_or_none())


def mark_loading(session: Session, *, is_loading: bool) -> None:
    current = session.get_one(Revision, 1)
    current.is_loading = is_loading
    session.flush()


def mark_broader(session: Session) -> None:
    """Tell readers that the hierarchy of conditions changed in this revision."""
    current = session.get_one(Revision, 1)
    current.broader_in = current.version
    session.flush()


def names_revision(session: Session) -> int:
    """Return the revision in which the vocabulary's names last changed."""
    return session.execute(select(col(Revision.names_in))).scalar_one_or_none() or 0


def mark_names(session: Session) -> int:
    """Record and return this revision as the last change of names; other runs must redo links made with older names."""
    current = session.get_one(Revision, 1)
    current.names_in = current.version
    session.flush()
    return current.version


def wants_relink(session: Session) -> bool:
    """Tell whether another vocabulary is loaded and not all trials are linked by it yet."""
    return bool(session.execute(select(col(Revision.wants_relink))).scalar_one_or_none())


def mark_relink(session: Session, *, is_wanted: bool) -> None:
    current = session.get_one(Revision, 1)
    current.wants_relink = is_wanted
    session.flush()


def derivation_of(session: Session) -> int | None:
    """Return the DERIVATION that built the derived data; None in an empty database."""
    found: int | None = session.execute(select(col(Revision.derived_by))).scalar_one_or_none()
    return found


def mark_derived(session: Session) -> None:
    """Record that this program's DERIVATION built all derived data."""
    current = session.get_one(Revision, 1)
    current.derived_by = DERIVATION
    session.flush()
