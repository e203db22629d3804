"""How many trials of a result have each value of a facet, for the values of which there are most."""

from collections import Counter
from heapq import heapreplace
from itertools import islice

from pyroaring import BitMap
from sqlmodel import Session

from app.search.facets import Facet
from app.search.postings import Postings
from app.sql import driver_rows, listed

FEW = 400
"""Trials, of which looking up the values is quicker than going through the postings."""

Counts = list[tuple[str, int]]
"""(value, trials)"""


def foremost_counts(
    session: Session, facet: Facet, postings: Postings, result: BitMap, everything: BitMap, most: int
) -> Counts:
    """Of the values that are offered, at least the `most` with the most trials, those that tie with them too."""
    if result is everything:
        return _of_everything(postings, most)
    if len(result) <= FEW:
        return _looked_up(session, facet, postings, result)
    return _intersected(postings, result, most)


def _of_everything(postings: Postings, most: int) -> Counts:
    offered = ((value, posting.count) for value, posting in postings.items() if posting.is_offered)
    counts = list(islice(offered, most))
    return counts + [(value, count) for value, count in offered if count == counts[-1][1]]


def _looked_up(session: Session, facet: Facet, postings: Postings, result: BitMap) -> Counts:
    pairs = facet.pairs.where(facet.trial_id.in_(listed(list(result))))
    trials = {(value, trial_id) for value, _, _, trial_id in driver_rows(session, pairs)}
    counts = Counter(value for value, _ in trials)
    return [(value, count) for value, count in counts.items() if postings[value].is_offered]


def _intersected(postings: Postings, result: BitMap, most: int) -> Counts:
    """Postings come by their size, and no value has more of the trials than its posting: what is left when that falls
    below the last of the best is not looked at.
    """
    counts: Counts = []
    best = [0] * most
    for value, posting in postings.items():
        if posting.count < best[0]:
            break
        if posting.is_offered and (count := result.intersection_cardinality(posting.trials)):
            counts.append((value, count))
            if count > best[0]:
                heapreplace(best, count)
    return [(value, count) for value, count in counts if count >= best[0]]
