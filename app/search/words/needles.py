"""Search for a word or phrase in plain text, without the index: all its forms are found by their common root."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

_ROOT = 5
"""Letters of a root; of a short word, the root is the word without its last letter."""
_LONGEST_ENDING = 3
"""Letters that may follow a short root; fewer may follow a very short one."""


@dataclass(frozen=True, slots=True)
class Needle:
    roots: tuple[str, ...]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        """Make a needle of a phrase's words, which must be in lower case."""
        roots = tuple(map(_root, words))
        return cls(roots, re.compile(r"[\W_]+".join(map(_form, roots))))

    def may_be_in(self, text: str) -> bool:
        return all(root in text for root in self.roots)

    def is_in(self, text: str) -> bool:
        """Tell whether a text contains the phrase; the text must be in lower case."""
        if not self.may_be_in(text):
            return False
        first = self.roots[0]
        place = text.find(first)
        while place >= 0:
            if not (place and text[place - 1].isalnum()) and self.pattern.match(text, place):
                return True
            place = text.find(first, place + 1)
        return False


def _root(word: str) -> str:
    if len(word) > _ROOT + 1:
        return word[:_ROOT]
    return word[:-1] if len(word) > 3 else word


def _form(root: str) -> str:
    ending = r"\w*" if len(root) == _ROOT else rf"\w{{0,{min(_LONGEST_ENDING, len(root) - 1)}}}(?!\w)"
    return re.escape(root) + ending
