"""Everything that one request may ask for at most, in one place, and the refusal of a request that asks for more.

The limits are far above what people ask for: a systematic review's search has some thirty words and a few prefixes.
`docs/operations/limits.md` lists them for administrators.
"""

# Of the address, looked at before anything in it is read.
LONGEST_PATH = 1_000
"""Characters; no address of ours comes near, even one made of the longest name of a condition."""
LONGEST_QUERY_STRING = 8_000
"""Bytes as sent, where a letter outside ASCII takes six to twelve."""
MOST_PARAMETERS = 200

# Of the words.
LONGEST_TEXT = 3_000
"""Characters of `q`."""
MOST_WORDS = 64
"""Words of `q`. The rest of a longer text is not searched for, and the list says so; nothing is refused."""
MOST_PREFIXES = 16
"""Words that end in `*`: each is put together from all the words of the index that begin so. A phrase that ends so
counts twice.
"""
MOST_NAMES = 400
"""Other names of the diseases and drugs in `q`, which are searched for too. Ten diseases with all their names fit;
with more, each is searched for by fewer of them, the simplest first.
"""
DEEPEST_PARENTHESES = 8
"""What FTS5's own parser takes without overflowing its stack; a deeper text is taken as plain words."""
SHORTEST_PREFIX = 3
"""Letters before a `*`; to put together what starts with fewer takes as long as reading the index."""

# Of the filters.
MOST_VALUES = 30
"""Of one filter."""
MOST_VALUES_IN_ALL = 60
"""Of all filters together: each has a link on the page that repeats the whole search."""
LONGEST_VALUE = 300
"""Characters; what is longer is no name."""

# Of the page.
LONGEST_SEARCH = 4_000
"""Bytes of the search's own address, which every link on its page repeats."""
LARGEST_PAGE = 100
"""Trials."""
LONGEST_PAGE_NUMBER = 9
"""Digits."""

# Of a worker process, for heavy searches (`app/search/cost.py` says which they are).
HEAVY_AT_ONCE = 2
MOST_HEAVY_WAITING = 40
LONGEST_WAIT_FOR_TURN = 15.0
"""Seconds."""


class OverBudgetError(Exception):
    """A request asks for more than one request may."""

    def __init__(self, limit: str, asked: int, most: int, advice: str) -> None:
        """Refuse `asked` of a `limit`, as in "prefixes", of which there may be `most`; `advice` says what to do."""
        super().__init__(f"Too much of one limit: {limit}, {asked:,} where at most {most:,} are taken.")
        self.limit = limit
        self.asked = asked
        self.most = most
        self.advice = advice


def check_query_string(query_string: bytes) -> None:
    """Refuse what follows the question mark before it is read, if reading alone would cost much.

    Raises:
        OverBudgetError: it is too long, or has too many parameters.
    """
    if len(query_string) > LONGEST_QUERY_STRING:
        advice = "Use fewer words or fewer filters."
        raise OverBudgetError(
            "bytes after the question mark", len(query_string), LONGEST_QUERY_STRING, advice
        )
    parameters = query_string.count(b"&") + 1
    if parameters > MOST_PARAMETERS:
        raise OverBudgetError("parameters", parameters, MOST_PARAMETERS, "Use fewer filters.")
