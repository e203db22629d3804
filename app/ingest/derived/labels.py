"""Chooses the names of conditions, interventions and sponsors: those that the trials' own records use most."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import bindparam, select, text, update
from sqlmodel import Session, col

from app.conditions.names.supplement import SUPPLEMENT
from app.database.sql import driver_rows, listed
from app.index.facets import EXACT_CONDITION
from app.index.posting_names import of_unlisted
from app.index.revision import current_revision
from app.index.suggestion_ids import words_to_search
from app.index.words import words_of
from app.ingest.write.due import CONDITION, INTERVENTION, SPONSOR
from app.models import Concept, ConceptName, Condition, FacetPosting, InterventionName, SponsorName, table_of
from app.text.slugs import slug_of

_SUPPLEMENT = {(slug_of(name), mesh_id) for name, mesh_id in SUPPLEMENT}
"""Names that help to find a concept, but that must not become its label."""
_FEWEST_TRIALS = 3
"""The number of trials that must use a name before it takes the place of MeSH's own."""

Slugs = Sequence[str] | None
"""The slugs of names; None for all."""

_STATED = (
    "SELECT slug, words, count(*) FROM condition CROSS JOIN trial_condition ON condition_id = id "
    "WHERE source = 'stated' AND manner IN ('name', 'synonym') {of_slugs} GROUP BY id, words"
)
"""The WHERE clause repeats that of the index `ix_trial_condition_stated` word for word, so that SQLite uses it."""
_WRITTEN = {
    INTERVENTION: (
        "SELECT slug, words, count(*) FROM intervention CROSS JOIN trial_intervention ON intervention_id = id "
        "WHERE words IS NOT NULL {of_slugs} GROUP BY id, words"
    ),
    SPONSOR: (
        "SELECT slug, words, count(*) FROM sponsor CROSS JOIN trial_sponsor ON sponsor_id = id "
        "WHERE words != '' {of_slugs} GROUP BY id, words"
    ),
}
_OF_SLUGS = "AND slug IN (SELECT value FROM json_each(:slugs))"


def relabel_conditions(session: Session, slugs: Slugs) -> None:
    """Name conditions as most of the trials that state them do, wherever the label is stored.

    A concept keeps its own label unless at least three trials use the same name of it.
    """
    labels = labels_of_conditions(session, slugs)
    _relabel_concepts(session, labels)
    _rename(session, Condition, {slug: {"name": label} for slug, label in labels.items()}, slugs)
    for facet in (CONDITION, EXACT_CONDITION.name):
        _relabel_postings(session, facet, Condition, slugs)


def relabel_sponsors(session: Session, slugs: Slugs) -> None:
    """Name sponsors as most of their trials do."""
    names = names_written(session, SPONSOR, slugs)
    _rename(session, SponsorName, {slug: {"name": name} for slug, name in names.items()}, slugs)
    _relabel_postings(session, SPONSOR, SponsorName, slugs)


def relabel_interventions(session: Session, slugs: Slugs) -> set[str]:
    """Name interventions as most of their trials do, and return the search words that this changed.

    The result contains both the former and the present search words.
    """
    names = names_written(session, INTERVENTION, slugs)
    values = {slug: {"name": name, "search_words": search_words(name)} for slug, name in names.items()}
    changed = _rename(session, InterventionName, values, slugs)
    return {str(row["search_words"]) for row in changed}


def labels_of_conditions(session: Session, slugs: Slugs) -> dict[str, str]:
    """Return the labels of conditions by slug, both of concepts and of conditions that are not concepts."""
    uses = _counted(session, _STATED, slugs)
    labels = {slug: _most_used(counts) for slug, counts in uses.items()}
    return labels | dict(_labels_of_concepts(session, uses, slugs))


def names_written(session: Session, kind: str, slugs: Slugs) -> dict[str, str]:
    """Return by slug the names that most trials use for interventions or sponsors."""
    uses = _counted(session, _WRITTEN[kind], slugs)
    return {slug: _most_used(counts) for slug, counts in uses.items()}


def search_words(name: str) -> str:
    """Return the search words of a name in a standard form: names with the same words are one suggestion."""
    return " ".join(sorted(set(words_of(words_to_search(name)))))


