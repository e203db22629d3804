"""One search: the query with its names resolved, its trials, one page of them in order, and the counts of facets."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from operator import and_, or_

from pyroaring import BitMap
from sqlmodel import Session

from app.conditions.meaning import ConditionMeaning, meanings
from app.database.deadline import check_deadline
from app.index.facets import EXACT_CONDITION, FACETS, Facet
from app.record.code_lists import NOT_STATED
from app.runtime.cached import cached_property
from app.search.counts.catalogue import Catalogue, Scope
from app.search.counts.of_result import foremost_counts
from app.search.counts.postings import Posting, Postings
from app.search.counts.sort import DEFAULT_SORT, RELEVANCE, sort_named
from app.search.matching import ConditionMatching
from app.search.query import NARROWER, RELATED, TrialQuery
from app.search.words import text
from app.text.slugs import slug_of

_CONDITION = next(facet for facet in FACETS if facet.name == "condition")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, with the number of trials that choosing it gives under the other filters."""

    value: str
    label: str
    count: int
    is_selected: bool


class Search:
    """A query on one snapshot of the data."""

    def __init__(
        self, session: Session, catalogue: Catalogue, query: TrialQuery, scope: Scope | None = None
    ) -> None:
        self._session = session
        self._catalogue = catalogue.of(scope or (Scope.ALL if query.with_unlisted else Scope.LISTED))
        self.asked = query

    def alike(self, query: TrialQuery) -> "Search":
        """Return the search for another query on the same snapshot."""
        return Search(self._session, self._catalogue, query)

    @cached_property
    def unlisted_total(self) -> int:
        """Count the trials that the query would also find if the registry still listed them."""
        if not self._catalogue.has_unlisted(self._session):
            return 0
        return Search(self._session, self._catalogue, self.query, Scope.UNLISTED).total

    @cached_property
    def query(self) -> TrialQuery:
        """Return the query with every name replaced by the value that it stands for; unknown names stay as typed."""
        query = self.asked.with_condition_all(map(self._condition_meant, self.asked.condition_all))
        for facet in FACETS:
            if facet.is_open:
                values = [self._value_meant(facet, name) for name in query.values(facet.name)]
                query = query.with_values(facet.name, values)
        return query.with_page(self.asked.page)

    @cached_property
    def meanings(self) -> dict[str, ConditionMeaning]:
        """Return the meanings of the condition names in the query, by the name as typed."""
        names = [name for name in self.asked.conditions if name != NOT_STATED]
        return meanings(self._session, names, self.conditions.postings) if names else {}

    @cached_property
    def _known_labels(self) -> dict[str, str]:
        """Return the vocabulary's labels of the conditions in the query, by slug, whether or not a trial has them."""
        return {meaning.slug: meaning.label for meaning in self.meanings.values()}

    @cached_property
    def conditions(self) -> ConditionMatching:
        return ConditionMatching(self._session, self._catalogue, self.asked.condition_match)

    @cached_property
    def text_meaning(self) -> text.TextMeaning:
        """Return the meaning of the words of the query."""
        return text.meaning_of(self._session, self.query.q)

    @cached_property
    def unknown(self) -> tuple[tuple[Facet, str], ...]:
        """Return the filter values in the query that no trial has."""
        named = [
            (facet, value) for facet in FACETS if facet.is_open for value in self.query.values(facet.name)
        ]
        named += [(_CONDITION, value) for value in self.query.condition_all]
        return tuple((facet, value) for facet, value in named if value not in self._postings(facet))

    @cached_property
    def trials(self) -> BitMap:
        return self.trials_without(None)

    @property
    def total(self) -> int:
        return len(self.trials)

    def trials_without(self, facet: Facet | None) -> BitMap:
        """Return the result as it is without one facet's own filter."""
        others = [trials for name, trials in self._filters.items() if facet is None or name != facet.name]
        others += self._together
        if self.query.q:
            others.append(self.text_trials)
        return _intersection(others) if others else self.everything

    @cached_property
    def trials_without_words(self) -> BitMap:
        filters = [*self._filters.values(), *self._together]
        return _intersection(filters) if filters else self.everything

    def trials_without_condition(self, slug: str) -> BitMap:
        """Return the result as it is without one of the conditions that a trial must have together."""
        others = [self.conditions.trials(other) for other in self.query.condition_all if other != slug]
        words = [self.text_trials] if self.query.q else []
        return _intersection([*self._filters.values(), *others, *words, self.everything])

    @cached_property
    def _together(self) -> list[BitMap]:
        """Return the trials of each condition that a trial must have together with the others."""
        return [self.conditions.trials(slug) for slug in self.query.condition_all]

    def page_ids(self) -> list[int]:
        """Return the ids of the trials on the query's page, in order; empty beyond the last page."""
        start = (self.query.page - 1) * self.query.per_page
        end = start + self.query.per_page
        ids: list[int] = []
        for tier in self._tiers:
            ids += self._in_order(tier, max(0, start), max(0, end))
            start, end = start - len(tier), end - len(tier)
        return ids

    @property
    def _tiers(self) -> tuple[BitMap, ...]:
        """The result in the order of its tiers: trials that only a broader condition links come below the rest."""
        if self.query.condition_match != RELATED:
            return (self.trials,)
        alternatives = [self.conditions.strict_trials(slug) for slug in self.query.values("condition")]
        together = [self.conditions.strict_trials(slug) for slug in self.query.condition_all]
        strict = _intersection([*([_union(alternatives)] if alternatives else []), *together, self.trials])
        return strict, self.trials - strict

    def _in_order(self, trials: BitMap, start: int, end: int) -> list[int]:
        if end <= start:
            return []
        if self.query.effective_sort != RELEVANCE:
            return self._sorted(self.query.effective_sort, trials, start, end - start)
        ranked = [trial_id for trial_id in self._ranked if trial_id in trials]
        if self.text_extent is text.Extent.ALL:
            return ranked[start:end]
        rest = trials - BitMap(ranked)
        first = ranked[start:end]
        behind = max(0, start - len(ranked))
        return first + self._sorted(DEFAULT_SORT, rest, behind, end - start - len(first))

    def _sorted(self, sort_name: str, trials: BitMap, offset: int, limit: int) -> list[int]:
        sort = sort_named(sort_name)
        assert sort is not None, sort_name  # noqa: S101  TrialQuery accepts no other name
        orders = self._catalogue.orders(self._session, sort)
        return orders.page(trials, offset, limit, is_descending=sort.is_descending)

    def foremost(self, facet: Facet, most: int) -> list[Choice]:
        """Return the choices with the most trials, at least `most` if there are as many.

        Selected values and "Not stated" are always among them.
        """
        if facet is _CONDITION and self.query.condition_match == RELATED:
            return list(self.choices(facet))  # a posting does not have the trials of broader conditions
        base, postings = self.trials_without(facet), self._postings(facet)
        always = {*self.query.values(facet.name), NOT_STATED}
        chosen = [self._choice(facet, value, postings[value], base) for value in always if value in postings]
        counted = EXACT_CONDITION if self._is_matched_otherwise(facet) else facet
        counts = foremost_counts(
            self._session, self._catalogue, counted, postings, base, most + 1 + len(always)
        )
        others = [
            Choice(value, facet.label_of(value, postings[value].label), count, is_selected=False)
            for value, count in counts
            if value not in always
        ]
        return [*(choice for choice in chosen if choice), *others]

    def _is_matched_otherwise(self, facet: Facet) -> bool:
        """Tell whether a filter by the facet lets through other trials than the posting of its value has."""
        return facet is _CONDITION and self.query.condition_match != NARROWER

    def choices(self, facet: Facet) -> Iterator[Choice]:
        """Yield every value of a facet that would give trials or is selected, in no particular order."""
        base = self.trials_without(facet)
        for value, posting in self._postings(facet).items():
            check_deadline()
            if choice := self._choice(facet, value, posting, base):
                yield choice

    def _choice(self, facet: Facet, value: str, posting: Posting, base: BitMap) -> Choice | None:
        is_selected = value in self.query.values(facet.name)
        if not posting.is_offered and not is_selected:
            return None
        if base is self.everything and not self._is_matched_otherwise(facet):
            count = posting.count
        else:
            count = base.intersection_cardinality(self._trials_of_value(facet, value))
        if not count and not is_selected:
            return None
        return Choice(value, facet.label_of(value, posting.label), count, is_selected)

    def label(self, facet: Facet, value: str) -> str:
        posting = self._postings(facet).get(value)
        meant = self._known_labels.get(value, value) if facet is _CONDITION else value
        stored = posting.label if posting else ("" if value == NOT_STATED else meant)
        return facet.label_of(value, stored)

    def condition_label(self, slug: str) -> str:
        return self.label(_CONDITION, slug)

    @cached_property
    def everything(self) -> BitMap:
        return self._catalogue.trials(self._session)

    def trials_of(self, facet: Facet) -> BitMap:
        """Return the trials that one facet's own filter lets through."""
        return self._filters[facet.name]

    @cached_property
    def text_trials(self) -> BitMap:
        return self._found.trials & self.everything

    @property
    def text_extent(self) -> text.Extent:
        """The part of the found trials that is ranked by the words; the others follow, last updated first."""
        return self._found.extent

    @cached_property
    def _found(self) -> text.FoundTrials:
        meaning, everything = self.text_meaning, self._catalogue.size(self._session)
        return self._catalogue.remembered(
            ("found", meaning.match, meaning.identity),
            lambda: text.found(self._session, meaning, everything),
        )

    @cached_property
    def _filters(self) -> dict[str, BitMap]:
        return {facet.name: self._filter(facet) for facet in FACETS if self.query.values(facet.name)}

    def _filter(self, facet: Facet) -> BitMap:
        return _union([self._trials_of_value(facet, value) for value in self.query.values(facet.name)])

    def _trials_of_value(self, facet: Facet, value: str) -> BitMap:
        if facet is _CONDITION:
            return self.conditions.trials(value)
        posting = self._postings(facet).get(value)
        return posting.trials if posting else BitMap()

    @cached_property
    def _ranked(self) -> "array[int]":
        meaning, found = self.text_meaning, self._found
        return self._catalogue.remembered(
            ("ranked", meaning.match, meaning.identity),
            lambda: array("I", text.ranked(self._session, meaning, found)),
        )

    def _postings(self, facet: Facet) -> Postings:
        return self._catalogue.postings(self._session, facet.name)

    def _value_meant(self, facet: Facet, name: str) -> str:
        if facet is _CONDITION:
            return self._condition_meant(name)
        postings = self._postings(facet)
        return name if name in postings or slug_of(name) not in postings else slug_of(name)

    def _condition_meant(self, name: str) -> str:
        meaning = self.meanings.get(name)
        return meaning.slug if meaning else name


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
