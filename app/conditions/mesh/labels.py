"""Labels for MeSH's names as people write them: "Leukemia, Myeloid, Acute" becomes "Acute myeloid leukemia".

MeSH capitalizes every word, so proper nouns have to be learned from all descriptors of a file: it tags terms that
contain the name of a person or place. `words.py` covers the words that the tags leave open.
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
    """A maker of labels; `learn` must have seen every descriptor of the file before the first label is made."""

    def __init__(self) -> None:
        self._named: Counter[str] = Counter()
        """For each word, the number of descriptors that use it in a term tagged as a name of a person or place."""
        self._plain: Counter[str] = Counter()
        """For each word, the number of descriptors that use it in other terms only."""
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
        """Return one of a descriptor's names in sentence case: a capital at the beginning and on proper nouns."""
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
    """Return the name in natural word order, as one of the descriptor's own terms writes it if there is such a term."""
    name = descriptor.name
    if name in ORDERED or not _is_inverted(name):
        return ORDERED.get(name, name)
    reordered = _reordered(name)
    texts = [term.text for term in descriptor.terms if term.is_preferred and ", " not in term.text]
    if reordered in texts:
        return reordered
    words = _content_words(name)
    return next((text for text in texts if _content_words(text) == words), reordered)


def _reordered(name: str) -> str:
    """Put the parts of an inverted name in natural order.

    "Amino Acid Metabolism, Inborn Errors" and "Epidermitis, Exudative, of Swine" have rules of their own.
    """
    *parts, last = name.split(", ")
    if last == "Inborn Errors":
        return f"{last} of {', '.join(parts)}"
    if last.startswith(("of ", "with ")):
        return " ".join([*reversed(parts), last])
    return " ".join([last, *reversed(parts)])


def _content_words(text: str) -> list[str]:
    return sorted(word for word in _WORD.findall(text.lower()) if not is_filler(word))


def _is_inverted(name: str) -> bool:
    """Tell whether the commas of a name mark inverted word order.

    They do not in "Congenital, Hereditary, and Neonatal Diseases" or "46, XX Disorders".
    """
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