def _counted(session: Session, statement: str, slugs: Slugs) -> dict[str, Counter[str]]:
    """Count by slug how many trials use each spelling of a name."""
    of_slugs = "" if slugs is None else _OF_SLUGS
    asked = text(statement.format(of_slugs=of_slugs))
    if slugs is not None:
        asked = asked.bindparams(slugs=orjson.dumps(slugs).decode())
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for slug, words, count in driver_rows(session, asked):
        uses[slug][words] += count
    return uses


def _most_used(counts: Counter[str]) -> str:
    """Return the name that most trials use; among equals, prefer one that is not all in capitals."""
    return min(counts.items(), key=lambda item: (-item[1], item[0].isupper(), item[0]))[0]


def _labels_of_concepts(
    session: Session, uses: dict[str, Counter[str]], slugs: Slugs
) -> Iterator[tuple[str, str]]:
    """Yield (slug, label) of concepts."""
    concepts = select(col(Concept.slug), col(Concept.mesh_id), col(Concept.own_label))
    if slugs is not None:
        concepts = concepts.where(col(Concept.slug).in_(listed(slugs)))
    found = [tuple(row) for row in session.execute(concepts)]
    names = _names(session, [mesh_id for slug, mesh_id, _ in found if slug in uses])
    for slug, mesh_id, own_label in found:
        by_slug: Counter[str] = Counter()
        for words, count in uses.get(slug, Counter[str]()).items():
            by_slug[slug_of(words)] += count
        counts = Counter(
            {
                name: by_slug[own]
                for own, name in names.get(mesh_id, {}).items()
                if by_slug[own] >= _FEWEST_TRIALS
            }
        )
        yield slug, _most_used(counts) if counts else own_label


def _names(session: Session, mesh_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the names of concepts in natural word order, by MeSH id and slug."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    rows = select(col(ConceptName.mesh_id), col(ConceptName.slug), col(ConceptName.text)).where(
        col(ConceptName.kind).in_(("name", "synonym")),
        ~col(ConceptName.text).contains(","),
        col(ConceptName.mesh_id).in_(listed(mesh_ids)),
    )
    for mesh_id, slug, name in session.execute(rows):
        if (slug, mesh_id) not in _SUPPLEMENT:
            names[mesh_id][slug] = name
    return names


def _relabel_concepts(session: Session, labels: dict[str, str]) -> None:
    stored = select(col(Concept.slug), col(Concept.label)).where(col(Concept.slug).in_(listed(list(labels))))
    changed = [
        {"key_slug": slug, "label": labels[slug]}
        for slug, label in session.execute(stored)
        if label != labels[slug]
    ]
    if changed:
        concept = table_of(Concept)
        session.connection().execute(update(concept).where(concept.c.slug == bindparam("key_slug")), changed)


def _rename(
    session: Session,
    model: type[Condition] | type[InterventionName] | type[SponsorName],
    values: dict[str, dict[str, str]],
    slugs: Slugs,
) -> list[dict[str, object]]:
    """Store values by slug where they differ, and return the rows that did, both as they were and as they are."""
    stored = select(model)
    if slugs is not None:
        stored = stored.where(col(model.slug).in_(listed(slugs)))
    before, after = [], []
    for row in session.execute(stored).scalars():
        now = values.get(row.slug, {})
        if any(getattr(row, column) != value for column, value in now.items()):
            before.append(row.model_dump())
            after.append({"id": row.id, **now})
    session.expunge_all()
    if after:
        session.execute(update(model), after)
    return [*before, *after]


def _relabel_postings(
    session: Session, facet: str, model: type[Condition] | type[SponsorName], slugs: Slugs
) -> None:
    """Copy names to the labels of postings, and mark those that change for readers."""
    postings = (
        select(col(FacetPosting.facet), col(FacetPosting.value), col(model.name))
        .join_from(FacetPosting, model, col(model.slug) == col(FacetPosting.value))
        .where(
            col(FacetPosting.facet).in_((facet, of_unlisted(facet))),
            col(FacetPosting.label) != col(model.name),
        )
    )
    if slugs is not None:
        postings = postings.where(col(FacetPosting.value).in_(listed(slugs)))
    revision = current_revision(session)
    changed = [
        {"facet": stored_as, "value": value, "label": name, "changed_in": revision}
        for stored_as, value, name in session.execute(postings)
    ]
    if changed:
        session.execute(update(FacetPosting), changed)
