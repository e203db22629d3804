"""Makes what the search box offers from the tables and the facet postings, all of it at once."""

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import Engine, delete, func, select, text
from sqlmodel import Session, col

from app.database import reading, writing
from app.ingest.bulk import insert_rows
from app.ingest.rows import Row
from app.models import (
    ConceptName,
    Condition,
    FacetPosting,
    Intervention,
    Suggestion,
    Trial,
    TrialIntervention,
)
from app.search.catalogue import data_version
from app.search.spelling import words_of
from app.search.suggest import KINDS, first_id, suggested_version, trials_found, words_to_search
from app.vocabulary import NOT_STATED

_DRUG_TYPES = ("drug", "biological", "combination-product", "dietary-supplement", "genetic", "radiation")
_LONGEST_DRUG = 60
"""Letters; what is longer is a regimen told in words."""
_COUNTED_DRUGS = 5_000
"""Those of the most trials: counting them when they are shown would take long."""
_COUNTED_ACRONYMS = 200
_CHUNK = 5_000

_INDEX = (
    text("INSERT INTO suggestion_text (suggestion_text) VALUES ('rebuild')"),
    text("DELETE FROM suggestion_word"),
    text("INSERT INTO suggestion_word SELECT term, doc FROM suggestion_text_words"),
    text("DELETE FROM suggestion_text_version"),
)
_SET_VERSION = text("INSERT INTO suggestion_text_version VALUES (:version)")


def refresh_suggestions(engine: Engine) -> None:
    """Make the suggestions anew if trials have changed since they were made."""
    with reading(engine) as session:
        is_current = suggested_version(session) == data_version(session)
    if not is_current:
        with writing(engine) as session:
            rebuild_suggestions(session)


def rebuild_suggestions(session: Session) -> None:
    session.execute(delete(Suggestion))
    for kind, rows in zip(KINDS, (_conditions, _drugs, _sponsors, _acronyms), strict=True):
        _insert(session, kind, rows(session))
    for statement in _INDEX:
        session.execute(statement)
    session.execute(_SET_VERSION, {"version": data_version(session)})


def _insert(session: Session, kind: str, rows: Iterator[Row]) -> None:
    numbered = ({"id": id_, "kind": kind, **row} for id_, row in enumerate(rows, start=first_id(kind)))
    while chunk := list(islice(numbered, _CHUNK)):
        insert_rows(session, Suggestion, chunk)


def _conditions(session: Session) -> Iterator[Row]:
    names = (
        select(col(ConceptName.mesh_id), func.group_concat(col(ConceptName.text), "\n").label("names"))
        .group_by(col(ConceptName.mesh_id))
        .subquery()
    )
    found = (
        select(col(Condition.slug), col(Condition.name), names.c.names)
        .join(FacetPosting, col(FacetPosting.value) == col(Condition.slug))
        .outerjoin(names, names.c.mesh_id == col(Condition.mesh_id))
        .where(col(FacetPosting.facet) == "condition", col(Condition.slug) != NOT_STATED)
        .order_by(col(FacetPosting.count).desc(), col(Condition.slug))
    )
    for slug, label, others in session.execute(found):
        yield _row(label, slug, (others or "").split("\n"))


def _sponsors(session: Session) -> Iterator[Row]:
    found = (
        select(col(FacetPosting.value), col(FacetPosting.label))
        .where(col(FacetPosting.facet) == "sponsor", col(FacetPosting.value) != NOT_STATED)
        .order_by(col(FacetPosting.count).desc(), col(FacetPosting.value))
    )
    return (_row(label, slug) for slug, label in session.execute(found))


def _drugs(session: Session) -> Iterator[Row]:
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
    seen: set[frozenset[str]] = set()
    for name in session.execute(found).scalars():
        q = words_to_search(name)
        words = frozenset(words_of(q))
        if words and words not in seen:
            yield _row(name, q, count=trials_found(session, q) if len(seen) < _COUNTED_DRUGS else None)
            seen.add(words)


def _acronyms(session: Session) -> Iterator[Row]:
    name, trials = func.min(col(Trial.acronym)), func.count()
    found = (
        select(name, trials, func.min(col(Trial.registry_id)))
        .where(col(Trial.acronym).is_not(None))
        .group_by(func.lower(col(Trial.acronym)))
        .order_by(trials.desc(), func.lower(col(Trial.acronym)))
    )
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
