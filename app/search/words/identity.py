"""A query that is a trial's own name: its registry number, an organisation's id for it, or its acronym."""

import unicodedata
from collections.abc import Iterator

from sqlalchemy import text
from sqlmodel import Session

from app.registries import registry_id_meant
from app.search.words.syntax import Parsed, SearchTerm, words_in_order

_LONGEST = 40
"""Letters and digits."""
_MOST = 1_000
"""Trials that are compared."""

_CANDIDATES = text(
    "SELECT rowid, acronym, ids FROM trial_text WHERE trial_text MATCH :match ORDER BY rowid DESC LIMIT :most"
)


def identity_match(parsed: Parsed) -> str | None:
    """What finds, in FTS5's syntax, the trials that may be called so, however the name is cut into words."""
    if parsed.expression is None or not (parsed.is_plain or _is_phrase(parsed)):
        return None
    phrases = list(dict.fromkeys(_ways_to_write(parsed.q)))
    return f"{{acronym ids}} : ({' OR '.join(phrases)})" if phrases else None


def trials_called(session: Session, q: str, match: str) -> list[int]:
    """The trials whose id or acronym is just this text, punctuation and case apart."""
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
    """As phrases: as typed, as one word, and what looks like an id also as two words cut anywhere."""
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
    """The letters and digits alone, without accents."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", name.casefold())))
