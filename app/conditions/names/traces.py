"""Traces: short tokens for the names that a record's words may turn out to be.

When the vocabulary gets another name or abbreviation, the trials that it may concern are found by their traces. Traces
follow from the record alone, so they stay valid when the vocabulary changes.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from app.conditions.names.abbreviations import Explanation, abbreviations_in
from app.conditions.names.phrases import tokens_in

_LONGEST_ABBREVIATION = 12
"""Characters; a longer phrase is never looked up as one abbreviation."""
_BYTES = 5
"""Bytes of a token. If two words share a token, the only harm is that a trial too many is examined."""


def traces_of(phrases: Iterable[str], explanations: Iterable[Explanation]) -> str:
    """Return the traces of a record's conditions, keywords and explanations, as text to be indexed."""
    traces = {trace for phrase in phrases for trace in _traces_of_phrase(phrase)}
    traces.update(explained_trace(key) for explanation in explanations for key in explanation.keys)
    return " ".join(sorted(traces))


def name_traces(key: str) -> list[str]:
    """Return the traces of a name, given its key.

    A record whose conditions or keywords may contain the name has all of them.
    """
    return [_trace("word", token) for token in key.split()]


def explained_trace(key: str) -> str:
    """Return the trace of a name, given its key, as the explanation of an abbreviation."""
    return _trace("explained", key)


def abbreviation_trace(abbreviation: str) -> str:
    """Return the trace of an abbreviation in conditions and keywords, whatever its case."""
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
