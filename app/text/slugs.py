"""A name as a part of an address."""

from functools import lru_cache

from slugify import slugify

_LONGEST_REMEMBERED = 200
"""Letters."""


def slug_of(name: str) -> str:
    """Return the name as an address has it; names that differ in case, accents and punctuation alone share it."""
    return _short_slug(name) if len(name) <= _LONGEST_REMEMBERED else _slug(name)


def _slug(name: str) -> str:
    return slugify(name, max_length=150, word_boundary=True) or f"x{name.encode()[:40].hex()}"


_short_slug = lru_cache(maxsize=100_000)(_slug)
