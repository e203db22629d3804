"""The trials of a condition: those that have it or something narrower, it alone, or also something broader."""

from pyroaring import BitMap
from sqlmodel import Session

from app.index.facets import EXACT_CONDITION
from app.runtime.cached import cached_property
from app.search.counts.catalogue import Catalogue
from app.search.counts.postings import Postings
from app.search.query import EXACT, RELATED


class ConditionMatching:
    """One way to match conditions, on one snapshot of the data."""

    def __init__(self, session: Session, catalogue: Catalogue, match: str) -> None:
        self._session = session
        self._catalogue = catalogue
        self._match = match
        self._related: dict[str, BitMap] = {}

    @cached_property
    def postings(self) -> Postings:
        """All conditions that trials have, each with what is narrower."""
        return self._catalogue.postings(self._session, "condition")

    def trials(self, slug: str) -> BitMap:
        """Give what a filter by the condition lets through; unknown ones have none."""
        if self._match == EXACT:
            return self._named(slug)
        if self._match == RELATED:
            return self._with_broader(slug)
        return self.strict_trials(slug)

    def _with_broader(self, slug: str) -> BitMap:
        """Put the trials together once: a page asks for those of one condition several times."""
        if slug not in self._related:
            self._related[slug] = self.strict_trials(slug) | self._trials_of_broader(slug)
        return self._related[slug]

    def strict_trials(self, slug: str) -> BitMap:
        """Without those that only something broader links: they come after these."""
        posting = self.postings.get(slug)
        return posting.trials if posting else BitMap()

    def label(self, slug: str) -> str:
        return self.postings[slug].label

    def broader(self, slug: str) -> list[str]:
        """The conditions above it that some trial names."""
        named = self._catalogue.postings(self._session, EXACT_CONDITION.name)
        return [higher for higher in self._catalogue.broader(self._session).get(slug, ()) if higher in named]

    def narrower(self, slug: str) -> list[str]:
        """The conditions below it that some trial has."""
        return [
            lower for lower in self._catalogue.narrower(self._session).get(slug, ()) if lower in self.postings
        ]

    def _named(self, slug: str) -> BitMap:
        posting = self._catalogue.postings(self._session, EXACT_CONDITION.name).get(slug)
        return posting.trials if posting else BitMap()

    def _trials_of_broader(self, slug: str) -> BitMap:
        trials = BitMap()
        for broader in self.broader(slug):
            trials |= self._named(broader)
        return trials
