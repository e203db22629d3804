"""Puts MeSH's names as people write them: "Leukemia, Myeloid, Acute" becomes "Acute myeloid leukemia".

MeSH capitalises every word, so what is a proper noun has to be learned from all of a file's descriptors: it tags
terms that hold the name of a person or place. `words.py` has what the tags leave open.
"""

import re
from collections import Counter

from app.conditions.mesh.read import Descriptor
from app.conditions.mesh.roots import ROOTS
from app.conditions.mesh.words import COMMON, COMMON_ENDINGS, ORDERED, PROPER, SURNAMES, TAXON_ENDINGS
from app.conditions.names.same_name import is_filler

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"([^\W\d_]{2,})'s\b")
_NAMED = {"EPO", "NAM"}
_FEW = 4
_ROOT_NAMES = {root.name for root in ROOTS}


class Labels:
    """Makes labels once `learn` has seen every descriptor of the file."""

    def __init__(self) -> None:
        self._named: Counter[str] = Counter()
        """In how many descriptors a word stands in a term tagged as a person's or place's."""
        self._plain: Counter[str] = Counter()
        """In how many it stands in other terms only."""
        self._possessive: set[str] = set()

    def learn(self, descriptor: Descriptor) -> None:
        named = _named_words(descriptor)
        self._named.update(named)
        self._plain.update(_plain_words(descriptor) - named)
        for term in descriptor.terms:
            self._possessive.update(_POSSESSIVE.findall(term.text))

    def label_of(self, descriptor: Descriptor) -> str:
        return self.in_sentence_case(in_natural_order(descriptor), descriptor)

    def in_sentence_case(self, text: str, descriptor: Descriptor) -> str:
        """One of a descriptor's names as it stands in a sentence's beginning."""
        named = _named_words(descriptor)
        first = next((found.start() for found in _WORD.finditer(text) if not found[0].isdigit()), 0)

        def cased(found: re.Match[str]) -> str:
            word = found[0]
            stays = found.start() == first or not word.istitle() or len(word) == 1
            return word if stays or self._is_proper(word, named) else word.lower()

        return _WORD.sub(cased, text)

    def _is_proper(self, word: str, named_here: set[str]) -> bool:
        if word in PROPER or word.endswith(TAXON_ENDINGS) or word[-1].isdigit():
            return True
        if word in SURNAMES:
            return word in named_here
        if word.lower() in COMMON or word.endswith(COMMON_ENDINGS):
            return False
        named, plain = self._named[word], self._plain[word]
        return word in self._possessive or named > plain or (word in named_here and plain <= _FEW)


def in_natural_order(descriptor: Descriptor) -> str:
    """The name with its commas undone, as the descriptor's own terms have it where they do."""
    name = descriptor.name
    if name in ORDERED or not _is_inverted(name):
        return ORDERED.get(name, name)
    reordered = _reordered(name)
    texts = [term.text for term in descriptor.terms if term.is_preferred and ", " not in term.text]
    if reordered in texts:
        return reordered
    words = _telling_words(name)
    return next((text for text in texts if _telling_words(text) == words), reordered)


def _reordered(name: str) -> str:
    """Also "Amino Acid Metabolism, Inborn Errors" and "Epidermitis, Exudative, of Swine"."""
    *parts, last = name.split(", ")
    if last == "Inborn Errors":
        return f"{last} of {', '.join(parts)}"
    if last.startswith(("of ", "with ")):
        return " ".join([*reversed(parts), last])
    return " ".join([last, *reversed(parts)])


def _telling_words(text: str) -> list[str]:
    return sorted(word for word in _WORD.findall(text.lower()) if not is_filler(word))


def _is_inverted(name: str) -> bool:
    """Not every comma turns a name around: "Congenital, Hereditary, and Neonatal Diseases", "46, XX Disorders"."""
    head, comma, tail = name.partition(", ")
    is_list = ", and " in name or ", or " in name
    return bool(comma and tail) and not is_list and not head.isdecimal() and name not in _ROOT_NAMES


def _named_words(descriptor: Descriptor) -> set[str]:
    terms = [term.text for term in descriptor.terms if term.lexical_tag in _NAMED]
    return {word for text in terms for word in _WORD.findall(text) if word.istitle()}


def _plain_words(descriptor: Descriptor) -> set[str]:
    terms = [
        term.text for term in descriptor.terms if term.lexical_tag not in _NAMED and not term.is_permuted
    ]
    return {word for text in terms for word in _WORD.findall(text) if word.istitle()}
