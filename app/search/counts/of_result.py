"""How many trials of a result have each value of a facet, for the values of which there are most."""

from collections.abc import Iterable
from heapq import heapreplace

from pyroaring import BitMap
from sqlmodel import Session

from app.index.facets import Facet
from app.search.counts.catalogue import Catalogue, Scope
from app.search.counts.postings import Postings

_MOST_LISTED = 32_000
"""Trials whose values are quicker listed than the postings are gone through."""
_MANY_VALUES = 1_000
"""Fewer are always gone through quicker."""

Counts = list[tuple[str, int]]
"""(value, trials)"""


def foremost_counts(
    session: Session, catalogue: Catalogue, facet: Facet, offers: Postings, result: BitMap, most: int
) -> Counts:
    """Of the values that are offered, at least the `most` with the most trials, those that tie with them too.

    `offers` says which values are offered: for conditions matched exactly, other postings than those that count.
    """
    postings = catalogue.postings(session, facet.name)
    if result is catalogue.trials(session):
        return _foremost(((value, posting.count) for value, posting in postings.items()), offers, most)
    is_kept_by_trial = catalogue.scope is Scope.LISTED and has_many_values(postings)
    if len(result) <= _MOST_LISTED and is_kept_by_trial:
        return _foremost(catalogue.values_by_trial(session, facet.name).counts(result), offers, most)
    return _intersected(postings, offers, result, most)


def has_many_values(postings: Postings) -> bool:
    """It is worth keeping them by trial too."""
    return len(postings) >= _MANY_VALUES


def _foremost(largest_first: Iterable[tuple[str, int]], offers: Postings, most: int) -> Counts:
    counts: Counts = []
    for value, count in largest_first:
        if len(counts) >= most and count < counts[-1][1]:
            break
        if _is_offered(value, offers):
            counts.append((value, count))
    return counts


def _is_offered(value: str, offers: Postings) -> bool:
    """Whether it is a choice. A trial of broader conditions alone states no exact one, which no choice stands for."""
    return value in offers and offers[value].is_offered


def _intersected(postings: Postings, offers: Postings, result: BitMap, most: int) -> Counts:
    """Postings come by their size, and no value has more of the trials than its posting: what is left when that falls
    below the last of the best is not looked at.
    """
    counts: Counts = []
    best = [0] * most
    for value, posting in postings.items():
        if posting.count < best[0]:
            break
        if _is_offered(value, offers) and (count := result.intersection_cardinality(posting.trials)):
            counts.append((value, count))
            if count > best[0]:
                heapreplace(best, count)
    return [(value, count) for value, count in counts if count >= best[0]]
