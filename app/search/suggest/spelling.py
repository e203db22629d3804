"""Correction of mistyped words by suggested words that are one edit away, for type-ahead and "did you mean"."""

from collections.abc import Sequence
from string import ascii_lowercase, digits

import orjson
from sqlalchemy import text
from sqlmodel import Session

from app.index.words import plain, words_of

LEAST_LETTERS = 5
"""Letters of a word that is corrected; a shorter one has too many others one edit away."""

_MOST_LETTERS = 40
_LETTERS = ascii_lowercase + digits
_MOST_READINGS = 4
_LAST = "\U0010ffff"

_KNOWN = text(
    "SELECT word FROM json_each(:variants) CROSS JOIN suggestion_word ON word = json_each.value "
    "ORDER BY weight DESC, word LIMIT :most"
)
_BEGUN = text(
    "SELECT json_each.value, (SELECT max(weight) FROM suggestion_word "
    "WHERE word >= json_each.value AND word < json_each.value || :last) AS heaviest "
    "FROM json_each(:variants) WHERE heaviest IS NOT NULL ORDER BY heaviest DESC, 1 LIMIT :most"
)


def variants(word: str) -> set[str]:
    """Return every string one edit away: a letter left out, two swapped, one replaced, one added."""
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {before + after[1:] for before, after in splits if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in splits if len(after) > 1}
    found |= {before + letter + after[1:] for before, after in splits if after for letter in _LETTERS}
    found |= {before + letter + after for before, after in splits for letter in _LETTERS}
    return found - {word}


def readings(session: Session, word: str, *, is_begun: bool = False) -> list[str]:
    """Return what a word may stand for, likeliest first; the word itself is the first if it is known.

    With `is_begun` the word may be unfinished: the beginning of a known word counts as known.
    """
    can_be_mistyped = LEAST_LETTERS <= len(word) <= _MOST_LETTERS
    found = _looked_up(session, variants(word), is_begun=is_begun) if can_be_mistyped else []
    return [*_looked_up(session, {word}, is_begun=is_begun), *found]


def corrected(session: Session, words: Sequence[str]) -> list[str] | None:
    """Replace each unknown word by the likeliest word one edit away; return None if none can be replaced.

    Only words of suggestions are known, not all words of the full text: use this if the words found nothing.
    """
    better = []
    for word in words:
        (known,) = words_of(word)[:1] or [word]
        better.append(next(iter(readings(session, known)), word))
    return better if [plain(word) for word in better] != [plain(word) for word in words] else None


def _looked_up(session: Session, words: set[str], *, is_begun: bool) -> list[str]:
    values: dict[str, object] = {"variants": orjson.dumps(sorted(words)).decode(), "most": _MOST_READINGS}
    if is_begun:
        return list(session.execute(_BEGUN, {**values, "last": _LAST}).scalars())
    return list(session.execute(_KNOWN, values).scalars())
