"""Calls each condition by the name that the trials' own records use most, where they agree on one."""

from collections import Counter, defaultdict

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from app.concepts.supplement import SUPPLEMENT
from app.ingest.data_version import mark_rebuilt
from app.models import Concept, ConceptName, Condition, FacetPosting, TrialCondition, table_of
from app.search.conditions import slug_of
from app.search.facets import EXACT_CONDITION

_SUPPLEMENT = {(slug_of(name), mesh_id) for name, mesh_id in SUPPLEMENT}
"""Good to be found by, not to be called by."""
_FEW = 3
"""So many trials at least must use a name for it to take the place of MeSH's own."""


def relabel(session: Session) -> None:
    """Comes after the data version is moved on."""
    uses = _uses(session)
    labels = []
    for mesh_id, names in _names(session, set(uses)).items():
        counts = Counter({text: uses[mesh_id][slug] for slug, text in names.items() if slug in uses[mesh_id]})
        if counts and counts.most_common(1)[0][1] >= _FEW:
            text, _ = min(counts.items(), key=lambda item: (-item[1], item[0]))
            labels.append({"key_mesh_id": mesh_id, "label": text})
    if labels:
        concept = table_of(Concept)
        session.connection().execute(
            update(concept).where(concept.c.mesh_id == bindparam("key_mesh_id")), labels
        )
    _carry_on(session)
    mark_rebuilt(session)


def _uses(session: Session) -> dict[str, Counter[str]]:
    """How many trials state a condition by a name that is all of what they state, by MeSH id and slug."""
    stated = (
        select(col(Condition.mesh_id), col(TrialCondition.words), func.count())
        .join_from(TrialCondition, Condition, col(TrialCondition.condition_id) == col(Condition.id))
        .where(col(TrialCondition.source) == "stated", col(TrialCondition.manner).in_(("name", "synonym")))
        .group_by(col(Condition.mesh_id), col(TrialCondition.words))
    )
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for mesh_id, words, count in session.execute(stated):
        if mesh_id:
            uses[mesh_id][slug_of(words)] += count
    return uses


def _names(session: Session, mesh_ids: set[str]) -> dict[str, dict[str, str]]:
    """The names in natural order, by MeSH id and slug."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    rows = select(col(ConceptName.mesh_id), col(ConceptName.slug), col(ConceptName.text)).where(
        col(ConceptName.kind).in_(("name", "synonym")), ~col(ConceptName.text).contains(",")
    )
    for mesh_id, slug, text in session.execute(rows):
        if mesh_id in mesh_ids and (slug, mesh_id) not in _SUPPLEMENT:
            names[mesh_id][slug] = text
    return names


def _carry_on(session: Session) -> None:
    """Where the label is stored besides."""
    label = select(col(Concept.label)).where(col(Concept.mesh_id) == col(Condition.mesh_id)).scalar_subquery()
    known = col(Condition.mesh_id).in_(select(col(Concept.mesh_id)))
    session.execute(update(Condition).where(known).values(name=label))
    name = select(col(Condition.name)).where(col(Condition.slug) == col(FacetPosting.value)).scalar_subquery()
    session.execute(
        update(FacetPosting)
        .where(
            col(FacetPosting.facet).in_(("condition", EXACT_CONDITION.name)),
            col(FacetPosting.value).in_(select(col(Condition.slug))),
        )
        .values(label=name)
    )
