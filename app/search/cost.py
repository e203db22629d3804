"""The likely cost of a search, estimated from the query before anything is looked up."""

from app.search.budget import LARGEST_PAGE
from app.search.query import RELATED, TrialQuery
from app.search.words.syntax import count_phrases, count_prefixes, parse

HEAVY = 20
"""Points: about 0.1 s of processor time at 20,000 trials. A search that costs this much waits for its turn."""

_OF_A_PREFIX = 4
_OF_A_WIDE_CONDITION = 2


def is_heavy(query: TrialQuery) -> bool:
    return points(query) >= HEAVY


def points(query: TrialQuery) -> int:
    """Estimate the cost of a search in points.

    A word, phrase or condition costs one point, or more if it takes longer. A page of more than 50 trials doubles
    the cost.
    """
    expression = parse(query.q).expression if query.q else None
    words = count_phrases(expression) + _OF_A_PREFIX * count_prefixes(query.q) if expression else 0
    of_a_condition = _OF_A_WIDE_CONDITION if query.condition_match == RELATED else 1
    is_long = query.per_page > LARGEST_PAGE // 2
    return (words + of_a_condition * len(query.conditions)) * (2 if is_long else 1)
