"""The facet postings and orders of one revision, read when first asked for and kept in memory.

The next revision starts with the parts that the previous one has read, and reads only what has changed since.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from enum import Enum
from threading import Lock, RLock
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from pyroaring import BitMap
from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.database.deadline import unhurried
from app.database.sql import driver_rows
from app.index.posting_names import ALL, SYNTHETIC, TRIALS, of_unlisted
from app.models import Condition, ConditionBroader, Revision
from app.search.counts.freshness import Freshness, read_freshness
from app.search.counts.postings import Postings, load_postings, united, with_changes
from app.search.counts.sort import Orders, Sort, load_orders, orders_with_changes
from app.search.counts.values_by_trial import ValuesByTrial, values_by_trial

_MOST_REMEMBERED = 100
_CURRENT = select(col(Revision.version), col(Revision.rebuilt_in), col(Revision.token))
_RECENT_TOKENS = select(col(Revision.recent_tokens))

T = TypeVar("T")


class Scope(Enum):
    """The set of trials that a search looks in."""

    LISTED = "listed"
    """Trials that the registry lists."""
    UNLISTED = "unlisted"
    """Trials that the registry once listed and no longer lists."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class _Part(Generic[T]):
    """A value and the revision that it was read in."""

    version: int
    value: T


@dataclass(frozen=True, slots=True)
class _Broader:
    pairs: int
    """The number of stored pairs. It only grows during a run; the end of a run marks a removal in `broader_in`."""
    broader: dict[str, list[str]]
    narrower: dict[str, list[str]]


