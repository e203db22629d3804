"""The limits of one request, all in one place, and the refusal of a request that exceeds one.

The limits are far above what people need: a systematic review's search has some thirty words and a few prefixes.
`docs/operations/limits.md` lists them for administrators.
"""

# Limits of the address, checked before anything in it is read.
LONGEST_PATH = 1_000
"""Characters. All addresses of this site are much shorter, even with the longest name of a condition."""
LONGEST_QUERY_STRING = 8_000
"""Bytes as sent; a letter outside ASCII takes six to twelve."""
MOST_PARAMETERS = 200

# Limits of the words.
LONGEST_TEXT = 3_000
"""Characters in `q`."""
MOST_WORDS = 64
"""Words in `q`. Further words are not searched for, and the list says so; the request is not refused."""
MOST_PREFIXES = 16
"""Prefix queries (words that end in `*`). FTS5 expands each to all words of the index with that beginning. A phrase
that ends in `*` counts twice.
"""
MOST_NAMES = 400
"""Other names of the diseases and drugs in `q`, which are searched for too. Ten diseases with all their names fit. With
more diseases, each is searched for by fewer names, the simplest first.
"""
DEEPEST_PARENTHESES = 8
"""Levels that FTS5's own parser takes without overflowing its stack; deeper text is searched as plain words."""
SHORTEST_PREFIX = 3
"""Letters before a `*`; expanding a shorter prefix takes as long as reading the whole index."""

# Limits of the filters.
MOST_VALUES = 30
"""Values of one filter."""
MOST_VALUES_IN_ALL = 60
"""Values of all filters together. Each value has a link on the page that repeats the whole search."""
LONGEST_VALUE = 300
"""Characters of one value; anything longer is not a name."""

# Limits of the page.
LONGEST_SEARCH = 4_000
"""Bytes of the search's own address, which every link on its page repeats."""
LARGEST_PAGE = 100
"""Trials per page."""
LONGEST_PAGE_NUMBER = 9
"""Digits of a page number."""

# Limits of a worker process for heavy searches, which `app/search/cost.py` defines.
HEAVY_AT_ONCE = 2
MOST_HEAVY_WAITING = 40
LONGEST_WAIT_FOR_TURN = 15.0
"""Seconds."""


class OverBudgetError(Exception):
    """A request exceeds a limit."""

    def __init__(self, limit: str, asked: int, most: int, advice: str) -> None:
        """Refuse `asked` items of a `limit` such as "parameters"; `most` are allowed, and `advice` tells what to do."""
        super().__init__(f"The request has {asked:,} {limit}; at most {most:,} are allowed.")
        self.limit = limit
        self.asked = asked
        self.most = most
        self.advice = advice


def check_query_string(query_string: bytes) -> None:
    """Refuse a query string, before it is read, if reading alone would cost much.

    Raises:
        OverBudgetError: the query string is too long or has too many parameters.
    """
    if len(query_string) > LONGEST_QUERY_STRING:
        advice = "Use fewer words or fewer filters."
        raise OverBudgetError(
            "bytes after the question mark", len(query_string), LONGEST_QUERY_STRING, advice
        )
    parameters = query_string.count(b"&") + 1
    if parameters > MOST_PARAMETERS:
        raise OverBudgetError("parameters", parameters, MOST_PARAMETERS, "Use fewer filters.")
