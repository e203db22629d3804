"""Keeps what the search box offers: made from the tables and the facet postings, all of it after many changes, and
what is new after a few.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Engine, ScalarSelect, bindparam, delete, func, select, text, update
from sqlmodel import Session, col

from app.database import reading, writing
from app.ingest.bulk import insert_rows
from app.ingest.rows import Row
from app.models import (
    ConceptName,
    Condition,
    DataVersion,
    FacetPosting,
    Intervention,
    Suggestion,
    Trial,
    TrialIntervention,
    table_of,
)
from app.search.catalogue import data_version
from app.search.spelling import words_of
from app.search.suggest import KINDS, first_id, last_id, suggested_version, trials_found, words_to_search
from app.sql import listed
from app.vocabulary import NOT_STATED

_DRUG_TYPES = ("drug", "biological", "combination-product", "dietary-supplement", "genetic", "radiation")
_LONGEST_DRUG = 60
"""Letters; what is longer is a regimen told in words."""
_COUNTED_DRUGS = 300
"""Those of the most trials: counting them when they are shown would take long."""
_COUNTED_ACRONYMS = 100
_A_LITTLE = 20
"""One in so many trials: when more have changed, the places by number of trials are given anew."""
_CHUNK = 5_000

_INDEX_ALL = text("INSERT INTO suggestion_text (suggestion_text) VALUES ('rebuild')")
_INDEX = text("INSERT INTO suggestion_text (rowid, names) SELECT id, names FROM suggestion WHERE id = :id")
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
    "SELECT suggestion.value FROM suggestion_text JOIN suggestion ON suggestion.id = suggestion_text.rowid "
    "WHERE suggestion_text MATCH :words AND suggestion_text.rowid BETWEEN :first AND :last"
)


def refresh_suggestions(engine: Engine) -> None:
    """Bring the suggestions up to date if trials have changed since they were."""
    with reading(engine) as session:
        since = suggested_version(session)
        is_current = since == data_version(session)
    if not is_current:
        with writing(engine) as session:
            if _is_much(session, since):
                rebuild_suggestions(session)
            else:
                _add_new(session, since)


def rebuild_suggestions(session: Session) -> None:
    session.execute(delete(Suggestion))
    of_kinds = (_conditions(session), _drugs(session), _sponsors(session), _acronyms(session))
    for kind, rows in zip(KINDS, of_kinds, strict=True):
        _insert(session, kind, rows)
    session.execute(_INDEX_ALL)
    _finish(session, data_version(session))


def _is_much(session: Session, since: int) -> bool:
    """So much has changed since all of them were made, or names may be others."""
    made_in = session.execute(_MADE_IN).scalar_one_or_none() or 0
    rebuilt_in = session.execute(select(col(DataVersion.rebuilt_in))).scalar_one_or_none() or 0
    count = select(func.count()).select_from(Trial)
    changed: int = session.execute(count.where(col(Trial.changed_in) > made_in)).scalar_one()
    return not made_in or rebuilt_in > since or changed * _A_LITTLE > session.execute(count).scalar_one()


def _add_new(session: Session, since: int) -> None:
    """Names that no trial had before, behind those of their kind; counts that are kept are counted again. Further
    names of what was there come when all are made.
    """
    made_in = session.execute(_MADE_IN).scalar_one()
    _count_again(session)
    changed = select(col(Trial.id)).where(col(Trial.changed_in) > since).scalar_subquery()
    of_kinds = (
        _unknown(session, "condition", _conditions(session, since)),
        _unknown_drugs(session, _drugs(session, changed)),
        _unknown(session, "sponsor", _sponsors(session, since)),
        _unknown_acronyms(session, list(_acronyms(session, changed))),
    )
    for kind, rows in zip(KINDS, of_kinds, strict=True):
        for id_ in _insert(session, kind, list(rows)):
            session.execute(_INDEX, {"id": id_})
    _finish(session, made_in)


def _finish(session: Session, made_in: int) -> None:
    for statement in _LEARN_WORDS:
        session.execute(statement)
    for statement in _SET_VERSION:
        session.execute(statement, {"version": data_version(session), "made_in": made_in})


def _insert(session: Session, kind: str, rows: Iterable[Row]) -> range:
    """Behind those of the kind; returns the new ids."""
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


def _unknown(session: Session, kind: str, rows: Iterator[Row]) -> list[Row]:
    new = {str(row["value"]): row for row in rows}
    found = select(col(Suggestion.value)).where(
        col(Suggestion.kind) == kind, col(Suggestion.value).in_(listed(list(new)))
    )
    for value in session.execute(found).scalars():
        new.pop(value, None)
    return list(new.values())


def _unknown_drugs(session: Session, rows: Iterator[Row]) -> list[Row]:
    """One name in another order of its words is the same."""
    return [row for row in rows if not _is_known_drug(session, words_of(str(row["value"])))]


def _is_known_drug(session: Session, words: list[str]) -> bool:
    asked = {
        "words": " AND ".join(f'"{word}"' for word in words),
        "first": first_id("drug"),
        "last": last_id("drug"),
    }
    return any(set(words_of(value)) == set(words) for value in session.execute(_HOLDING, asked).scalars())


def _unknown_acronyms(session: Session, rows: list[Row]) -> list[Row]:
    """Of one that is known, where it leads and how many trials have it may be new."""
    acronyms = {str(row["label"]).lower(): row for row in rows}
    lower = func.lower(col(Suggestion.label))
    found = select(col(Suggestion.id), lower).where(
        col(Suggestion.kind) == "acronym", lower.in_(listed(list(acronyms)))
    )
    known = {acronym: id_ for id_, acronym in session.execute(found)}
    for acronym, id_ in known.items():
        row = acronyms.pop(acronym)
        session.execute(
            update(Suggestion).where(col(Suggestion.id) == id_).values(value=row["value"], count=row["count"])
        )
    return list(acronyms.values())


def _conditions(session: Session, since: int = -1) -> Iterator[Row]:
    """Those that trials have, of which the number of trials has changed since a version."""
    names = (
        select(col(ConceptName.mesh_id), func.group_concat(col(ConceptName.text), "\n").label("names"))
        .group_by(col(ConceptName.mesh_id))
        .subquery()
    )
    found = (
        select(col(Condition.slug), col(Condition.name), names.c.names)
        .join(FacetPosting, col(FacetPosting.value) == col(Condition.slug))
        .outerjoin(names, names.c.mesh_id == col(Condition.mesh_id))
        .where(
            col(FacetPosting.facet) == "condition",
            col(FacetPosting.count) > 0,
            col(FacetPosting.changed_in) > since,
            col(Condition.slug) != NOT_STATED,
        )
        .order_by(col(FacetPosting.count).desc(), col(Condition.slug))
    )
    for slug, label, others in session.execute(found):
        yield _row(label, slug, (others or "").split("\n"))


def _sponsors(session: Session, since: int = -1) -> Iterator[Row]:
    found = (
        select(col(FacetPosting.value), col(FacetPosting.label))
        .where(
            col(FacetPosting.facet) == "sponsor",
            col(FacetPosting.count) > 0,
            col(FacetPosting.changed_in) > since,
            col(FacetPosting.value) != NOT_STATED,
        )
        .order_by(col(FacetPosting.count).desc(), col(FacetPosting.value))
    )
    return (_row(label, slug) for slug, label in session.execute(found))


def _drugs(session: Session, of_trials: ScalarSelect[int | None] | None = None) -> Iterator[Row]:
    trials = func.count(col(TrialIntervention.trial_id).distinct())
    found = (
        select(col(Intervention.name))
        .join(TrialIntervention, col(TrialIntervention.intervention_id) == col(Intervention.id))
        .where(
            col(TrialIntervention.type).in_(_DRUG_TYPES), func.length(col(Intervention.name)) <= _LONGEST_DRUG
        )
        .group_by(col(Intervention.id))
        .order_by(trials.desc(), col(Intervention.slug))
    )
    if of_trials is not None:
        found = found.where(col(TrialIntervention.trial_id).in_(of_trials))
    seen: set[frozenset[str]] = set()
    for name in session.execute(found).scalars():
        q = words_to_search(name)
        words = frozenset(words_of(q))
        if words and words not in seen:
            is_counted = of_trials is None and len(seen) < _COUNTED_DRUGS
            yield _row(name, q, count=trials_found(session, q) if is_counted else None)
            seen.add(words)


def _acronyms(session: Session, of_trials: ScalarSelect[int | None] | None = None) -> Iterator[Row]:
    name, lower, trials = func.min(col(Trial.acronym)), func.lower(col(Trial.acronym)), func.count()
    found = (
        select(name, trials, func.min(col(Trial.registry_id)))
        .where(col(Trial.acronym).is_not(None))
        .group_by(lower)
        .order_by(trials.desc(), lower)
    )
    if of_trials is not None:
        found = found.where(lower.in_(select(lower).where(col(Trial.id).in_(of_trials))))
    for place, (acronym, count, registry_id) in enumerate(session.execute(found)):
        if count == 1:
            yield _row(acronym, registry_id)
        elif q := words_to_search(acronym):
            yield _row(acronym, "", count=trials_found(session, q) if place < _COUNTED_ACRONYMS else None)


def _row(label: str, value: str, others: list[str] | None = None, count: int | None = None) -> Row:
    """A suggestion without its place; of other names the shortest first, which is the one that a reader knows."""
    label = " ".join(label.split())
    names = {" ".join(name.split()) for name in others or ()} - {"", label}
    return {
        "names": "\n".join([label, *sorted(names, key=lambda name: (len(name), name))]),
        "label": label,
        "value": value,
        "count": count,
    }
