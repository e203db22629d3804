"""Counts of the terms with which the registry indexes the stored documents.

From these counts follow the concepts that the loaded MeSH lacks, their names, and the concepts above them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import delete, select, text
from sqlmodel import Session, col

from app.conditions.names.same_name import canonical_mesh_id, natural_order
from app.conditions.vocabulary import NewConcept, Vocabulary, named_concept
from app.database.bulk import insert_values
from app.models import RegistryTerm, RegistryTermAbove, table_of
from app.record.trial import MeshTerm as Term
from app.record.trial import Terms
from app.text.slugs import slug_of

_TERM = tuple[str, str]
"""(canonical MeSH id, name)"""

_ADD = text(
    "INSERT INTO registry_term (mesh_id, name, trials) VALUES (:mesh_id, :name, :trials) "
    "ON CONFLICT (mesh_id, name) DO UPDATE SET trials = trials + excluded.trials"
)
_ADD_ABOVE = text(
    "INSERT INTO registry_term_above (mesh_id, name, broader_id, broader_name, trials) "
    "VALUES (:mesh_id, :name, :broader_id, :broader_name, :trials) "
    "ON CONFLICT (mesh_id, name, broader_id, broader_name) DO UPDATE SET trials = trials + excluded.trials"
)


class TermCounts(NamedTuple):
    """Numbers of trials with each term, or changes in these numbers (negative for fewer trials)."""

    terms: "Counter[_TERM]"
    above: "Counter[tuple[_TERM, _TERM]]"
    """Pairs of (the only term that a trial is indexed with, a term above it)."""

    @classmethod
    def none(cls) -> "TermCounts":
        return cls(Counter(), Counter())

    def add(self, terms: Terms, trials: int = 1) -> None:
        """Add the terms of one trial to the counts; `trials=-1` subtracts them."""
        concepts = [_plain(term) for term in terms.concepts]
        ancestors = [_plain(term) for term in terms.ancestors]
        for term in {*concepts, *ancestors}:
            self.terms[term] += trials
        if len(concepts) == 1:
            for higher in set(ancestors):
                self.above[concepts[0], higher] += trials


def _plain(term: Term) -> _TERM:
    return canonical_mesh_id(term.id), term.name


def count_terms(session: Session, changes: TermCounts) -> None:
    """Add changes to the stored counts, and delete the terms that no trial has any more."""
    terms = [
        {"mesh_id": mesh_id, "name": name, "trials": trials}
        for (mesh_id, name), trials in changes.terms.items()
        if trials
    ]
    above = [
        {
            "mesh_id": mesh_id,
            "name": name,
            "broader_id": broader_id,
            "broader_name": broader,
            "trials": trials,
        }
        for ((mesh_id, name), (broader_id, broader)), trials in changes.above.items()
        if trials
    ]
    for statement, rows in ((_ADD, terms), (_ADD_ABOVE, above)):
        if rows:
            session.execute(statement, rows)
    if min((*changes.terms.values(), *changes.above.values()), default=0) < 0:
        session.execute(delete(RegistryTerm).where(col(RegistryTerm.trials) <= 0))
        session.execute(delete(RegistryTermAbove).where(col(RegistryTermAbove.trials) <= 0))


def replace_terms(session: Session, counts: TermCounts) -> None:
    """Replace all stored counts; write nothing if they are the same."""
    if not is_counted(session, counts):
        for model, rows in _rows(counts):
            session.execute(delete(model))
            insert_values(session, model, tuple(model.model_fields), rows)


def is_counted(session: Session, counts: TermCounts) -> bool:
    """Tell whether the stored counts are equal to these."""
    return all(
        sorted(map(tuple, session.execute(select(*table_of(model).c)))) == rows
        for model, rows in _rows(counts)
    )


def _rows(
    counts: TermCounts,
) -> tuple[tuple[type[RegistryTerm] | type[RegistryTermAbove], list[tuple[object, ...]]], ...]:
    terms = sorted((*term, trials) for term, trials in counts.terms.items())
    above = sorted((*term, *higher, trials) for (term, higher), trials in counts.above.items())
    return (RegistryTerm, list(terms)), (RegistryTermAbove, list(above))


def concepts_of_records(session: Session, mesh: Vocabulary) -> list[NewConcept]:
    """Return the concepts that stored trials are indexed with and MeSH lacks, named as most trials name them.

    Names with the same slug count as one name. It belongs to the lowest of the ids that occur with it.
    """
    written: dict[str, Counter[str]] = defaultdict(Counter)
    owners: dict[str, str] = {}
    for mesh_id, name, trials in _stored_terms(session):
        label = natural_order(name)
        if mesh_id not in mesh.of_mesh and mesh.named_in_mesh(label) is None:
            slug = slug_of(label)
            written[slug][name] += trials
            owners[slug] = min(mesh_id, owners.get(slug, mesh_id))
    names: dict[str, list[str]] = defaultdict(list)
    for slug, owner in owners.items():
        names[owner].append(slug)
    return [_concept(mesh_id, [written[slug] for slug in names[mesh_id]], mesh) for mesh_id in sorted(names)]


def _concept(mesh_id: str, names: Sequence[Counter[str]], mesh: Vocabulary) -> NewConcept:
    """Name a concept as most trials do, and keep only the commonest spelling of each of its other names."""
    forms = [min(name.items(), key=lambda item: (-item[1], item[0])) for name in names]
    (term, _), *rest = sorted(forms, key=lambda form: (-form[1], form[0]))
    others = tuple(sorted({natural_order(other) for other, _ in rest} - {term}))
    return named_concept(mesh_id, term, mesh.by_slug)._replace(others=others)


def above_by_records(session: Session, vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Return, by MeSH id, the concepts that the registry puts above each concept, as far as records show it."""
    found: dict[str, set[str]] = defaultdict(set)
    columns = (
        RegistryTermAbove.mesh_id,
        RegistryTermAbove.name,
        RegistryTermAbove.broader_id,
        RegistryTermAbove.broader_name,
    )
    for mesh_id, name, broader_id, broader_name in session.execute(select(*map(col, columns))):
        lower, higher = (
            vocabulary.id_of(Term(mesh_id, name)),
            vocabulary.id_of(Term(broader_id, broader_name)),
        )
        if lower != higher:
            found[lower].add(higher)
    return {lower: frozenset(above) for lower, above in found.items()}


def _stored_terms(session: Session) -> Iterable[tuple[str, str, int]]:
    columns = (RegistryTerm.mesh_id, RegistryTerm.name, RegistryTerm.trials)
    rows: Iterator[tuple[str, str, int]] = (tuple(row) for row in session.execute(select(*map(col, columns))))
    return rows
