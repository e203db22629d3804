"""Keeps what the search box offers up to date with the tables and the facet postings.

After many changes all suggestions are rebuilt, after a few only those that the changes affect.

Which suggestions there are, and what they say, depends on the trials alone. Their order by number of trials, and which
of them carry a count, date from the last full rebuild.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlmodel import Session, col

from app.database.bulk import Row, chunks, insert_rows
from app.database.sql import listed
from app.index.revision import current_revision
from app.index.suggestion_ids import KINDS, first_id, last_id, suggested_revision, words_to_search
from app.index.words import words_of
from app.ingest.derived.suggested import acronyms, conditions, counted, drugs, sponsors
from app.models import FacetPosting, Suggestion, Trial, table_of
from app.search.suggest.offers import trials_found

_REBUILD_ABOVE_ONE_IN = 20
"""All suggestions are rebuilt, in their new order, when more than one in so many trials has changed."""
_CHUNK = 5_000

_INDEX_ALL = text("INSERT INTO suggestion_text (suggestion_text) VALUES ('rebuild')")
_INDEX = text("INSERT INTO suggestion_text (rowid, names) SELECT id, names FROM suggestion WHERE id = :id")
_UNINDEX = text("INSERT INTO suggestion_text (suggestion_text, rowid, names) VALUES ('delete', :id, :names)")
_LEARN_WORDS = (
    text("DELETE FROM suggestion_word"),
    text("INSERT INTO suggestion_word SELECT term, doc FROM suggestion_text_words"),
)
_MADE_IN = text("SELECT made_in FROM suggestion_text_version")
_SET_VERSION = (
    text("DELETE FROM suggestion_text_version"),
    text("INSERT INTO suggestion_text_version (data_version, made_in) VALUES (:version, :made_in)"),
)
_HOLDING = text(
    "SELECT suggestion.id, suggestion.value "
    "FROM suggestion_text JOIN suggestion ON suggestion.id = suggestion_text.rowid "
    "WHERE suggestion_text MATCH :words AND suggestion_text.rowid BETWEEN :first AND :last"
)


@dataclass(frozen=True)
class DueSuggestions:
    """The suggestions that may have changed."""

    conditions: Sequence[str]
    drugs: Sequence[str]
    """The search words of drugs, in their standard form."""
    sponsors: Sequence[str]
    acronyms: Sequence[str]
    """In lower case."""
    since: int
    """The revision of the present suggestions: postings may have changed since then."""


def are_current(session: Session) -> bool:
    return suggested_revision(session) == current_revision(session)


def are_due(session: Session) -> bool:
    """Tell whether so much has changed since the last full rebuild that another one is due."""
    made_in = _made_in(session)
    count = select(func.count()).select_from(Trial)
    changed: int = session.execute(count.where(col(Trial.changed_in) > made_in)).scalar_one()
    return not made_in or changed * _REBUILD_ABOVE_ONE_IN > session.execute(count).scalar_one()


def rebuild_suggestions(session: Session) -> None:
    session.execute(delete(Suggestion))
    all_drugs = counted(session, drugs(session))
    of_kinds = (conditions(session), all_drugs, sponsors(session), acronyms(session))
    for kind, rows in zip(KINDS, of_kinds, strict=True):
        _insert(session, kind, rows)
    session.execute(_INDEX_ALL)
    _finish(session, current_revision(session))


def renew_suggestions(session: Session, due: DueSuggestions) -> None:
    """Update the suggestions that are due; existing ones keep their place, new ones follow the others of their kind."""
    posted = {facet: _changed_values(session, facet, due.since) for facet in ("condition", "sponsor")}
    of_conditions = sorted({*due.conditions, *posted["condition"]})
    of_sponsors = sorted({*due.sponsors, *posted["sponsor"]})
    for kind, stored, rows in (
        ("condition", _by_value(session, "condition", of_conditions), conditions(session, of_conditions)),
        ("drug", _by_words(session, due.drugs), drugs(session, due.drugs)),
        ("sponsor", _by_value(session, "sponsor", of_sponsors), sponsors(session, of_sponsors)),
        ("acronym", _by_acronym(session, due.acronyms), acronyms(session, due.acronyms)),
    ):
        _replace(session, kind, stored, {_key(kind, row): row for row in rows})
    _count_again(session)
    _finish(session, _made_in(session))


def _made_in(session: Session) -> int:
    """Return the revision of the last full rebuild."""
    return session.execute(_MADE_IN).scalar_one_or_none() or 0


def _finish(session: Session, made_in: int) -> None:
    for statement in _LEARN_WORDS:
        session.execute(statement)
    for statement in _SET_VERSION:
        session.execute(statement, {"version": current_revision(session), "made_in": made_in})


def _changed_values(session: Session, facet: str, since: int) -> list[str]:
    """Return the values whose trials or whose name have changed since a revision."""
    changed = select(col(FacetPosting.value)).where(
        col(FacetPosting.facet) == facet, col(FacetPosting.changed_in) > since
    )
    return list(session.execute(changed).scalars())


def _key(kind: str, row: Row) -> str:
    """Return the key that identifies a suggestion among its kind."""
    if kind == "drug":
        return " ".join(sorted(set(words_of(str(row["value"])))))
    return _lower(str(row["label"])) if kind == "acronym" else str(row["value"])


def _lower(acronym: str) -> str:
    """Lower-case the letters that SQLite does: those of ASCII."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in acronym)