@dataclass
class Catalogue:
    """The parts that have been read of one revision; sessions passed to it must see this revision."""

    version: int
    rebuilt_in: int = 0
    """Parts that are older than this revision are read from scratch."""
    token: str = ""
    """Distinguishes this revision from one with the same number in another database, or in another past of this one."""
    _postings: dict[str, _Part[Postings]] = field(default_factory=dict)
    _tables: dict[str, _Part[ValuesByTrial]] = field(default_factory=dict)
    _orders: dict[str, _Part[Orders]] = field(default_factory=dict)
    _broader: dict[str, _Part[_Broader]] = field(default_factory=dict)
    _united: dict[str, _Part[Postings]] = field(default_factory=dict)
    """Postings of listed and unlisted trials together, which are not stored in this form."""
    _freshness: Freshness | None = None
    _remembered: dict[Hashable, Any] = field(default_factory=dict)
    _remembering: Lock = field(default_factory=Lock)
    _reading: RLock = field(default_factory=RLock)
    """Held while a part is read. Other threads that need the part wait for it instead of reading it too."""
    scope: Scope = Scope.LISTED

    def next(self, version: int, rebuilt_in: int, token: str = "") -> "Catalogue":
        """Return the catalogue of a later revision, which starts with the parts that this one has read."""
        return Catalogue(
            version,
            rebuilt_in,
            token,
            dict(self._postings),
            dict(self._tables),
            dict(self._orders),
            dict(self._broader),
        )

    def of(self, scope: Scope) -> "Catalogue":
        """Return the catalogue of the trials in another scope, which shares all parts with this one."""
        return self if scope is self.scope else replace(self, scope=scope)

    def has_unlisted(self, session: Session) -> bool:
        """Tell whether there are trials that the registry no longer lists."""
        return ALL in self._stored_postings(session, of_unlisted(TRIALS))

    def postings(self, session: Session, facet: str) -> Postings:
        """Return a facet's postings of the trials in scope."""
        if self.scope is Scope.LISTED:
            return self._stored_postings(session, facet)
        unlisted = self._stored_postings(session, of_unlisted(facet))
        if self.scope is Scope.UNLISTED:
            return unlisted
        listed = self._stored_postings(session, facet)
        if not unlisted:
            return listed
        return self._current(
            self._united,
            facet,
            lambda: united(listed, unlisted),
            lambda _known, _since: united(listed, unlisted),
        )

    def _stored_postings(self, session: Session, facet: str) -> Postings:
        return self._current(
            self._postings,
            facet,
            lambda: load_postings(session, facet),
            lambda known, since: with_changes(session, facet, known, since),
        )

    def values_by_trial(self, session: Session, facet: str) -> ValuesByTrial:
        """Return a facet's values by trial, for the trials that the registry lists."""
        postings = self._stored_postings(session, facet)
        return self._current(
            self._tables,
            facet,
            lambda: values_by_trial(postings),
            lambda known, _since: known.with_changes(postings),
        )

    def trials(self, session: Session) -> BitMap:
        """Return the ids of all trials in scope."""
        posting = self.postings(session, TRIALS).get(ALL)
        return posting.trials if posting else BitMap()

    def size(self, session: Session) -> int:
        """Count all stored trials, whatever the scope."""
        return len(self.of(Scope.ALL).trials(session))

    def orders(self, session: Session, sort: Sort) -> Orders:
        """Return the orders by the sort's value, in both directions."""
        return self._current(
            self._orders,
            sort.value,
            lambda: load_orders(session, sort),
            lambda known, since: orders_with_changes(session, sort, known, since),
        )

    def broader(self, session: Session) -> dict[str, list[str]]:
        """Return the slugs of all conditions above each condition, by its slug."""
        return self._hierarchy(session).broader

    def narrower(self, session: Session) -> dict[str, list[str]]:
        """Return the slugs of all conditions below each condition, by its slug."""
        return self._hierarchy(session).narrower

    def freshness(self, session: Session) -> Freshness:
        if self._freshness is None:
            postings = self._stored_postings(session, TRIALS)
            trials, synthetic = (
                postings[value].count if value in postings else 0 for value in (ALL, SYNTHETIC)
            )
            unlisted = self._stored_postings(session, of_unlisted(TRIALS)).get(ALL)
            self._freshness = read_freshness(session, trials, synthetic, unlisted.count if unlisted else 0)
        return self._freshness

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value that is kept for a key, or make it and keep it.

        This serves readers who go on searching with the same words.
        """
        found: T | None = self._remembered.get(key)
        if found is None:
            found = make()
            with self._remembering:
                if len(self._remembered) >= _MOST_REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
                self._remembered[key] = found
        return found

    def sizes(self) -> dict[str, int]:
        """Count the parts of each kind that have been read."""
        return {
            "facets": len(self._postings),
            "tables": len(self._tables),
            "orders": len(self._orders),
            "remembered": len(self._remembered),
        }

    def _hierarchy(self, session: Session) -> _Broader:
        def reload_if_changed(known: _Broader, since: int) -> _Broader:
            is_same = known.pairs == _count_broader(session) and _broader_in(session) <= since
            return known if is_same else _load_broader(session)

        return self._current(self._broader, "", lambda: _load_broader(session), reload_if_changed)

    def _current(
        self,
        parts: dict[str, _Part[T]],
        name: str,
        load: Callable[[], T],
        change: Callable[[T, int], T],
    ) -> T:
        part = parts.get(name)
        if part is None or part.version < self.version:
            with unhurried(), self._reading:
                part = parts[name] = self._updated(parts.get(name), load, change)
        return part.value

    def _updated(
        self, part: _Part[T] | None, load: Callable[[], T], change: Callable[[T, int], T]
    ) -> _Part[T]:
        if part is None or part.version < self.rebuilt_in:
            return _Part(self.version, load())
        if part.version < self.version:
            return _Part(self.version, change(part.value, part.version))
        return part


class Catalogues:
    """The catalogues in use; each session gets the one of the data that it sees.

    Readers of an older snapshot share its catalogue for as long as one of them holds it.

    Args:
        unnamed: the token to use for a database that has none.
    """

    def __init__(self, unnamed: str = "") -> None:
        self._unnamed = unnamed
        self._current = Catalogue(version=-1)
        self._in_use: WeakValueDictionary[tuple[int, str], Catalogue] = WeakValueDictionary()
        self._replacing = Lock()

    def current(self, session: Session) -> Catalogue:
        version, rebuilt_in, token = next(iter(driver_rows(session, _CURRENT)), (0, 0, ""))
        token = token or self._unnamed
        with self._replacing:
            known = self._current
            if (version, token) == (known.version, known.token):
                return known
            if version > known.version:
                is_later = self.is_followed_by(session)
                latest = known.next(version, rebuilt_in, token) if is_later else None
                self._current = latest or Catalogue(version, rebuilt_in, token)
                self._in_use[version, token] = self._current
            found = self._in_use.get((version, token))
            if found is None:  # an older snapshot
                found = self._in_use[version, token] = Catalogue(version, rebuilt_in, token)
            return found

    def sizes(self) -> dict[str, int]:
        """Count the parts of each kind in the latest catalogue."""
        return self._current.sizes()

    def is_followed_by(self, session: Session) -> bool:
        """Tell whether the data that a session sees grew out of the data kept here, not in another file.

        Revision numbers of two databases can be equal, tokens cannot.
        """
        known = self._current
        if known.version < 0 or known.token == self._unnamed:
            return True
        recent = next(iter(driver_rows(session, _RECENT_TOKENS)), ("",))[0]
        return known.token in recent.split()


def _count_broader(session: Session) -> int:
    count: int = session.execute(select(func.count()).select_from(ConditionBroader)).scalar_one()
    return count


def _broader_in(session: Session) -> int:
    return session.execute(select(col(Revision.broader_in))).scalar_one_or_none() or 0


def _load_broader(session: Session) -> _Broader:
    above = aliased(Condition)
    found = (
        select(col(Condition.slug), col(above.slug))
        .join_from(ConditionBroader, Condition, col(ConditionBroader.condition_id) == col(Condition.id))
        .join(above, col(ConditionBroader.broader_id) == col(above.id))
    )
    pairs = list(driver_rows(session, found))
    broader: dict[str, list[str]] = {}
    narrower: dict[str, list[str]] = {}
    for lower, higher in pairs:
        broader.setdefault(lower, []).append(higher)
        narrower.setdefault(higher, []).append(lower)
    return _Broader(len(pairs), broader, narrower)
