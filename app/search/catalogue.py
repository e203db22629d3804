"""The facet postings and orders of one data version, read when first asked for and kept in memory."""

from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.models import Condition, ConditionBroader, DataVersion, FacetPosting
from app.search.freshness import Freshness, read_freshness
from app.search.sort import Ordering, load_ordering, sort_named

TRIALS = "trial"
"""The posting facet of all trials."""
ALL, SYNTHETIC = "all", "synthetic"
"""Its values: every trial, and those that are made up."""

_LEAST_NAMED = 4
"""At least one in so many trials must name a value itself for it to be offered."""


@dataclass(frozen=True, slots=True)
class Posting:
    label: str
    named_count: int
    trials: BitMap

    @property
    def is_offered(self) -> bool:
        """A value that trials have mostly through narrower ones is found by name, not offered as a choice."""
        return self.named_count * _LEAST_NAMED >= len(self.trials)


@dataclass
class Catalogue:
    """A session passed in must see the data version that the catalogue is of."""

    version: int
    _postings: dict[str, dict[str, Posting]] = field(default_factory=dict)
    _orderings: dict[str, Ordering] = field(default_factory=dict)
    _broader: dict[str, list[str]] | None = None
    _narrower: dict[str, list[str]] | None = None
    _freshness: Freshness | None = None

    def postings(self, session: Session, facet: str) -> dict[str, Posting]:
        if facet not in self._postings:
            self._postings[facet] = _load_postings(session, facet)
        return self._postings[facet]

    def trials(self, session: Session) -> BitMap:
        posting = self.postings(session, TRIALS).get(ALL)
        return posting.trials if posting else BitMap()

    def ordering(self, session: Session, sort_name: str) -> Ordering:
        if sort_name not in self._orderings:
            sort = sort_named(sort_name)
            assert sort is not None, sort_name  # noqa: S101  TrialQuery lets no other name through
            self._orderings[sort_name] = load_ordering(session, sort)
        return self._orderings[sort_name]

    def broader(self, session: Session) -> dict[str, list[str]]:
        """The slugs of all conditions above each."""
        if self._broader is None:
            self._broader = _load_broader(session)
        return self._broader

    def narrower(self, session: Session) -> dict[str, list[str]]:
        """The slugs of all conditions below each."""
        if self._narrower is None:
            narrower: dict[str, list[str]] = {}
            for slug, above in self.broader(session).items():
                for broader in above:
                    narrower.setdefault(broader, []).append(slug)
            self._narrower = narrower
        return self._narrower

    def freshness(self, session: Session) -> Freshness:
        if self._freshness is None:
            self._freshness = read_freshness(session)
        return self._freshness


class Catalogues:
    """Hands out the catalogue of the data version that a session sees."""

    def __init__(self) -> None:
        self._current = Catalogue(version=-1)

    def current(self, session: Session) -> Catalogue:
        version = data_version(session)
        catalogue = self._current
        if catalogue.version != version:
            catalogue = Catalogue(version)
            if version > self._current.version:
                self._current = catalogue
        return catalogue


def data_version(session: Session) -> int:
    return session.execute(select(col(DataVersion.version))).scalar_one_or_none() or 0


def _load_broader(session: Session) -> dict[str, list[str]]:
    above = aliased(Condition)
    rows = session.execute(
        select(col(Condition.slug), col(above.slug))
        .join_from(ConditionBroader, Condition, col(ConditionBroader.condition_id) == col(Condition.id))
        .join(above, col(ConditionBroader.broader_id) == col(above.id))
    )
    broader: dict[str, list[str]] = {}
    for slug, higher in rows:
        broader.setdefault(slug, []).append(higher)
    return broader


def _load_postings(session: Session, facet: str) -> dict[str, Posting]:
    rows = session.execute(
        select(
            col(FacetPosting.value),
            col(FacetPosting.label),
            col(FacetPosting.named_count),
            col(FacetPosting.bitmap),
        )
        .where(col(FacetPosting.facet) == facet, col(FacetPosting.count) > 0)
        .order_by(col(FacetPosting.count).desc(), col(FacetPosting.value))
    )
    return {
        value: Posting(label, named_count, BitMap.deserialize(bitmap))
        for value, label, named_count, bitmap in rows
    }
