"""How many trials of a result have each value of a facet, for the values of which there are most."""

from collections import Counter
from heapq import heapreplace

from pyroaring import BitMap
from sqlmodel import Session

from app.search.catalogue import Catalogue
from app.search.facets import Facet
from app.search.postings import Postings
from app.sql import driver_rows, listed

FEW = 3_000
"""Values of trials, which are looked up quicker than the postings are gone through."""

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
        return _of_everything(postings, offers, most)
    if postings is offers and (column := catalogue.column(session, facet.name)):
        return column.counts(result, most)
    if len(result) * facet.values_of_trial <= min(FEW, len(postings)):
        return _looked_up(session, facet, offers, result)
    return _intersected(postings, offers, result, most)


def _of_everything(postings: Postings, offers: Postings, most: int) -> Counts:
    counts: Counts = []
    for value, posting in postings.items():
        if len(counts) >= most and posting.count < counts[-1][1]:
            break
        if offers[value].is_offered:
            counts.append((value, posting.count))
    return counts


def _looked_up(session: Session, facet: Facet, offers: Postings, result: BitMap) -> Counts:
    pairs = facet.pairs.where(facet.trial_id.in_(listed(list(result))))
    trials = {(value, trial_id) for value, _, _, trial_id in driver_rows(session, pairs)}
    counts = Counter(value for value, _ in trials)
    return [(value, count) for value, count in counts.items() if offers[value].is_offered]


def _intersected(postings: Postings, offers: Postings, result: BitMap, most: int) -> Counts:
    """Postings come by their size, and no value has more of the trials than its posting: what is left when that falls
    below the last of the best is not looked at.
    """
    counts: Counts = []
    best = [0] * most
    for value, posting in postings.items():
        if posting.count < best[0]:
            break
        count = result.intersection_cardinality(posting.trials)
        if count and offers[value].is_offered:
            counts.append((value, count))
            if count > best[0]:
                heapreplace(best, count)
    return [(value, count) for value, count in counts if count >= best[0]]
