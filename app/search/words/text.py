"""Full-text search of the records by SQLite's FTS5, and the meaning of a reader's words for it."""

from array import array
from dataclasses import dataclass
from enum import Enum

import numpy as np
import orjson
from pyroaring import BitMap
from sqlalchemy import text
from sqlmodel import Session

from app.database.sql import driver_rows, integers
from app.index.text_columns import COLUMN_WEIGHTS
from app.search.budget import MOST_NAMES
from app.search.words.identity import identity_match, trials_called
from app.search.words.syntax import Expression, Parsed, Widened, parse, to_fts, words_of
from app.search.words.thesaurus import ConceptThesaurus
from app.search.words.widening import widen, widenings, with_fewer_names, without_widening

__all__ = [
    "COLUMN_WEIGHTS",
    "MOST_RANKED",
    "Extent",
    "FoundTrials",
    "TextMeaning",
    "count",
    "extent_of",
    "found",
    "matching_trials",
    "meaning_of",
    "ranked",
    "read_lengths",
    "search",
    "words_of",
]

_WEIGHTS = ", ".join(map(str, COLUMN_WEIGHTS.values()))
_RANKED = f"ORDER BY bm25(trial_text, {_WEIGHTS}), rowid DESC"
_SEARCH = text(f"SELECT rowid FROM trial_text WHERE trial_text MATCH :match {_RANKED}")  # noqa: S608  numbers of ours
_SEARCH_NEWEST = text(
    f"SELECT rowid FROM (SELECT rowid, bm25(trial_text, {_WEIGHTS}) AS distance FROM trial_text "  # noqa: S608  the same
    "WHERE trial_text MATCH :match ORDER BY rowid DESC LIMIT :most) ORDER BY distance, rowid DESC"
)
_FIND = text("SELECT json_group_array(rowid) FROM trial_text WHERE trial_text MATCH :match")
_COUNT = text("SELECT count(*) FROM trial_text WHERE trial_text MATCH :match")
_COUNT_OF = text(
    "SELECT count(*) FROM trial_text "
    "WHERE trial_text MATCH :match AND rowid IN (SELECT value FROM json_each(:trial_ids))"
)

_COUNT_UNLISTED = text(
    "SELECT count(*) FROM trial_text "
    "WHERE trial_text MATCH :match AND rowid IN (SELECT trial_id FROM unlisted_trial)"
)
_UNLISTED = text(
    "SELECT trial_id FROM unlisted_trial WHERE trial_id IN (SELECT value FROM json_each(:trial_ids))"
)

_LENGTHS = text("SELECT sum(length(sz)) FROM trial_text_docsize")
_HAS = text("SELECT EXISTS (SELECT 1 FROM trial_text WHERE trial_text MATCH :match)")

MOST_RANKED = 20_000
"""Trials of a search that are ranked by how well they match."""
_TELLING_COLUMNS = ("title", "acronym", "ids", "conditions", "interventions", "keywords")


class Extent(Enum):
    """The part of the trials found by a text that is ranked."""

    ALL = "all"
    FOREMOST = "foremost"
    """The newest MOST_RANKED trials that have the words in the most telling columns."""
    NONE = "none"
    """No trial: the words are in so many trials that they do not distinguish any."""


@dataclass(frozen=True, slots=True)
class FoundTrials:
    trials: BitMap
    called: tuple[int, ...]
    """The ids of those trials that have the text as their id or acronym."""
    extent: Extent


@dataclass(frozen=True, slots=True)
class TextMeaning:
    """The meaning of a reader's text, as an expression and as an FTS5 query."""

    parsed: Parsed
    expression: Expression | None
    """The expression with names of diseases and drugs widened; None if there is no word to search for."""
    match: str
    identity: str | None
    """The FTS5 query for trials that may have the text as their name; None if it cannot be a name."""

    @property
    def widened(self) -> tuple[Widened, ...]:
        return tuple(widenings(self.expression)) if self.expression else ()

    def without_widening(self, widened: Widened) -> str:
        return without_widening(self.parsed, widened)


def read_lengths(session: Session) -> None:
    """Read the lengths of all texts, 22 bytes each, so that the connection keeps them from now on.

    A ranking looks them up trial by trial.
    """
    session.execute(_LENGTHS)


