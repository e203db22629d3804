"""Queries that are a trial's own name: its registry number, an organization's id for it, or its acronym."""

import unicodedata
from collections.abc import Iterator

from sqlalchemy import text
from sqlmodel import Session

from app.registries import registry_id_meant
from app.search.words.syntax import Parsed, SearchTerm, words_in_order

_LONGEST = 40
"""Letters and digits of a name."""
_MOST = 1_000
"""Trials whose names are compared."""

_CANDIDATES = text(
    "SELECT rowid, acronym, ids FROM trial_text WHERE trial_text MATCH :match ORDER BY rowid DESC LIMIT :most"
)


def identity_match(parsed: Parsed) -> str | None:
    """Return the FTS5 query for trials that may have the text as their name; None if it cannot be a name.

    The query finds the name however it is split into words.
    """
    if parsed.expression is None or not (parsed.is_plain or _is_phrase(parsed)):
        return None
    phrases = list(dict.fromkeys(_ways_to_write(parsed.q)))
    return f"{{acronym ids}} : ({' OR '.join(phrases)})" if phrases else None


def trials_called(session: Session, q: str, match: str) -> list[int]:
    """Return the trials whose id or acronym is exactly this text, except for punctuation and case."""
    sought = {_compact(registry_id_meant(q) or q), _compact(q)}
    rows = session.execute(_CANDIDATES, {"match": match, "most": _MOST})
    return [
        trial_id
        for trial_id, acronym, ids in rows
        if any(_compact(name) in sought for name in (acronym, *ids.split("\n")))
    ]


def _is_phrase(parsed: Parsed) -> bool:
    return isinstance(parsed.expression, SearchTerm) and not parsed.expression.is_prefix


def _ways_to_write(q: str) -> Iterator[str]:
    """Yield the text as phrases: as typed, as one word, and as a registry number.

    Text that looks like an id is also split in two words at every place.
    """
    words = words_in_order(q)
    joined = "".join(words)
    if len(joined) > _LONGEST:
        return
    yield f'"{" ".join(words)}"'
    yield f'"{joined}"'
    if registry_id := registry_id_meant(q):
        yield f'"{registry_id.lower()}"'
    if len(words) <= 2 and any(map(str.isdigit, joined)):
        for place in range(1, len(joined)):
            yield f'"{joined[:place]} {joined[place:]}"'


def _compact(name: str) -> str:
    """Return only the letters and digits, in lower case and without accents."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", name.casefold())))
