"""The condition vocabulary in memory, as a run needs it: names for mapping, labels, what stands above what."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from app.concepts.abbreviations import SURE
from app.concepts.linking import Linker
from app.concepts.names import canonical_mesh_id, key_of, natural_order
from app.concepts.phrases import Lexicon
from app.concepts.trees import BEHAVIOURS, CONDITIONS, DISEASES, places_above
from app.ingest.bulk import insert_rows
from app.ingest.rows import Row
from app.models import Concept, ConceptName, ConceptTree
from app.record import Concept as Term
from app.record import TrialRecord
from app.search.conditions import slug_of

_LONGEST_ABBREVIATION = 8


@dataclass(frozen=True, slots=True)
class Known:
    slug: str
    label: str


class NewConcept(NamedTuple):
    """What records are indexed with and the vocabulary did not have."""

    mesh_id: str
    term: str
    """The registry's."""
    label: str
    slug: str


@dataclass
class Vocabulary:
    linker: Linker
    concepts: dict[str, Known]
    """By MeSH id."""
    by_slug: dict[str, str]
    """MeSH ids."""
    abbreviations_of_mesh: frozenset[str] = frozenset()
    """Those whose meaning does not depend on records."""
    learned: list[NewConcept] = field(default_factory=list)
    """In their order, since the vocabulary was loaded."""

    def ancestors(self, mesh_id: str) -> frozenset[str]:
        return self.linker.broader.get(mesh_id, frozenset())

    def id_of(self, term: Term) -> str:
        """The id that a registry's term has here: that of a concept with the term's name, if its own is unknown."""
        mesh_id = canonical_mesh_id(term.id)
        named = () if mesh_id in self.concepts else self.linker.lexicon.named(natural_order(term.name))
        return named[0] if len(named) == 1 else mesh_id

    def learn(self, records: Iterable[TrialRecord]) -> list[NewConcept]:
        """Take in the concepts that records are indexed with and the vocabulary does not have; returns them."""
        new = []
        for record in records:
            for term in (*record.condition_terms.concepts, *record.condition_terms.ancestors):
                mesh_id = self.id_of(term)
                if mesh_id not in self.concepts:
                    label = natural_order(term.name)
                    slug = slug_of(label)
                    if slug in self.by_slug:
                        slug = f"{slug}-{mesh_id.lower()}"
                    concept = NewConcept(mesh_id, term.name, label, slug)
                    self.take_in([concept])
                    new.append(concept)
        return new

    def take_in(self, new: Iterable[NewConcept]) -> None:
        """Know what was learned elsewhere, by the slugs that it has there."""
        for concept in new:
            if concept.mesh_id not in self.concepts:
                key = key_of(concept.label)
                self.linker.lexicon.add(key, concept.mesh_id)
                self.linker.own_names[concept.mesh_id] = key
                self.learned.append(concept)
            self.by_slug[concept.slug] = concept.mesh_id
            self.concepts[concept.mesh_id] = Known(concept.slug, concept.label)

    def agrees_with(self, new: Iterable[NewConcept]) -> bool:
        """What was learned elsewhere can be taken in: no slug stands for something else here."""
        for concept in new:
            known = self.concepts.get(concept.mesh_id)
            if (known.slug if known else concept.slug) != concept.slug:
                return False
            if self.by_slug.get(concept.slug, concept.mesh_id) != concept.mesh_id:
                return False
        return True


def store_concepts(session: Session, new: Sequence[NewConcept]) -> None:
    insert_rows(
        session,
        Concept,
        (
            {
                "mesh_id": concept.mesh_id,
                "name": concept.term,
                "label": concept.label,
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
            _name_row(concept.mesh_id, name)
            for concept in new
            for name in dict.fromkeys((concept.label, concept.term))
        ),
        or_ignore=True,
    )


def _name_row(mesh_id: str, name: str) -> Row:
    return {
        "slug": slug_of(name),
        "mesh_id": mesh_id,
        "text": name,
        "key": key_of(name),
        "kind": "new",
        "count": 0,
    }


def load_vocabulary(session: Session) -> Vocabulary:
    trees = _trees(session)
    concepts: dict[str, Known] = {}
    own_names: dict[str, str] = {}
    conditions: set[str] = set()
    for mesh_id, name, label, slug, origin in session.execute(
        select(
            col(Concept.mesh_id),
            col(Concept.name),
            col(Concept.label),
            col(Concept.slug),
            col(Concept.origin),
        )
    ):
        concepts[mesh_id] = Known(slug, label)
        numbers = trees.get(mesh_id, [])
        if origin == "registry" or any(number.startswith(CONDITIONS) for number in numbers):
            conditions.add(mesh_id)
            own_names[mesh_id] = key_of(name)
    lexicon = Lexicon(())
    learned, of_mesh = _read_names(session, lexicon, conditions)
    return Vocabulary(
        Linker(
            lexicon=lexicon,
            own_names=own_names,
            abbreviations=meanings(learned) | of_mesh,
            broader=_broader(trees),
            behaviours=frozenset(
                mesh_id
                for mesh_id in conditions
                if mesh_id in trees and not any(number.startswith(DISEASES) for number in trees[mesh_id])
            ),
        ),
        concepts,
        {known.slug: mesh_id for mesh_id, known in concepts.items()},
        frozenset(of_mesh),
    )


def _read_names(
    session: Session, lexicon: Lexicon, conditions: set[str]
) -> tuple[dict[str, Counter[str]], dict[str, str]]:
    """Fill the lexicon; returns how often records explain abbreviations how, and what MeSH has them mean."""
    of_mesh: dict[str, str] = {}
    learned: dict[str, Counter[str]] = defaultdict(Counter)
    names = select(
        col(ConceptName.mesh_id),
        col(ConceptName.text),
        col(ConceptName.key),
        col(ConceptName.kind),
        col(ConceptName.count),
    )
    for mesh_id, text, key, kind, count in session.execute(names):
        if mesh_id not in conditions:
            continue
        if kind == "learned":
            learned[text][mesh_id] = count
        elif kind == "abbreviation" and " " not in text and len(text) <= _LONGEST_ABBREVIATION:
            of_mesh[text] = mesh_id
        else:
            lexicon.add(key, mesh_id)
    return learned, of_mesh


def meanings(learned: Mapping[str, Counter[str]]) -> dict[str, str]:
    """What abbreviations mean, from how many trials explain them how."""
    found = {}
    for text, counts in learned.items():
        mesh_id, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
        if count >= SURE * counts.total():
            found[text] = mesh_id
    return found


def _trees(session: Session) -> dict[str, list[str]]:
    trees: dict[str, list[str]] = defaultdict(list)
    for number, mesh_id in session.execute(select(col(ConceptTree.number), col(ConceptTree.mesh_id))):
        trees[mesh_id].append(number)
    return trees


def _broader(trees: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    """Along the trees of diseases; along those of behaviour where a concept stands in no other."""
    by_number = {number: mesh_id for mesh_id, numbers in trees.items() for number in numbers}
    broader = {}
    for mesh_id, numbers in trees.items():
        diseases = [number for number in numbers if number.startswith(DISEASES)]
        places = diseases or [number for number in numbers if number.startswith(BEHAVIOURS)]
        above = {
            by_number[higher] for number in places for higher in places_above(number) if higher in by_number
        }
        broader[mesh_id] = frozenset(above - {mesh_id})
    return broader
