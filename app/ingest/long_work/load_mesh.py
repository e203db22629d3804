"""Loads MeSH's descriptors as the condition vocabulary, in one transaction that replaces an earlier load.

The file is read twice: its words, and whether it is complete, are known before anything is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice

from sqlalchemy import Engine, delete, insert, select
from sqlmodel import Session, SQLModel, col

from app.conditions.mesh import MeshError
from app.conditions.mesh.labels import Labels
from app.conditions.mesh.read import ADVICE, Descriptor, DescriptorTerm, MeshFile, descriptors
from app.conditions.mesh.roots import Root, missing_roots
from app.conditions.names.same_name import key_of, natural_order
from app.conditions.names.supplement import SUPPLEMENT
from app.conditions.registry_terms import concepts_of_records
from app.conditions.stored_vocabulary import load_mesh, store_concepts
from app.database.bulk import Row
from app.database.engine import optimize, writing
from app.index.revision import mark_names, mark_relink, move_revision
from app.ingest.long_work.progress import vocabulary_stamp
from app.ingest.sources.source import Report
from app.models import Concept, ConceptName, ConceptTree, LoadedVocabulary, table_of
from app.text.slugs import slug_of

_SUPPLEMENT: dict[str, tuple[str, ...]] = {
    mesh_id: tuple(name for name, meant in SUPPLEMENT if meant == mesh_id) for _, mesh_id in SUPPLEMENT
}
_BATCH = 1_000
_ABBREVIATIONS = {"ABB", "ACR"}
"""NLM's tags for an abbreviation and an acronym; its other tags are for terms that only contain one."""


def replace_vocabulary(engine: Engine, file: MeshFile, report: Report) -> int:
    """Store a file's concepts and return how many it holds.

    `report` is called with the bytes read, out of twice the size of the file. All trials are to be linked again next,
    unless the concepts are those that were loaded before.
    Raises:
        MeshError: the file cannot be read to its end; nothing was changed.
    """
    survey = _survey(file, report)
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with writing(engine) as session:
        move_revision(session, now)
        before = vocabulary_stamp(session)
        with session.begin_nested() as replacing:
            _remove_earlier(session)
            _write(session, file, survey, report)
            _bring_back_records(session)
            is_as_before = vocabulary_stamp(session) == before
            if is_as_before:
                replacing.rollback()
        if not is_as_before:
            mark_names(session)
            mark_relink(session, is_wanted=True)
        session.merge(LoadedVocabulary(id=1, name=file.name, concepts=survey.concepts, loaded_at=now))
    optimize(engine)
    return survey.concepts


@dataclass
class _Survey:
    """What must be known about the whole file before its first concept can be written."""

    labels: Labels = field(default_factory=Labels)
    mesh_ids: set[str] = field(default_factory=set)
    tree_numbers: set[str] = field(default_factory=set)

    @property
    def concepts(self) -> int:
        return len(self.mesh_ids)

    @property
    def missing_roots(self) -> list[Root]:
        return list(missing_roots(self.tree_numbers))

    @property
    def root_descriptors(self) -> list[Descriptor]:
        """Descriptors of roots that the file leaves out; their tree numbers come with those of all missing roots."""
        return [
            Descriptor(root.mesh_id, root.name, (), (DescriptorTerm(root.name, "NON", False, True),))
            for root in self.missing_roots
            if root.mesh_id not in self.mesh_ids
        ]


def _survey(file: MeshFile, report: Report) -> _Survey:
    survey = _Survey()
    for descriptor in descriptors(file, lambda done: report(done, survey.concepts)):
        if descriptor.mesh_id in survey.mesh_ids:
            raise MeshError(f"{file.path}: contains {descriptor.mesh_id} twice; {ADVICE}")
        survey.labels.learn(descriptor)
        survey.mesh_ids.add(descriptor.mesh_id)
        survey.tree_numbers.update(descriptor.tree_numbers)
    return survey


def _remove_earlier(session: Session) -> None:
    """Delete all but the abbreviations that records explain: trials stay linked by them until they are linked again."""
    session.execute(delete(ConceptName).where(col(ConceptName.kind) != "learned"))
    session.execute(delete(ConceptTree))
    session.execute(delete(Concept))


def _bring_back_records(session: Session) -> None:
    """Add the concepts that stored documents bring besides the file's."""
    store_concepts(session, concepts_of_records(session, load_mesh(session)), kind="name")
    gone = col(ConceptName.mesh_id).not_in(select(col(Concept.mesh_id)))
    session.execute(delete(ConceptName).where(gone).execution_options(synchronize_session=False))


def _write(session: Session, file: MeshFile, survey: _Survey, report: Report) -> None:
    taken: set[str] = set()
    of_file = descriptors(file, lambda done: report(file.size + done, survey.concepts))
    for batch in _batches(chain(of_file, survey.root_descriptors)):
        _insert(session, Concept, [_concept(descriptor, survey.labels, taken) for descriptor in batch])
        _insert(session, ConceptTree, [row for descriptor in batch for row in _places(descriptor)])
        _insert(
            session, ConceptName, [row for descriptor in batch for row in _names(descriptor, survey.labels)]
        )
    roots: list[Row] = [{"number": root.number, "mesh_id": root.mesh_id} for root in survey.missing_roots]
    _insert(session, ConceptTree, roots)


def _concept(descriptor: Descriptor, labels: Labels, taken: set[str]) -> Row:
    slug = slug_of(natural_order(descriptor.name))
    if slug in taken:
        slug = f"{slug}-{descriptor.mesh_id.lower()}"
    taken.add(slug)
    return {
        "mesh_id": descriptor.mesh_id,
        "name": descriptor.name,
        "label": labels.label_of(descriptor),
        "own_label": labels.label_of(descriptor),
        "slug": slug,
        "origin": "mesh",
    }


def _places(descriptor: Descriptor) -> Iterator[Row]:
    for number in descriptor.tree_numbers:
        yield {"number": number, "mesh_id": descriptor.mesh_id}


def _names(descriptor: Descriptor, labels: Labels) -> Iterator[Row]:
    """Yield each name once by its slug; if it has several kinds, the more specific kind wins."""
    kinds = {descriptor.name: "name", natural_order(descriptor.name): "name"}
    for term in sorted(descriptor.terms, key=lambda term: term.lexical_tag not in _ABBREVIATIONS):
        kind = "abbreviation" if term.lexical_tag in _ABBREVIATIONS else "synonym"
        kinds.setdefault(term.text, kind)
    kinds |= dict.fromkeys(_SUPPLEMENT.get(descriptor.mesh_id, ()), "synonym")
    seen: set[str] = set()
    for text, kind in kinds.items():
        slug = slug_of(text)
        if slug not in seen:
            seen.add(slug)
            shown = labels.in_sentence_case(text, descriptor)
            row = {"slug": slug, "mesh_id": descriptor.mesh_id, "text": shown, "key": key_of(text)}
            yield row | {"kind": kind, "count": 0}


def _batches(items: Iterator[Descriptor]) -> Iterator[list[Descriptor]]:
    while batch := list(islice(items, _BATCH)):
        yield batch


def _insert(session: Session, model: type[SQLModel], new: list[Row]) -> None:
    """Insert rows, and replace those with the same key.

    A tree number that two concepts claim goes to the later one; a name that records taught becomes MeSH's.
    """
    if new:
        statement = insert(table_of(model)).prefix_with("OR REPLACE", dialect="sqlite")
        session.connection().execute(statement, new)