def _by_value(session: Session, kind: str, values: Sequence[str]) -> dict[str, int]:
    found = select(col(Suggestion.value), col(Suggestion.id)).where(
        col(Suggestion.kind) == kind, col(Suggestion.value).in_(listed(values))
    )
    return dict(session.execute(found).all()) if values else {}


def _by_words(session: Session, of_words: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for drug in filter(None, of_words):
        asked = {
            "words": " AND ".join(f'"{word}"' for word in drug.split()),
            "first": first_id("drug"),
            "last": last_id("drug"),
        }
        holding = session.execute(_HOLDING, asked)
        same = (id_ for id_, value in holding if _key("drug", {"value": value}) == drug)
        found.update((drug, id_) for id_ in same)
    return found


def _by_acronym(session: Session, of_lower: Sequence[str]) -> dict[str, int]:
    lower = func.lower(col(Suggestion.label))
    found = select(lower, col(Suggestion.id)).where(
        col(Suggestion.kind) == "acronym", lower.in_(listed(of_lower))
    )
    return dict(session.execute(found).all()) if of_lower else {}


def _replace(session: Session, kind: str, stored: dict[str, int], rows: dict[str, Row]) -> None:
    """Replace the stored suggestions that have the same key as a row; delete those that have no row any more."""
    before = {
        id_: {"names": names, "label": label, "value": value}
        for ids in chunks(stored.values())
        for id_, names, label, value in session.execute(
            select(
                col(Suggestion.id), col(Suggestion.names), col(Suggestion.label), col(Suggestion.value)
            ).where(col(Suggestion.id).in_(ids))
        )
    }
    for key, id_ in stored.items():
        now = rows.pop(key, None)
        if now and kind != "acronym" and all(now[column] == value for column, value in before[id_].items()):
            continue
        session.execute(_UNINDEX, {"id": id_, "names": before[id_]["names"]})
        if now is None:
            session.execute(delete(Suggestion).where(col(Suggestion.id) == id_))
        else:
            values = {column: now[column] for column in before[id_]}
            if kind == "acronym":
                values["count"] = now["count"]
            session.execute(update(Suggestion).where(col(Suggestion.id) == id_).values(values))
            session.execute(_INDEX, {"id": id_})
    for id_ in _insert(session, kind, rows.values()):
        session.execute(_INDEX, {"id": id_})


def _insert(session: Session, kind: str, rows: Iterable[Row]) -> range:
    """Add suggestions after the others of the kind, and return their ids."""
    of_kind = col(Suggestion.id).between(first_id(kind), last_id(kind))
    last = session.execute(select(func.max(Suggestion.id)).where(of_kind)).scalar() or first_id(kind) - 1
    numbered: Iterator[Row] = (
        {"id": id_, "kind": kind, **row} for id_, row in enumerate(rows, start=last + 1)
    )
    inserted = 0
    while chunk := list(islice(numbered, _CHUNK)):
        insert_rows(session, Suggestion, chunk)
        inserted += len(chunk)
    return range(last + 1, last + 1 + inserted)


def _count_again(session: Session) -> None:
    counted = select(col(Suggestion.id), col(Suggestion.label), col(Suggestion.value)).where(
        col(Suggestion.count).is_not(None)
    )
    rows = [
        {"key_id": id_, "count": trials_found(session, value or words_to_search(label))}
        for id_, label, value in session.execute(counted)
    ]
    if rows:
        suggestion = table_of(Suggestion)
        session.connection().execute(update(suggestion).where(suggestion.c.id == bindparam("key_id")), rows)
