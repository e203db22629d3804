"""Smaller versions of a search: the nearest one that the limits allow, and those that are likely to be quicker."""

from collections.abc import Iterator
from dataclasses import replace

from app.index.facets import FACETS
from app.search.budget import (
    LONGEST_SEARCH,
    LONGEST_TEXT,
    MOST_PREFIXES,
    MOST_VALUES_IN_ALL,
    MOST_WORDS,
    OverBudgetError,
)
from app.search.cost import points
from app.search.counts.sort import DEFAULT_SORT, RELEVANCE
from app.search.query import PER_PAGE, RELATED, TrialQuery
from app.search.words.syntax import count_prefixes

_FEW_WORDS = 5


def check_search(query: TrialQuery) -> None:
    """Refuse a search that asks for too much.

    Raises:
        OverBudgetError: naming the first limit that is exceeded.
    """
    if excess := first_excess(query):
        raise excess


def first_excess(query: TrialQuery) -> OverBudgetError | None:
    """Return the refusal for the first limit that a search exceeds; None if it keeps to all limits."""
    if len(query.q) > LONGEST_TEXT:
        advice = f"Use fewer words: at most {MOST_WORDS} are searched for."
        return OverBudgetError("characters in the search words", len(query.q), LONGEST_TEXT, advice)
    if (prefixes := count_prefixes(query.q)) > MOST_PREFIXES:
        advice = (
            "Write some of these words in full, without the asterisk: other word endings are found anyway."
        )
        return OverBudgetError("words that end in *", prefixes, MOST_PREFIXES, advice)
    if (values := _count_values(query)) > MOST_VALUES_IN_ALL:
        advice = "Choose a broader condition instead of many narrow ones, or leave a filter out."
        return OverBudgetError("choices in all filters together", values, MOST_VALUES_IN_ALL, advice)
    if (length := len(query.url())) > LONGEST_SEARCH:
        advice = "Use fewer words or fewer filters."
        return OverBudgetError("bytes of the search's address", length, LONGEST_SEARCH, advice)
    return None


def within_budget(query: TrialQuery) -> TrialQuery:
    """Cut a search down to the limits: keep its first words and the first choices of its filters."""
    query = query.with_q(_first_words(query.q, MOST_WORDS))
    if count_prefixes(query.q) > MOST_PREFIXES:
        query = query.with_q(_with_fewer_prefixes(query.q, MOST_PREFIXES // 2))
    query = _with_first_values(query, MOST_VALUES_IN_ALL)
    while len(query.url()) > LONGEST_SEARCH:
        values = _count_values(query)
        if values:
            query = _with_first_values(query, values // 2)
        else:
            query = query.with_q(_first_words(query.q, len(query.q.split()) // 2))
    return query


def narrower(query: TrialQuery) -> Iterator[tuple[str, TrialQuery]]:
    """Yield searches that are allowed and take no more time, each with a label for what is different.

    Text cut out of quotation marks or operators can mean more words than before, and naming a sort order makes the
    address longer. Searches that thereby cost more or exceed a limit are left out.
    """
    own = points(query)
    return (
        (label, search)
        for label, search in _simpler(query)
        if points(search) <= own and first_excess(search) is None
    )


def _simpler(query: TrialQuery) -> Iterator[tuple[str, TrialQuery]]:
    if query.condition_match == RELATED:
        yield "Without broader conditions", replace(query, condition_match="narrower", page=1)
    if count_prefixes(query.q):
        yield "With whole words, without *", query.with_q(query.q.replace("*", ""))
    words = query.q.split()
    if len(words) > _FEW_WORDS:
        few = _first_words(query.q, _FEW_WORDS)
        yield f"Only the words “{few}”", query.with_q(few)
    if _count_values(query) > 1:
        yield "With only the first filter choice", _with_first_values(query, 1)
    if query.effective_sort == RELEVANCE:
        yield "Most recently updated first", query.with_sort(DEFAULT_SORT)
    if query.per_page > PER_PAGE:
        yield f"With {PER_PAGE} trials per page", replace(query, per_page=PER_PAGE, page=1)
    if words and _count_values(query):
        yield "Without the words", query.with_q("")


def _count_values(query: TrialQuery) -> int:
    return sum(len(values) for _, values in query.filters) + len(query.condition_all)


def _first_words(q: str, most: int) -> str:
    """Return up to `most` words from the beginning, within LONGEST_TEXT; only a single word may be cut."""
    words = q[: LONGEST_TEXT + 1].split()
    if len(q) > LONGEST_TEXT and len(words) > 1:
        words = words[:-1]
    return " ".join(words[:most])[:LONGEST_TEXT]


def _with_fewer_prefixes(q: str, most: int) -> str:
    parts = q.split("*")
    return "*".join(parts[: most + 1]) + "".join(parts[most + 1 :])


def _with_first_values(query: TrialQuery, most: int) -> TrialQuery:
    """Return the search with only the first `most` values of its filters, in the order of the filters."""
    left = most
    for facet in FACETS:
        values = query.values(facet.name)
        if len(values) > left:
            query = query.with_values(facet.name, values[:left])
        left -= min(left, len(values))
    return query.with_condition_all(query.condition_all[:left])
