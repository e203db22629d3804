"""The reason why a search found a trial: the field with most of the reader's words, and these words marked."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson
from sqlalchemy import text
from sqlmodel import Session

from app.database.deadline import check_deadline
from app.index.text_columns import COLUMN_WEIGHTS
from app.search.words.marking import CLOSE, OPEN, PROSE, Columns, Mark, marker
from app.search.words.needles import Needle
from app.search.words.syntax import (
    All,
    Either,
    Expression,
    SearchTerm,
    Widened,
    Without,
    Words,
    count_phrases,
    terms_of,
    to_fts,
    words_in_order,
)

MOST_ROWS = 100

COLUMN_LABELS = {
    "title": "title",
    "acronym": "acronym",
    "ids": "registry and organization ids",
    "conditions": "conditions",
    "interventions": "interventions",
    "keywords": "keywords",
    "sponsors": "sponsors",
    "summary": "summary",
    "outcomes": "outcomes",
    "criteria": "criteria",
    "description": "description and arms",
}
"""Labels of the columns; those that tell most about why a trial was found come first."""

_MARKED = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_MOST_VALUES = 3

_ROWS = "rowid IN (SELECT value FROM json_each(:trial_ids))"
_FIELDS = text(f"SELECT rowid, {', '.join(COLUMN_WEIGHTS)} FROM trial_text WHERE {_ROWS}")  # noqa: S608  names of ours
_MOST_LOOKED_UP = 1_000
"""Phrases times trials; beyond this number, marking is quicker with an index of these trials alone."""


class Part(NamedTuple):
    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class TextReason:
    column: str
    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Sought:
    words: tuple[Needle, ...]
    names: tuple[Needle, ...] = ()
    """Other names; each says as much as all of the words."""

    def count_in(self, field: str) -> int:
        """Count the words that a field contains."""
        if any(name.is_in(field) for name in self.names):
            return len(self.words)
        return sum(word.is_in(field) for word in self.words)


def reasons(
    session: Session, trial_ids: Sequence[int], expression: Expression, identity: str | None = None
) -> dict[int, TextReason]:
    """Return the most telling field of each trial of a page, with the words marked.

    The expression must have found all of these trials. One statement reads the fields, which are searched here. Another
    lets the index mark the likeliest field of each trial. A trial without a mark, for example because accents or the
    punctuation of an id differ, is tried again field by field.
    """
    asked = {"trial_ids": orjson.dumps(trial_ids[:MOST_ROWS]).decode()}
    written = {row["rowid"]: dict(row) for row in session.execute(_FIELDS, asked).mappings()}
    fields = {
        trial_id: {column: row[column].lower() for column in COLUMN_LABELS}
        for trial_id, row in written.items()
    }
    held = _without_exclusions(expression)
    page = "\n".join(field for columns in fields.values() for field in columns.values())
    possible = _without_absent_names(held, page, Needle.may_be_in)
    sought = list(_sought(possible))
    likely = {trial_id: _likeliest_first(sought, columns) for trial_id, columns in fields.items()}
    first = {trial_id: columns[0] for trial_id, columns in likely.items() if columns}
    told = "\n".join(fields[trial_id][column] for trial_id, column in first.items())
    with marker(session, written, is_apart=_is_costly(possible, len(written))) as mark:
        found = _marked(mark, to_fts(_without_absent_names(held, told, Needle.is_in)), first)
        match = to_fts(held) + (f" OR {identity}" if identity else "")
        for place in range(len(COLUMN_LABELS)):
            rest = {
                one: columns[place] for one, columns in likely.items() if one not in found and columns[place:]
            }
            if not rest:
                break
            found |= _marked(mark, match, rest)
    return found


def _is_costly(sought: Expression, trials: int) -> bool:
    """Tell whether it takes longer to look everything up for each trial than to index these trials again."""
    return count_phrases(sought) * trials > _MOST_LOOKED_UP or any(
        term.is_prefix for term in terms_of(sought)
    )


def _marked(mark: Mark, match: str, columns: Columns) -> dict[int, TextReason]:
    """Return the reason for each trial from one of its columns, if the index finds something there."""
    rows = mark(match, columns) if columns else []
    return {trial_id: _reason(columns[trial_id], marked) for trial_id, marked in rows if OPEN in marked}


def _likeliest_first(sought: Sequence[_Sought], fields: dict[str, str]) -> list[str]:
    """Return the columns that are not empty: those with most words first, the more telling one of two equals."""
    check_deadline()
    counts = {column: sum(one.count_in(field) for one in sought) for column, field in fields.items() if field}
    return sorted(counts, key=counts.__getitem__, reverse=True)


def _without_absent_names(
    expression: Expression, written: str, holds: Callable[[Needle, str], bool]
) -> Expression:
    """Drop the other names that a text does not seem to contain.

    Each name costs a lookup in the index for every trial.
    """
    match expression:
        case Widened(names=names):
            kept = (name for name in names if holds(Needle.of(words_in_order(name)), written))
            return replace(expression, names=tuple(kept))
        case All(parts):
            return All(tuple(_without_absent_names(part, written, holds) for part in parts))
        case Either(parts):
            return Either(tuple(_without_absent_names(part, written, holds) for part in parts))
        case _:
            return expression


def _reason(column: str, marked: str) -> TextReason:
    return TextReason(column, COLUMN_LABELS[column], tuple(_parts(_shown(column, marked))))


def _shown(column: str, marked: str) -> str:
    """Return a field as one line.

    Prose loses the registry's escapes; a list keeps the values that were found.
    """
    marked = _MARKED.sub(lambda match: match[0].replace("\n", f"{CLOSE}\n{OPEN}"), marked)
    if column in PROSE:
        return " ".join(_ESCAPED.sub(r"\1", marked).split())
    values = [value for value in marked.split("\n") if OPEN in value]
    if column == "title":
        return max(values, key=lambda value: len(set(_MARKED.findall(value.lower()))))
    return "; ".join(values[:_MOST_VALUES])


def _parts(snippet: str) -> Iterator[Part]:
    for place, piece in enumerate(_MARKED.split(snippet)):
        if piece := piece.replace(OPEN, "").replace(CLOSE, ""):
            yield Part(piece, is_marked=place % 2 == 1)


def _sought(expression: Expression) -> Iterator[_Sought]:
    match expression:
        case SearchTerm(words=words):
            yield _Sought(_needles([words]))
        case Words(terms):
            yield _Sought(_needles(term.words for term in terms))
        case Widened(terms, _, names):
            yield _Sought(_needles(term.words for term in terms), _needles(map(words_in_order, names)))
        case All(parts) | Either(parts):
            for part in parts:
                yield from _sought(part)
        case Without(kept, _):
            yield from _sought(kept)


def _needles(phrases: Iterable[Sequence[str]]) -> tuple[Needle, ...]:
    return tuple(Needle.of(words) for words in phrases)


def _without_exclusions(expression: Expression) -> Expression:
    """Drop the words that a trial must not contain; only the others are marked."""
    match expression:
        case All(parts):
            return All(tuple(map(_without_exclusions, parts)))
        case Either(parts):
            return Either(tuple(map(_without_exclusions, parts)))
        case Without(kept, _):
            return _without_exclusions(kept)
        case _:
            return expression
