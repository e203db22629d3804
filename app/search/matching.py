"""The trials of a condition: with narrower conditions, without them, or with narrower and broader ones."""

from pyroaring import BitMap
from sqlmodel import Session

from app.index.facets import EXACT_CONDITION
from app.runtime.cached import cached_property
from app.search.counts.catalogue import Catalogue
from app.search.counts.postings import Postings
from app.search.query import EXACT, RELATED


class ConditionMatching:
    """One way of matching conditions, on one snapshot of the data."""

    def __init__(self, session: Session, catalogue: Catalogue, match: str) -> None:
        self._session = session
        self._catalogue = catalogue
        self._match = match
        self._related: dict[str, BitMap] = {}

    @cached_property
    def postings(self) -> Postings:
        """Return the postings of all conditions that trials have; each includes trials of narrower conditions."""
        return self._catalogue.postings(self._session, "condition")

    def trials(self, slug: str) -> BitMap:
        """Return the trials that a filter by the condition lets through; none for an unknown condition."""
        if self._match == EXACT:
            return self._named(slug)
        if self._match == RELATED:
            return self._with_broader(slug)
        return self.strict_trials(slug)

    def _with_broader(self, slug: str) -> BitMap:
        """Return a condition's trials with those of broader conditions.

        The result is kept: a page asks for the trials of one condition several times.
        """
        if slug not in self._related:
            self._related[slug] = self.strict_trials(slug) | self._trials_of_broader(slug)
        return self._related[slug]

    def strict_trials(self, slug: str) -> BitMap:
        """Return a condition's trials without those that only a broader condition links, which come after these."""
        posting = self.postings.get(slug)
        return posting.trials if posting else BitMap()

    def label(self, slug: str) -> str:
        return self.postings[slug].label

    def broader(self, slug: str) -> list[str]:
        """Return the conditions above a condition that some trial names."""
        named = self._catalogue.postings(self._session, EXACT_CONDITION.name)
        return [higher for higher in self._catalogue.broader(self._session).get(slug, ()) if higher in named]

    def narrower(self, slug: str) -> list[str]:
        """Return the conditions below a condition that some trial has."""
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
