"""Slugs: names as parts of addresses."""

from functools import lru_cache

from slugify import slugify

_LONGEST_REMEMBERED = 200
"""Characters; the slugs of longer names are not cached."""


def slug_of(name: str) -> str:
    """Return the slug of a name; names that differ only in case, accents and punctuation share one."""
    return _short_slug(name) if len(name) <= _LONGEST_REMEMBERED else _slug(name)


def _slug(name: str) -> str:
    return slugify(name, max_length=150, word_boundary=True) or f"x{name.encode()[:40].hex()}"


_short_slug = lru_cache(maxsize=100_000)(_slug)
