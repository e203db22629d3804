"""Abbreviations that texts define for themselves: "Acute Myeloid Leukemia (AML)", "AML (acute myeloid leukemia)"."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.conditions.names.phrases import Lexicon
from app.conditions.names.same_name import key_of

_SHORT = r"[A-Z][A-Za-z0-9/-]{1,9}?"
_LONG_FIRST = re.compile(rf"\(\s*({_SHORT})s?\s*\)")
_EXPLANATION = re.compile(r"\(([^()]{6,90})\)")
_SHORT_BEFORE = re.compile(rf"\b({_SHORT})\s*\Z")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,9}")
_WORD = re.compile(r"[\w'\N{RIGHT SINGLE QUOTATION MARK}-]+")
SURE = 0.6
"""An abbreviation has a meaning if at least this share of the trials that explain it agree on it."""
_LONGEST_NAME = 10
_MOST_BEFORE = 120
_MOST_BEFORE_EXPLANATION = 20
"""Characters: enough for the longest abbreviation and spaces."""


def is_abbreviation(word: str) -> bool:
    """Tell whether a word has two capitals or more: "AML", "SSc", "T2DM", but not "Asthma"."""
    return sum(character.isupper() for character in word) >= 2


def abbreviations_in(phrase: str) -> list[str]:
    """Return the words that may be abbreviations: none if a phrase of three words or more is all in capitals."""
    words = _TOKEN.findall(phrase)
    if len(words) > 2 and all(word.isupper() for word in words):
        return []
    return [word for word in words if is_abbreviation(word)]


class Explanation(NamedTuple):
    """The words with which a text explains an abbreviation, whether or not they name a concept."""

    abbreviation: str
    keys: tuple[str, ...]
    """Keys of all long forms that fit its letters, the longest first. It stands for the first that names a concept."""


def explanations_in(text: str) -> Iterator[Explanation]:
    """Yield each abbreviation that stands beside words with its letters in the same order."""
    for found in _LONG_FIRST.finditer(text):
        words = _WORD.findall(text[max(0, found.start() - _MOST_BEFORE) : found.start()])[-_LONGEST_NAME:]
        if keys := _keys(found[1], [words[start:] for start in range(len(words))]):
            yield Explanation(found[1], keys)
    for found in _EXPLANATION.finditer(text):
        start = found.start()
        before = _SHORT_BEFORE.search(text, max(0, start - _MOST_BEFORE_EXPLANATION), start)
        if before and (keys := _keys(before[1], [_WORD.findall(found[1])])):
            yield Explanation(before[1], keys)


def defined_by(explanations: Iterable[Explanation], lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Yield (abbreviation, MeSH id) for each explanation whose long form is a name of a concept."""
    for explanation in explanations:
        meant = next(filter(None, map(lexicon.named_by, explanation.keys)), ())
        yield from ((explanation.abbreviation, mesh_id) for mesh_id in meant)


def _keys(short: str, long_forms: Iterable[list[str]]) -> tuple[str, ...]:
    if not is_abbreviation(short):
        return ()
    first = short[0].casefold()
    fitting = (
        words for words in long_forms if words and words[0][0].casefold() == first and _fits(short, words)
    )
    return tuple(key for words in fitting if (key := key_of(" ".join(words))))


def _fits(short: str, words: list[str]) -> bool:
    """Tell whether words fit an abbreviation by Schwartz and Hearst's rule.

    The words contain its letters in order, matched from the end, and the first letter begins a word.
    """
    text = " ".join(words).casefold()
    letters = [letter for letter in short.casefold() if letter.isalnum()]
    place = len(text)
    for position, letter in reversed(list(enumerate(letters))):
        place = text.rfind(letter, 0, place)
        while position == 0 and place > 0 and text[place - 1].isalnum():
            place = text.rfind(letter, 0, place)
        if place < 0:
            return False
    return True
