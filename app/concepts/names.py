"""What makes two names of a condition one: case, accents, spelling, plural and word order make no difference."""

import re
import unicodedata
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_]+(?:'s\b)?")
_BRITISH = (
    (re.compile("ae|oe"), "e"),
    (re.compile("our"), "or"),
    (re.compile("isation"), "ization"),
    (re.compile("ise(?=d?$)"), "ize"),
    (re.compile("tre$"), "ter"),
    (re.compile("sulph"), "sulf"),
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_NUMBERED = {"type", "stage", "grade", "class", "phase"}
_FILLERS = frozenset(
    ("a", "an", "and", "as", "at", "by", "due", "for", "from", "in", "into", "nos", "of", "on", "or", "the")
    + ("to", "unspecified", "with")
)


def natural_order(term: str) -> str:
    """MeSH's inverted form as people say it: "Leukemia, Myeloid, Acute" is "Acute Myeloid Leukemia"."""
    return " ".join(reversed([part.strip() for part in term.split(",")]))


def tokens_of(text: str) -> list[str]:
    """The words of a text in their order, each in the one form that its variants share; fillers stay."""
    return _numbered([_stem(token) for token in _TOKEN.findall(_plain(text))])


def key_of(name: str) -> str:
    """The name without what makes no difference: equal keys are one name."""
    return key_of_tokens(tokens_of(name))


def key_of_tokens(tokens: list[str]) -> str:
    return " ".join(sorted(token for token in tokens if token not in _FILLERS))


def is_filler(token: str) -> bool:
    return token in _FILLERS


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize(
        "NFKD", text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(maxsize=100_000)
def _stem(token: str) -> str:
    word = re.sub("'s$", "", token)
    for pattern, american in _BRITISH:
        word = pattern.sub(american, word)
    return _singular(word)


def _singular(word: str) -> str:
    """Singular and plural cut to one form, which need not be a word: "diseases" and "disease" to "diseas"."""
    if len(word) < 4 or word.endswith(("ss", "us")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("sis", "ses", "xes", "zes", "ches", "shes"):
        if word.endswith(ending):
            return word[:-2]
    if word.endswith("se"):
        return word[:-1]
    return word[:-1] if word.endswith("s") and not word.endswith("is") else word


def _numbered(tokens: list[str]) -> list[str]:
    return [
        _ROMAN.get(token, token) if before in _NUMBERED else token
        for before, token in zip(["", *tokens], tokens, strict=False)
    ]
