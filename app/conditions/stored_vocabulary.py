"""Loading of the condition vocabulary (MeSH and concepts from records), and storage of concepts from records."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from app.conditions.names.linking import Linker
from app.conditions.names.phrases import Lexicon
from app.conditions.names.same_name import key_of
from app.conditions.names.trees import BEHAVIORS, CONDITIONS, DISEASES, places_above
from app.conditions.vocabulary import Explained, KnownConcept, NewConcept, Vocabulary, meanings
from app.database.bulk import Row, insert_rows
from app.index.revision import names_revision
from app.models import Concept, ConceptName, ConceptTree
from app.text.slugs import slug_of

_LONGEST_ABBREVIATION = 8


def store_concepts(session: Session, new: Sequence[NewConcept], kind: str = "new") -> None:
    """Store concepts that come from records alone; `kind` is the kind of their names."""
    insert_rows(
        session,
        Concept,
        (
            {
                "mesh_id": concept.mesh_id,
                "name": concept.term,
                "label": concept.label,
                "own_label": concept.label,
                "slug": concept.slug,
                "origin": "registry",
            }
            for concept in new
        ),
        or_ignore=True,
    )
    insert_rows(
        session,
        ConceptName,
        (
            _name_row(concept.mesh_id, name, kind)
            for concept in new
            for name in dict.fromkeys((concept.label, *concept.others, concept.term))
        ),
        or_ignore=True,
    )


def _name_row(mesh_id: str, name: str, kind: str) -> Row:
    return {
        "slug": slug_of(name),
        "mesh_id": mesh_id,
        "text": name,
        "key": key_of(name),
        "kind": kind,
        "count": 0,
    }


def load_vocabulary(session: Session, of_registry: Iterable[NewConcept] | None = None) -> Vocabulary:
    """Load the whole vocabulary: MeSH, concepts from records alone, and abbreviations that records explain.

    `of_registry` replaces the stored concepts from records alone.
    """
    vocabulary = load_mesh(session)
    registry = stored_concepts(session) if of_registry is None else of_registry
    vocabulary.take_in(sorted(registry))
    vocabulary.learned.clear()
    of_mesh = dict(_abbreviations_of_mesh(session, vocabulary))
    explained = meanings(stored_explanations(session, vocabulary))
    vocabulary.linker.abbreviations = explained | of_mesh
    vocabulary.abbreviations_of_mesh = frozenset(of_mesh)
    vocabulary.names_in = names_revision(session)
    return vocabulary


def stored_concepts(session: Session) -> list[NewConcept]:
    """Return the stored concepts that come from records alone."""
    columns = (Concept.mesh_id, Concept.name, Concept.own_label, Concept.slug)
    rows = session.execute(select(*map(col, columns)).where(col(Concept.origin) == "registry")).all()
    others: dict[str, list[str]] = defaultdict(list)
    names = select(col(ConceptName.mesh_id), col(ConceptName.text)).where(
        col(ConceptName.mesh_id).in_(select(col(Concept.mesh_id)).where(col(Concept.origin) == "registry")),
        col(ConceptName.kind).in_(("name", "new")),
    )
    for mesh_id, name in session.execute(names):
        others[mesh_id].append(name)
    return [
        NewConcept(mesh_id, term, label, slug, tuple(sorted({*others[mesh_id]} - {term, label})))
        for mesh_id, term, label, slug in rows
    ]


def load_mesh(session: Session) -> Vocabulary:
    """Load only MeSH, without anything that comes from records."""
    trees = _trees(session)
    concepts: dict[str, KnownConcept] = {}
    own_names: dict[str, str] = {}
    columns = (Concept.mesh_id, Concept.name, Concept.own_label, Concept.slug)
    for mesh_id, name, label, slug in session.execute(
        select(*map(col, columns)).where(col(Concept.origin) == "mesh")
    ):
        concepts[mesh_id] = KnownConcept(slug, label)
        if any(number.startswith(CONDITIONS) for number in trees.get(mesh_id, ())):
            own_names[mesh_id] = key_of(name)
    linker = Linker(
        lexicon=Lexicon(_names_of_mesh(session, own_names)),
        own_names=own_names,
        broader=_broader(trees),
        behaviors=frozenset(
            mesh_id
            for mesh_id in own_names
            if not any(number.startswith(DISEASES) for number in trees[mesh_id])
        ),
    )
    by_slug = {known.slug: mesh_id for mesh_id, known in concepts.items()}
    return Vocabulary(linker, concepts, by_slug, frozenset(concepts))


def _names_of_mesh(session: Session, conditions: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield (key, MeSH id) for each name of a condition, without abbreviations."""
    names = select(col(ConceptName.key), col(ConceptName.mesh_id), col(ConceptName.text)).where(
        col(ConceptName.kind).in_(("name", "synonym", "abbreviation"))
    )
    is_abbreviation = col(ConceptName.kind) == "abbreviation"
    for key, mesh_id, text, is_short in session.execute(names.add_columns(is_abbreviation)):
        if mesh_id in conditions and not (is_short and _can_be_abbreviation(text)):
            yield key, mesh_id


def _abbreviations_of_mesh(session: Session, vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    """Yield (abbreviation, MeSH id) in the order of the ids.

    If two concepts share an abbreviation, the caller keeps the later one.
    """
    names = (
        select(col(ConceptName.text), col(ConceptName.mesh_id))
        .where(col(ConceptName.kind) == "abbreviation")
        .order_by(col(ConceptName.mesh_id), col(ConceptName.slug))
    )
    for text, mesh_id in session.execute(names):
        if mesh_id in vocabulary.linker.own_names and _can_be_abbreviation(text):
            yield text, mesh_id


def _can_be_abbreviation(text: str) -> bool:
    return " " not in text and len(text) <= _LONGEST_ABBREVIATION


def stored_explanations(session: Session, vocabulary: Vocabulary) -> list[Explained]:
    """Return the stored counts of how trials explain abbreviations.

    Some counts have a row of their own, others belong to a name that the concept has anyway.
    """
    columns = (ConceptName.slug, ConceptName.mesh_id, ConceptName.text, ConceptName.count)
    rows = session.execute(select(*map(col, columns)).where(col(ConceptName.count) > 0))
    return sorted(Explained(*row) for row in rows if row[1] in vocabulary.linker.own_names)


def _trees(session: Session) -> dict[str, list[str]]:
    trees: dict[str, list[str]] = defaultdict(list)
    for number, mesh_id in session.execute(select(col(ConceptTree.number), col(ConceptTree.mesh_id))):
        trees[mesh_id].append(number)
    return trees


def _broader(trees: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    """Return all concepts above each concept, by MeSH id, following the trees of diseases.

    The tree of behaviors is followed only for a concept that stands in no tree of diseases.
    """
    by_number = {number: mesh_id for mesh_id, numbers in trees.items() for number in numbers}
    broader = {}
    for mesh_id, numbers in trees.items():
        diseases = [number for number in numbers if number.startswith(DISEASES)]
        places = diseases or [number for number in numbers if number.startswith(BEHAVIORS)]
        above = {
            by_number[higher] for number in places for higher in places_above(number) if higher in by_number
        }
        broader[mesh_id] = frozenset(above - {mesh_id})
    return broader
