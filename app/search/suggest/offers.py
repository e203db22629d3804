"""Suggestions for the letters typed so far: diseases, drugs, sponsors, acronyms and registry ids.

Each kind of suggestion has a range of ids, in which suggestions with more trials come first. The full-text index
therefore finds the best of every kind without looking at the rest.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, text
from sqlmodel import Session, col

from app.conditions.names.same_name import is_filler
from app.index.suggestion_ids import KINDS, first_id, last_id, suggested_revision, words_to_search
from app.index.words import words_of
from app.models import FacetPosting, Revision, Trial
from app.search.query import TrialQuery
from app.search.suggest.spelling import readings
from app.search.words import text as full_text

TRIAL = "trial"
"""The kind of an offer that leads to one trial."""
MOST_OFFERS = 10

_SHARES = {"condition": 4, "drug": 3, "sponsor": 2, "acronym": 2}
"""Places reserved for each kind; what remains free goes to the others."""
_MOST_OF_A_KIND = {"condition": 7, "drug": 5, "sponsor": 5, "acronym": 3}
_CANDIDATES = 25
"""Candidates of each kind, of which the best are offered."""
_COMMON = 1_000
"""A word in this many trials is common. A rare name of common words alone is neither counted nor offered."""
_LONGEST = 200
_MOST_WORDS = 12
_FEWEST_LETTERS = 2
_MOST_IDS = 5
_REGISTRY_ID = re.compile(r"([A-Z]{2,8})[\s:_-]*(\d{3,})")
_NO_MATCH = 5
_TYPO_PENALTY = _NO_MATCH + 1
"""Ranks corrected spellings below every match of the words as typed."""

Words = Sequence[Sequence[str]]
"""For each typed word, the words that it may stand for."""


_FOUND = text(
    "SELECT suggestion.* FROM suggestion_text JOIN suggestion ON suggestion.id = suggestion_text.rowid "
    "WHERE suggestion_text MATCH :words"
)
_FOREMOST = text(
    " UNION ALL ".join(
        "SELECT * FROM (SELECT suggestion.* FROM suggestion_text "  # noqa: S608  numbers of ours
        "JOIN suggestion ON suggestion.id = suggestion_text.rowid WHERE suggestion_text MATCH :words "
        f"AND suggestion_text.rowid BETWEEN {first_id(kind)} AND {last_id(kind)} "
        "ORDER BY suggestion_text.rowid LIMIT :most)"
        for kind in KINDS
    )
)
_COUNT_UP_TO = text(
    "SELECT count(*) FROM (SELECT 1 FROM suggestion_text WHERE suggestion_text MATCH :words LIMIT :most)"
)
_COUNT_TRIALS_UP_TO = text(
    "SELECT count(*) FROM (SELECT 1 FROM trial_text WHERE trial_text MATCH :word LIMIT :most)"
)


@dataclass(frozen=True, slots=True)
class Offer:
    kind: str
    """One of KINDS, or TRIAL."""
    label: str
    count: int
    """The number of trials that choosing it gives."""
    also: str = ""
    """The other name by which it was found; for a trial, its title."""
    query: TrialQuery | None = None
    """The search that choosing it starts; None if it leads to a trial."""
    registry_id: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    id: int
    kind: str
    names: str
    label: str
    value: str
    count: int | None


@dataclass(frozen=True, slots=True)
class _MatchedOffer:
    row: _Found
    closeness: int
    also: str
    """The closest of its names, if that is not the label."""


def suggest(session: Session, typed: str) -> list[Offer]:
    typed = typed[:_LONGEST]
    words = words_of(typed)[:_MOST_WORDS]
    if sum(map(len, words)) < _FEWEST_LETTERS:
        return []
    trials = _trials_by_id(session, typed)
    offers = _offers(session, _best(_matches(session, [[word] for word in words])))
    if not offers and not trials:
        offers = _offers(session, _best(_corrected_matches(session, words)))
    return [*trials, *offers][:MOST_OFFERS]


def trials_found(session: Session, q: str) -> int:
    """Count the trials that the list gives for these words."""
    return full_text.count(session, q)


def _with_last(words: Sequence[str]) -> list[tuple[str, bool]]:
    return [(word, place == len(words)) for place, word in enumerate(words, start=1)]


def _found(session: Session, meant: Words) -> list[_Found]:
    """Return candidates of every kind: with the words as they are, or with the last one as a prefix.

    FTS5 expands a prefix again for every kind that is queried. If the words before it leave few candidates, one query
    therefore asks for all kinds.
    """
    before = " AND ".join(_any_of(each) for each in meant[:-1])
    statement = _FOREMOST
    if before:
        held = session.execute(_COUNT_UP_TO, {"words": before, "most": _CANDIDATES}).scalar_one()
        if not held:
            return []
        if held < _CANDIDATES:
            statement = _FOUND
    rows: dict[int, _Found] = {}
    for last in (_any_of(meant[-1]), _any_of(meant[-1], "*")):
        words = f"{before} AND {last}" if before else last
        for row in session.execute(statement, {"words": words, "most": _CANDIDATES}):
            rows.setdefault(row.id, _Found(*row))
    return list(rows.values())


def _any_of(words: Sequence[str], goes_on: str = "") -> str:
    return "({})".format(" OR ".join(f'"{word}"{goes_on}' for word in words))


def _matches(session: Session, meant: Words) -> list[_MatchedOffer]:
    return [_match(row, meant) for row in _found(session, meant)]


def _corrected_matches(session: Session, words: Sequence[str]) -> list[_MatchedOffer]:
    """Return matches for the words that may have been mistyped.

    Known words are first taken as they are; matches that correct one of them too rank lower.
    """
    read = [readings(session, word, is_begun=is_last) for word, is_last in _with_last(words)]
    if not all(read):
        return []
    nearest: Words = [[word] if word in each else each for word, each in zip(words, read, strict=True)]
    matches = {match.row.id: match for match in _matches(session, nearest)}
    if nearest != read:
        for match in _matches(session, read):
            matches.setdefault(match.row.id, replace(match, closeness=match.closeness + _TYPO_PENALTY))
    return list(matches.values())


def _best(matches: list[_MatchedOffer]) -> list[_MatchedOffer]:
    """Return the few matches to offer, in the order of KINDS, and the closest first in each kind."""
    matches = sorted(matches, key=lambda match: (match.closeness, match.row.id))
    by_kind = {kind: [match for match in matches if match.row.kind == kind] for kind in KINDS}
    taken = {kind: min(len(of_kind), _SHARES[kind]) for kind, of_kind in by_kind.items()}
    for kind, of_kind in by_kind.items():
        room = MOST_OFFERS - sum(taken.values())
        taken[kind] = max(taken[kind], min(len(of_kind), taken[kind] + room, _MOST_OF_A_KIND[kind]))
    return [match for kind, of_kind in by_kind.items() for match in of_kind[: taken[kind]]][:MOST_OFFERS]


def _match(row: _Found, meant: Words) -> _MatchedOffer:
    names = row.names.split("\n")
    closeness = [_closeness(row.kind, words_of(name), meant) for name in names]
    best = min(closeness)
    is_in_label = best in (closeness[0], _NO_MATCH)
    return _MatchedOffer(row, best, "" if is_in_label else names[closeness.index(best)])


def _closeness(kind: str, name: list[str], meant: Words) -> int:
    """Rate how far a name is from the words: 0 is closest.

    The same words come first, then a name with all of them as whole words, then one with the last as a prefix. Names of
    other kinds than conditions are closer if they begin with the first word, since people search for them that way.
    `_NO_MATCH` is possible because the words may be spread over several names of one suggestion.
    """
    if len(name) == len(meant) and all(word in each for word, each in zip(name, meant, strict=True)):
        return 0
    last = meant[-1]
    if not all(any(word in name for word in each) for each in meant[:-1]):
        return _NO_MATCH
    is_elsewhere = kind != "condition" and not any(word.startswith(tuple(meant[0])) for word in name[:1])
    if any(word in name and not is_filler(word) for word in last):
        return 1 + is_elsewhere
    if any(word.startswith(tuple(last)) for word in name):
        return 3 + is_elsewhere
    return _NO_MATCH


def _offers(session: Session, matches: list[_MatchedOffer]) -> list[Offer]:
    rows = [match.row for match in matches]
    counts = _filter_counts(session, rows)
    titles = _titles(session, [row.value for row in rows if row.kind == "acronym" and row.value])
    is_current = suggested_revision(session) == session.execute(select(col(Revision.version))).scalar()
    offers = []
    for row, also in ((match.row, match.also) for match in matches):
        if row.kind in {"condition", "sponsor"}:
            query = TrialQuery().with_values(row.kind, [row.value])
            count = counts.get((row.kind, row.value), 0)
            offers.append(Offer(row.kind, row.label, count, also, query))
        elif row.value in titles:
            offers.append(Offer(TRIAL, row.label, 1, titles[row.value], registry_id=row.value))
        elif row.kind == "drug" or not row.value:
            q = row.value or words_to_search(row.label)
            count = row.count if is_current and row.count is not None else _counted(session, row, q)
            offers.append(Offer(row.kind, row.label, count, query=TrialQuery(q=q)))
    return [offer for offer in offers if offer.count]


def _counted(session: Session, row: _Found, q: str) -> int:
    """Count the trials that the words find now; 0 for a rare name that has only common words."""
    likeliest_first = sorted(set(words_of(q)), key=len, reverse=True)
    if row.count is None and all(_is_common(session, word) for word in likeliest_first):
        return 0
    return trials_found(session, q)


def _is_common(session: Session, word: str) -> bool:
    found = session.execute(_COUNT_TRIALS_UP_TO, {"word": f'"{word}"', "most": _COMMON}).scalar_one()
    return bool(found == _COMMON)


def _filter_counts(session: Session, rows: list[_Found]) -> dict[tuple[str, str], int]:
    """Return the counts of the list's own filters, by (facet, value)."""
    found: dict[tuple[str, str], int] = {}
    for facet in ("condition", "sponsor"):
        values = [row.value for row in rows if row.kind == facet]
        if values:
            counts = select(col(FacetPosting.value), col(FacetPosting.count)).where(
                col(FacetPosting.facet) == facet, col(FacetPosting.value).in_(values)
            )
            found.update({(facet, value): count for value, count in session.execute(counts)})
    return found


def _titles(session: Session, registry_ids: Sequence[str]) -> dict[str, str]:
    if not registry_ids:
        return {}
    named = select(col(Trial.registry_id), col(Trial.title)).where(col(Trial.registry_id).in_(registry_ids))
    return dict(session.execute(named).all())


def _trials_by_id(session: Session, typed: str) -> list[Offer]:
    """Return the trials whose registry id begins as typed."""
    match = _REGISTRY_ID.fullmatch(typed.strip().upper())
    if match is None or not match[2].isascii():
        return []
    begun = match[1] + match[2]
    found = (
        select(col(Trial.registry_id), col(Trial.title))
        .where(col(Trial.registry_id) >= begun, col(Trial.registry_id) < f"{begun}\U0010ffff")
        .order_by(col(Trial.registry_id))
        .limit(_MOST_IDS)
    )
    return [Offer(TRIAL, name, 1, title, registry_id=name) for name, title in session.execute(found)]
