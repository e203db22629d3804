"""One search: a query resolved to known values, its trials, one page of them in order, every facet's counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import and_, or_

from pyroaring import BitMap
from sqlmodel import Session

from app.search import text
from app.search.catalogue import Catalogue, Posting
from app.search.conditions import slug_of, slugs_meant
from app.search.facets import FACETS, Facet
from app.search.query import TrialQuery
from app.search.sort import RELEVANCE
from app.vocabulary import NOT_STATED


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, with the number of trials that choosing it gives under the other filters."""

    value: str
    label: str
    count: int
    is_selected: bool


class Search:
    """A query at work on one snapshot of the data."""

    def __init__(self, session: Session, catalogue: Catalogue, query: TrialQuery) -> None:
        self._session = session
        self._catalogue = catalogue
        self.asked = query

    @cached_property
    def query(self) -> TrialQuery:
        """The query with every name replaced by the value that it stands for; unknown names stay as typed."""
        query = self.asked
        for facet in FACETS:
            if facet.is_open:
                values = [self._value_meant(facet, name) for name in query.values(facet.name)]
                query = query.with_values(facet.name, values)
        return query.with_page(self.asked.page)

    @cached_property
    def unknown(self) -> tuple[tuple[Facet, str], ...]:
        """Names in the query that no trial has."""
        return tuple(
            (facet, value)
            for facet in FACETS
            if facet.is_open
            for value in self.query.values(facet.name)
            if value not in self._postings(facet)
        )

    @cached_property
    def trials(self) -> BitMap:
        return self.trials_without(None)

    @property
    def total(self) -> int:
        return len(self.trials)

    def trials_without(self, facet: Facet | None) -> BitMap:
        """The result with one facet's own filter left out."""
        others = [trials for name, trials in self._filters.items() if facet is None or name != facet.name]
        if self.query.q:
            others.append(self.text_trials)
        return _intersection(others) if others else self.everything

    @cached_property
    def trials_without_words(self) -> BitMap:
        filters = list(self._filters.values())
        return _intersection(filters) if filters else self.everything

    def page_ids(self) -> list[int]:
        """The trials of the query's page, in its order; empty beyond the end."""
        offset = (self.query.page - 1) * self.query.per_page
        if self.query.effective_sort == RELEVANCE:
            ranked = [trial_id for trial_id in self._ranked if trial_id in self.trials]
            return ranked[offset : offset + self.query.per_page]
        ordering = self._catalogue.ordering(self._session, self.query.effective_sort)
        return ordering.page(self.trials, offset, self.query.per_page)

    def choices(self, facet: Facet) -> Iterator[Choice]:
        """Every value of a facet that would give trials, or that is selected, in no order worth showing."""
        base = self.trials_without(facet)
        selected = self.query.values(facet.name)
        for value, posting in self._postings(facet).items():
            is_selected = value in selected
            if posting.is_offered or is_selected:
                count = base.intersection_cardinality(posting.trials)
                if count or is_selected:
                    yield Choice(value, facet.label_of(value, posting.label), count, is_selected)

    def label(self, facet: Facet, value: str) -> str:
        posting = self._postings(facet).get(value)
        stored = posting.label if posting else ("" if value == NOT_STATED else value)
        return facet.label_of(value, stored)

    @cached_property
    def everything(self) -> BitMap:
        return self._catalogue.trials(self._session)

    def trials_of(self, facet: Facet) -> BitMap:
        """The trials that one facet's own filter lets through."""
        return self._filters[facet.name]

    @cached_property
    def text_trials(self) -> BitMap:
        return BitMap(self._ranked)

    @cached_property
    def _filters(self) -> dict[str, BitMap]:
        return {facet.name: self._filter(facet) for facet in FACETS if self.query.values(facet.name)}

    def _filter(self, facet: Facet) -> BitMap:
        postings = self._postings(facet)
        values = self.query.values(facet.name)
        return _union([postings[value].trials for value in values if value in postings])

    @cached_property
    def _ranked(self) -> list[int]:
        return text.search(self._session, self.query.q)

    def _postings(self, facet: Facet) -> dict[str, Posting]:
        return self._catalogue.postings(self._session, facet.name)

    def _value_meant(self, facet: Facet, name: str) -> str:
        postings = self._postings(facet)
        if name in postings:
            return name
        meant = slugs_meant(self._session, name) if facet.name == "condition" else [slug_of(name)]
        return next((slug for slug in meant if slug in postings), name)


def _intersection(bitmaps: list[BitMap]) -> BitMap:
    smallest_first = sorted(bitmaps, key=len)
    result = smallest_first[0]
    for bitmap in smallest_first[1:]:
        result = and_(result, bitmap)
    return result


def _union(bitmaps: list[BitMap]) -> BitMap:
    result = BitMap()
    for bitmap in bitmaps:
        result = or_(result, bitmap)
    return result
