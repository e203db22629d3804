"""The condition vocabulary in memory, as a run needs it: names for mapping, labels, what stands above what."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from app.conditions.names.abbreviations import SURE
from app.conditions.names.linking import Linker
from app.conditions.names.same_name import canonical_mesh_id, key_of, natural_order
from app.record.trial import MeshTerm as Term
from app.record.trial import TrialRecord
from app.text.slugs import slug_of


@dataclass(frozen=True, slots=True)
class KnownConcept:
    slug: str
    label: str
    """Its own, whatever the trials call it."""


class NewConcept(NamedTuple):
    """What records are indexed with and MeSH, as it is loaded, does not have."""

    mesh_id: str
    """Of several ids under one name, the lowest."""
    term: str
    """The registry's, as it is written most."""
    label: str
    slug: str
    others: tuple[str, ...] = ()
    """Further names that the registry has for it, in natural order."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name in natural order."""
        return self.label, *self.others

    @property
    def keys(self) -> set[str]:
        return set(map(key_of, self.names))


class Explained(NamedTuple):
    """How many trials explain an abbreviation by a concept."""

    slug: str
    mesh_id: str
    abbreviation: str
    """As it is written most."""
    trials: int


@dataclass
class Vocabulary:
    linker: Linker
    concepts: dict[str, KnownConcept]
    """By MeSH id."""
    by_slug: dict[str, str]
    """MeSH ids."""
    of_mesh: frozenset[str] = frozenset()
    """The ids of what MeSH has, not records alone."""
    abbreviations_of_mesh: frozenset[str] = frozenset()
    """Those whose meaning does not depend on records."""
    of_terms: dict[str, str] = field(default_factory=dict)
    """The ids of concepts that records alone bring, by the slugs of the registry's names for them."""
    names_in: int = 0
    """The revision that its names are of."""
    learned: list[NewConcept] = field(default_factory=list)
    """In their order, since the vocabulary was loaded."""
    _ids: dict[Term, str] = field(default_factory=dict, repr=False)
    """What `id_of` has found: records are indexed with the same terms again and again."""

    def ancestors(self, mesh_id: str) -> frozenset[str]:
        return self.linker.broader.get(mesh_id, frozenset())

    def id_of(self, term: Term) -> str:
        """Return the id of the concept that a registry's term is here: MeSH's own of that id or name, if it has one,
        else that which other records have brought under the name.
        """
        known = self._ids.get(term)
        if known is None:
            known = self._ids[term] = self._found_id(term)
        return known

    def _found_id(self, term: Term) -> str:
        mesh_id = canonical_mesh_id(term.id)
        if mesh_id in self.of_mesh:
            return mesh_id
        name = natural_order(term.name)
        return self.named_in_mesh(name) or self.of_terms.get(slug_of(name), mesh_id)

    def named_in_mesh(self, name: str) -> str | None:
        """Return the id of the one concept of MeSH that has a name, if there is just one."""
        named = self.linker.lexicon.named(name) if self.of_mesh else ()
        of_mesh = [known for known in named if known in self.of_mesh]
        return of_mesh[0] if len(of_mesh) == 1 else None

    def learn(self, records: Iterable[TrialRecord]) -> list[NewConcept]:
        """Take in the concepts that records are indexed with and the vocabulary does not have; returns them.

        What they are called from now on is provisional: at the end of the run, all records have a say in it.
        """
        new = []
        for record in records:
            for term in (*record.condition_terms.concepts, *record.condition_terms.ancestors):
                mesh_id = self.id_of(term)
                if mesh_id not in self.concepts:
                    concept = named_concept(mesh_id, term.name, self.by_slug)
                    self.take_in([concept])
                    new.append(concept)
        return new

    def take_in(self, new: Iterable[NewConcept]) -> None:
        """Know what was learned elsewhere, by the slugs that it has there."""
        for concept in new:
            if concept.mesh_id not in self.concepts:
                for key in sorted(concept.keys):
                    self.linker.lexicon.add(key, concept.mesh_id)
                self.of_terms.update((slug_of(name), concept.mesh_id) for name in concept.names)
                self.linker.own_names[concept.mesh_id] = key_of(concept.label)
                self.learned.append(concept)
                self._ids.clear()
            self.by_slug[concept.slug] = concept.mesh_id
            self.concepts[concept.mesh_id] = KnownConcept(concept.slug, concept.label)

    def agrees_with(self, new: Iterable[NewConcept]) -> bool:
        """Say whether what was learned elsewhere can be taken in: it is called the same here, or nothing is so yet."""
        for concept in new:
            known = KnownConcept(concept.slug, concept.label)
            if self.concepts.get(concept.mesh_id, known) != known:
                return False
            if self.by_slug.get(concept.slug, concept.mesh_id) != concept.mesh_id:
                return False
            if self.of_terms.get(slug_of(concept.label), concept.mesh_id) != concept.mesh_id:
                return False
        return True


def named_concept(mesh_id: str, term: str, taken: Mapping[str, str]) -> NewConcept:
    """Name a concept after a registry's term; its slug is none of those that are taken by others."""
    label = natural_order(term)
    slug = slug_of(label)
    return NewConcept(mesh_id, term, label, slug if slug not in taken else f"{slug}-{mesh_id.lower()}")


def meanings(explained: Iterable[Explained]) -> dict[str, str]:
    """Return what abbreviations mean, from how many trials explain them how."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    written: dict[str, str] = {}
    for slug, mesh_id, abbreviation, trials in sorted(explained):
        counts[slug][mesh_id] = trials
        written.setdefault(slug, abbreviation)
    found = {}
    for slug, by_concept in counts.items():
        mesh_id, trials = min(by_concept.items(), key=lambda item: (-item[1], item[0]))
        if trials >= SURE * by_concept.total():
            found[written[slug]] = mesh_id
    return found
