"""What a record's words may turn out to name: short tokens, by which the trials are found that another name
or abbreviation of the vocabulary concerns. They follow from the record alone, so that they stay when the
vocabulary changes.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from app.conditions.names.abbreviations import Explanation, abbreviations_in
from app.conditions.names.phrases import tokens_in

_LONGEST_ABBREVIATION = 12
"""Letters; what is longer is never looked up as an abbreviation as a whole."""
_BYTES = 5
"""Of a token: two words that share one make no more than a trial too many to be looked at."""


def traces_of(phrases: Iterable[str], explanations: Iterable[Explanation]) -> str:
    """Return the traces of a record's conditions and keywords, and of what it explains, to be indexed."""
    traces = {trace for phrase in phrases for trace in _traces_of_phrase(phrase)}
    traces.update(explained_trace(key) for explanation in explanations for key in explanation.keys)
    return " ".join(sorted(traces))


def name_traces(key: str) -> list[str]:
    """Return the traces of a name, by its key: a record whose conditions or keywords may hold it has all of them."""
    return [_trace("word", token) for token in key.split()]


def explained_trace(key: str) -> str:
    """Return the trace of a name that an abbreviation may be explained by."""
    return _trace("explained", key)


def abbreviation_trace(abbreviation: str) -> str:
    """Return the trace of an abbreviation in conditions and keywords, in whatever case."""
    return _trace("abbreviation", abbreviation.casefold())


@lru_cache(maxsize=50_000)
def _traces_of_phrase(phrase: str) -> frozenset[str]:
    forms = {form for word in abbreviations_in(phrase) for form in (word, word.removesuffix("s"))}
    if len(phrase.casefold()) <= _LONGEST_ABBREVIATION:
        forms.add(phrase)
    words = (_trace("word", token) for token in tokens_in(phrase))
    return frozenset((*words, *map(abbreviation_trace, forms)))


@lru_cache(maxsize=100_000)
def _trace(kind: str, text: str) -> str:
    return blake2b(f"{kind} {text}".encode(), digest_size=_BYTES).hexdigest()
