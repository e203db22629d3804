"""Abbreviations that texts define for themselves: "Acute Myeloid Leukemia (AML)", "AML (acute myeloid leukemia)"."""

import re
from collections.abc import Iterator

from app.concepts.phrases import Lexicon

_SHORT = r"[A-Z][A-Za-z0-9/-]{1,9}?"
_LONG_FIRST = re.compile(rf"\(\s*({_SHORT})s?\s*\)")
_EXPLANATION = re.compile(r"\(([^()]{6,90})\)")
_SHORT_BEFORE = re.compile(rf"\b({_SHORT})\s*\Z")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,9}")
_WORD = re.compile(r"[\w'\N{RIGHT SINGLE QUOTATION MARK}-]+")
SURE = 0.6
"""An abbreviation means what at least this share of the trials that explain it say."""
_LONGEST_NAME = 10
_MOST_BEFORE = 120
_MOST_BEFORE_EXPLANATION = 20
"""Letters: those of the longest abbreviation, and spaces."""


def is_abbreviation(word: str) -> bool:
    """Two capitals at least: "AML", "SSc", "T2DM", not "Asthma"."""
    return sum(character.isupper() for character in word) >= 2


def abbreviations_in(phrase: str) -> list[str]:
    """What may be an abbreviation; a phrase written in capitals throughout holds none."""
    words = _TOKEN.findall(phrase)
    if len(words) > 2 and all(word.isupper() for word in words):
        return []
    return [word for word in words if is_abbreviation(word)]


def defined_in(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """(abbreviation, MeSH id) wherever the long form is a name of a concept and has the letters in their order."""
    for found in _LONG_FIRST.finditer(text):
        words = _WORD.findall(text[max(0, found.start() - _MOST_BEFORE) : found.start()])[-_LONGEST_NAME:]
        for start in range(len(words)):
            if mesh_ids := _meant(found[1], words[start:], lexicon):
                yield from ((found[1], mesh_id) for mesh_id in mesh_ids)
                break
    for found in _EXPLANATION.finditer(text):
        start = found.start()
        if before := _SHORT_BEFORE.search(text, max(0, start - _MOST_BEFORE_EXPLANATION), start):
            yield from (
                (before[1], mesh_id) for mesh_id in _meant(before[1], _WORD.findall(found[1]), lexicon)
            )


def _meant(short: str, words: list[str], lexicon: Lexicon) -> tuple[str, ...]:
    if words[:1] == [] or words[0][0].casefold() != short[0].casefold():
        return ()
    if not is_abbreviation(short) or not _fits(short, words):
        return ()
    return lexicon.named(" ".join(words))


def _fits(short: str, words: list[str]) -> bool:
    """Schwartz and Hearst's rule: the letters come in their order, read from the end; the first begins a word."""
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
