"""The splitting of text into words, for suggestions and for the correction of their spelling."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def words_of(typed: str) -> list[str]:
    """Return the words of a text in lower case, without accents."""
    return _WORD.findall(plain(typed))


def plain(typed: str) -> str:
    if typed.isascii():
        return typed.lower()
    decomposed = unicodedata.normalize("NFKD", typed.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
