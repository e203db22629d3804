"""The counter that every change of the trials moves on, and what it says to readers of what they keep in memory."""

from datetime import UTC, datetime
from secrets import token_hex

from sqlalchemy import select
from sqlmodel import Session, col

from app.models import DERIVATION, DataVersion

_TOKENS_KEPT = 200
"""A reader that has seen none of so many changes reads everything anew, which then takes less time than following."""


def move_data_version(session: Session, changed_at: datetime | None = None) -> int:
    """Tell every reader that trials have changed; comes before the changes, which are marked with the version that it
    returns. `changed_at` is UTC, now by default.
    """
    changed_at = changed_at or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    current = session.get(DataVersion, 1) or _first(changed_at)
    current.version += 1
    current.token = token_hex(8)
    current.recent_tokens = " ".join([*current.recent_tokens.split(), current.token][-_TOKENS_KEPT:])
    current.changed_at = changed_at
    session.add(current)
    session.flush()
    return current.version


def _first(changed_at: datetime) -> DataVersion:
    return DataVersion(version=0, changed_at=changed_at, derived_by=DERIVATION)


def mark_rebuilt(session: Session) -> None:
    """Tell readers that this version is more than the one before and what is marked with it."""
    current = session.get_one(DataVersion, 1)
    current.rebuilt_in = current.version
    session.flush()


def mark_derived(session: Session) -> None:
    """Note that everything derived here is of the present code."""
    session.get_one(DataVersion, 1).derived_by = DERIVATION
    session.flush()


def is_loading(session: Session) -> bool:
    """A first load has not come to its end: trials are stored of which there are no postings yet."""
    return bool(session.execute(select(col(DataVersion.is_loading))).scalar_one_or_none())


def mark_loading(session: Session, *, is_loading: bool) -> None:
    current = session.get_one(DataVersion, 1)
    current.is_loading = is_loading
    session.flush()
