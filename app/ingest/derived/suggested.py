"""Builds what the search box offers from the tables and the facet postings: diseases, drugs, sponsors and acronyms.

Each function yields all suggestions of a kind, or those that are asked for; those with the most trials come first.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.database.bulk import Row
from app.database.sql import listed
from app.index.suggestion_ids import words_to_search
from app.models import ConceptName, Condition, FacetPosting, InterventionName, Trial, TrialIntervention
from app.record.code_lists import NOT_STATED
from app.search.suggest.offers import trials_found

_DRUG_TYPES = ("drug", "biological", "combination-product", "dietary-supplement", "genetic", "radiation")
_LONGEST_DRUG = 60
"""Letters; a longer name is a whole regimen in words."""
_COUNTED_DRUGS = 300
"""The drugs with the most trials: counting them when they are shown would take long."""
_COUNTED_ACRONYMS = 100


def conditions(session: Session, slugs: Sequence[str] | None = None) -> Iterator[Row]:
    """Yield the conditions that trials have, or only those with the given slugs."""
    found = (
        select(col(Condition.slug), col(Condition.name), col(Condition.mesh_id))
        .join(FacetPosting, col(FacetPosting.value) == col(Condition.slug))
        .where(
            col(FacetPosting.facet) == "condition",
            col(FacetPosting.count) > 0,
            col(Condition.slug) != NOT_STATED,
        )
        .order_by(col(FacetPosting.count).desc(), col(Condition.slug))
    )
    if slugs is not None:
        found = found.where(col(Condition.slug).in_(listed(slugs)))
    rows = session.execute(found).all()
    names = _names(session, [mesh_id for _, _, mesh_id in rows if mesh_id])
    for slug, label, mesh_id in rows:
        yield _row(label, slug, names.get(mesh_id, ()))


def _names(session: Session, mesh_ids: Sequence[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    found = select(col(ConceptName.mesh_id), col(ConceptName.text)).where(
        col(ConceptName.mesh_id).in_(listed(mesh_ids))
    )
    for mesh_id, name in session.execute(found):
        names.setdefault(mesh_id, []).append(name)
    return names


def sponsors(session: Session, slugs: Sequence[str] | None = None) -> Iterator[Row]:
    found = (
        select(col(FacetPosting.value), col(FacetPosting.label))
        .where(
            col(FacetPosting.facet) == "sponsor",
            col(FacetPosting.count) > 0,
            col(FacetPosting.value) != NOT_STATED,
        )
        .order_by(col(FacetPosting.count).desc(), col(FacetPosting.value))
    )
    if slugs is not None:
        found = found.where(col(FacetPosting.value).in_(listed(slugs)))
    return (_row(label, slug) for slug, label in session.execute(found))


def drugs(session: Session, of_words: Sequence[str] | None = None) -> Iterator[Row]:
    """Yield each drug once: of the names with the same search words, the one that most trials use."""
    trials = func.count(col(TrialIntervention.trial_id).distinct())
    found = (
        select(col(InterventionName.name), col(InterventionName.search_words))
        .join(TrialIntervention, col(TrialIntervention.intervention_id) == col(InterventionName.id))
        .where(
            col(TrialIntervention.type).in_(_DRUG_TYPES),
            func.length(col(InterventionName.name)) <= _LONGEST_DRUG,
            col(InterventionName.search_words) != "",
        )
        .group_by(col(InterventionName.id))
        .order_by(trials.desc(), col(InterventionName.slug))
    )
    if of_words is not None:
        found = found.where(col(InterventionName.search_words).in_(listed(of_words)))
    seen: set[str] = set()
    for name, words in session.execute(found):
        if words not in seen:
            yield _row(name, words_to_search(name))
            seen.add(words)


def counted(session: Session, rows: Iterator[Row]) -> Iterator[Row]:
    """Count the trials that a search finds for each of the most frequent drugs."""
    for row in islice(rows, _COUNTED_DRUGS):
        yield row | {"count": trials_found(session, str(row["value"]))}
    yield from rows


def acronyms(session: Session, of_lower: Sequence[str] | None = None) -> Iterator[Row]:
    name, lower, trials = func.min(col(Trial.acronym)), func.lower(col(Trial.acronym)), func.count()
    found = (
        select(name, trials, func.min(col(Trial.registry_id)))
        .where(col(Trial.acronym).is_not(None))
        .group_by(lower)
        .order_by(trials.desc(), lower)
    )
    if of_lower is not None:
        found = found.where(lower.in_(listed(of_lower)))
    for place, (acronym, count, registry_id) in enumerate(session.execute(found)):
        if count == 1:
            yield _row(acronym, registry_id)
        elif q := words_to_search(acronym):
            yield _row(acronym, "", count=trials_found(session, q) if place < _COUNTED_ACRONYMS else None)


def _row(label: str, value: str, others: Iterable[str] = (), count: int | None = None) -> Row:
    """Return a suggestion without its id.

    Of its other names the shortest comes first, which is the one that a reader knows.
    """
    label = " ".join(label.split())
    names = {" ".join(name.split()) for name in others} - {"", label}
    return {
        "names": "\n".join([label, *sorted(names, key=lambda name: (len(name), name))]),
        "label": label,
        "value": value,
        "count": count,
    }