def meaning_of(session: Session, q: str) -> TextMeaning:
    parsed = parse(q)
    if parsed.expression is None:
        return TextMeaning(parsed, None, "", None)
    widened = widen(parsed.expression, ConceptThesaurus(session, parsed))
    expression = with_fewer_names(widened, MOST_NAMES)
    return TextMeaning(parsed, expression, to_fts(expression), identity_match(parsed))


def search(session: Session, q: str) -> list[int]:
    """Return the ids of the trials that a reader's text finds, best match first."""
    return ranked(session, meaning_of(session, q))


def found(session: Session, meaning: TextMeaning, everything: int) -> FoundTrials:
    """Return all trials that a reader's text finds; `everything` is the number of all stored trials."""
    if not meaning.match:
        return FoundTrials(BitMap(), (), Extent.ALL)
    matching = matching_trials(session, meaning.match)
    if extent_of(len(matching), everything) is Extent.NONE:
        return FoundTrials(matching, (), Extent.NONE)
    called = tuple(_called(session, meaning))
    trials = matching | BitMap(called)
    return FoundTrials(trials, called, extent_of(len(trials), everything))


def matching_trials(session: Session, match: str) -> BitMap:
    """Return the ids of all trials that an FTS5 query finds."""
    trial_ids = integers(session.execute(_FIND, {"match": match}).scalar_one(), np.uint32)
    return BitMap(array("I", trial_ids.tobytes()))


def extent_of(total: int, everything: int) -> Extent:
    """Decide how many of `total` found trials are ranked; `everything` is the number of all stored trials."""
    if total <= MOST_RANKED:
        return Extent.ALL
    return Extent.FOREMOST if total * 3 <= everything else Extent.NONE


def count(session: Session, q: str) -> int:
    """Count the listed trials that a reader's text finds, without the cost of ranking them."""
    meaning = meaning_of(session, q)
    if not meaning.match:
        return 0
    matched = {"match": meaning.match}
    matching: int = session.execute(_COUNT, matched).scalar_one()
    matching -= session.execute(_COUNT_UNLISTED, matched).scalar_one()
    called = set(_called(session, meaning)) if _may_be_called_only(session, meaning) else set()
    if not called:
        return matching
    also = {"match": meaning.match, "trial_ids": orjson.dumps(list(called)).decode()}
    unlisted = set(session.execute(_UNLISTED, also).scalars())
    also["trial_ids"] = orjson.dumps(list(called - unlisted)).decode()
    return matching + len(called - unlisted) - int(session.execute(_COUNT_OF, also).scalar_one())


def _may_be_called_only(session: Session, meaning: TextMeaning) -> bool:
    """Tell whether the words miss a trial that may have the text as its name.

    There is mostly no such trial, and then no names have to be read.
    """
    match = f"({meaning.identity}) NOT ({meaning.match})"
    return bool(meaning.identity and session.execute(_HAS, {"match": match}).scalar_one())


def ranked(session: Session, meaning: TextMeaning, found: FoundTrials | None = None) -> list[int]:
    """Return the ids of the ranked trials: those with the text as their name, then the best match first.

    Without `found`, all trials are ranked.
    """
    extent = found.extent if found else Extent.ALL
    if not meaning.match or extent is Extent.NONE:
        return []
    called = dict.fromkeys(found.called if found else _called(session, meaning))
    matching = _ranked(session, meaning.match, extent)
    first = [*(one for one in matching if one in called), *called] if called else []
    return list(dict.fromkeys([*first, *matching]))


def _ranked(session: Session, match: str, extent: Extent) -> list[int]:
    if extent is Extent.ALL:
        rows = driver_rows(session, _SEARCH.bindparams(match=match))
    else:
        telling = f"{{{' '.join(_TELLING_COLUMNS)}}} : ({match})"
        rows = driver_rows(session, _SEARCH_NEWEST.bindparams(match=telling, most=MOST_RANKED))
    return [trial_id for (trial_id,) in rows]


def _called(session: Session, meaning: TextMeaning) -> list[int]:
    return trials_called(session, meaning.parsed.q, meaning.identity) if meaning.identity else []
