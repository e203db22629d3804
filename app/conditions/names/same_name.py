"""Comparison of condition names: case, accents, spelling, plural and word order make no difference."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

_TOKEN = re.compile(r"\d+(?=[^\W\d_]{3})|[^\W\d_]{3,}(?:'s\b)?(?=\d|\b|_)|[^\W_]+(?:'s\b)?")
"""A word. Digits attached to a word are a word of their own: "type2diabetes" is "type 2 diabetes"."""
_PREFIX = re.compile(r"\b(non|pre|post|anti|hyper|hypo|poly|micro)[\s-]+(?=[^\W\d_]{3})")
"""Prefixes that people join to the next word, hyphenate, or write apart."""
_BRITISH = (
    (re.compile("ae|oe"), "e"),
    (re.compile("our"), "or"),
    (re.compile("isation"), "ization"),
    (re.compile("ise(?=d?$)"), "ize"),
    (re.compile("tre$"), "ter"),
    (re.compile("sulph"), "sulf"),
    (re.compile("^disk"), "disc"),
)
_ENDINGS = (
    (4, "ss", "ss"),
    (4, "us", "us"),
    (5, "ies", "y"),
    (4, "sis", "s"),
    (4, "ses", "s"),
    (4, "xes", "x"),
    (4, "zes", "z"),
    (4, "ches", "ch"),
    (4, "shes", "sh"),
    (6, "ed", ""),
    (8, "ation", "at"),
    (4, "se", "s"),
    (4, "is", "is"),
    (4, "s", ""),
)
"""(least length of the word, its ending, the replacement); only the first that fits is applied."""
_LONGEST_REMEMBERED = 200
"""Characters of a text whose words are cached."""
_LAST_SHORT_ID = 66_400
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_NUMBERED = {"type", "stage", "grade", "class", "phase"}
_FILLERS = frozenset(
    "an and as at by due for from in into of on or the to unspecifi with".split()  # noqa: SIM905  reads better
)
"""Words that do not count in a name, in the form that `tokens_of` gives them."""


def natural_order(term: str) -> str:
    """Return an inverted name in natural word order: "Leukemia, Myeloid, Acute" as "Acute Myeloid Leukemia".

    Some commas do not mark an inverted name: "Congenital, Hereditary, and Neonatal Diseases", "46, XX Disorders".
    """
    parts = [part.strip() for part in term.split(", ") if part.strip()]
    is_list = any(part.lower().startswith(("and ", "or ")) for part in parts)
    if is_list or not parts or parts[0].isdecimal():
        return term
    last = [part for part in parts if part.isdecimal() or part.lower().startswith(("with ", "of ", "type "))]
    return " ".join([*reversed([part for part in parts if part not in last]), *last])


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in order, each in the one form that its variants share.

    Articles are left out; other filler words stay.
    """
    return _short_tokens(text) if len(text) <= _LONGEST_REMEMBERED else _tokens(text)


def _tokens(text: str) -> tuple[str, ...]:
    joined = _PREFIX.sub(r"\1", _plain(text))
    return _without_articles(_numbered([_stem(token) for token in _TOKEN.findall(joined)]))


_short_tokens = lru_cache(maxsize=50_000)(_tokens)


def _without_articles(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the letter of "hepatitis A", not the article of "a stroke"."""
    return tuple(
        word
        for before, word in zip(["", *tokens], tokens, strict=False)
        if word != "a" or (before and before not in _FILLERS)
    )


def key_of(name: str) -> str:
    """Return a key for comparing names: names with equal keys are the same name."""
    return key_of_tokens(tokens_of(name))


def key_of_tokens(tokens: Iterable[str]) -> str:
    return " ".join(sorted(token for token in tokens if token not in _FILLERS))


def is_filler(token: str) -> bool:
    return token in _FILLERS


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
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
    """Cut singular, plural and participle to one form, which need not be a word: "herniated" to "herniat"."""
    for shortest, ending, instead in _ENDINGS:
        if len(word) >= shortest and word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word


def _numbered(tokens: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        _ROMAN.get(token, token) if before in _NUMBERED else token
        for before, token in zip(["", *tokens], tokens, strict=False)
    )


def canonical_mesh_id(mesh_id: str) -> str:
    """Return a MeSH id without padding.

    Registries pad some of MeSH's older ids, which have six digits, to the nine digits in use since 2016.
    """
    number = mesh_id[1:]
    is_padded = mesh_id.startswith("D") and len(number) == 9 and number.isdecimal()
    return f"D{int(number):06}" if is_padded and int(number) <= _LAST_SHORT_ID else mesh_id
