"""The number of trials of a result with each value of a facet, for the most frequent values."""

from collections.abc import Iterable
from heapq import heapreplace

from pyroaring import BitMap
from sqlmodel import Session

from app.index.facets import Facet
from app.search.counts.catalogue import Catalogue, Scope
from app.search.counts.postings import Postings

_MOST_LISTED = 32_000
"""Trials of a result. Up to this number, it is quicker to list their values than to go through the postings."""
_MANY_VALUES = 1_000
"""Values of a facet. With fewer, it is always quicker to go through the postings."""

Counts = list[tuple[str, int]]
"""(value, number of trials) pairs."""


def foremost_counts(
    session: Session, catalogue: Catalogue, facet: Facet, offers: Postings, result: BitMap, most: int
) -> Counts:
    """Count the trials of a result for at least the `most` most frequent values that are offered.

    Values with the same count as the last one are included. `offers` tells which values are offered: for conditions
    matched exactly, these are other postings than those that are counted.
    """
    postings = catalogue.postings(session, facet.name)
    if result is catalogue.trials(session):
        return _foremost(((value, posting.count) for value, posting in postings.items()), offers, most)
    is_kept_by_trial = catalogue.scope is Scope.LISTED and has_many_values(postings)
    if len(result) <= _MOST_LISTED and is_kept_by_trial:
        return _foremost(catalogue.values_by_trial(session, facet.name).counts(result), offers, most)
    return _intersected(postings, offers, result, most)


def has_many_values(postings: Postings) -> bool:
    """Tell whether a facet has so many values that it is worth keeping them by trial too."""
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
    """Tell whether a value is offered as a choice.

    A trial with only broader conditions counts as "Not stated" among the exact ones, for which there may be no choice.
    """
    return value in offers and offers[value].is_offered


def _intersected(postings: Postings, offers: Postings, result: BitMap, most: int) -> Counts:
    """Count the trials by intersecting the result with postings, the largest first.

    No value has more trials of the result than its posting has, so the loop ends at the first posting that is smaller
    than the last of the `most` best counts.
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
