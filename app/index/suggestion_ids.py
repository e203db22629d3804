"""The ids of suggestions: each kind has a range of its own, which begins with the suggestion of the most trials."""

import re

from sqlalchemy import text
from sqlmodel import Session

KINDS = ("condition", "drug", "sponsor", "acronym")

_IDS_OF_A_KIND = 10_000_000
_OUTSIDE_WORDS = re.compile(r"[^\w\s./+'-]+")
_OPERATORS = {"AND", "OR", "NOT"}
_VERSION = text("SELECT data_version FROM suggestion_text_version")


def first_id(kind: str) -> int:
    return KINDS.index(kind) * _IDS_OF_A_KIND + 1


def last_id(kind: str) -> int:
    return first_id(kind) + _IDS_OF_A_KIND - 1


def suggested_revision(session: Session) -> int:
    """Return the revision from which the suggestions were made."""
    return session.execute(_VERSION).scalar_one_or_none() or 0


def words_to_search(name: str) -> str:
    """Return a name as words to search for, without anything that the search box would read as an operator."""
    words = [word.strip("-./'+") for word in _OUTSIDE_WORDS.sub(" ", name).split()]
    return " ".join(word.lower() if word in _OPERATORS else word for word in words if word)
