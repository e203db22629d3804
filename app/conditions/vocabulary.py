"""The condition vocabulary in memory, as a run needs it: names for mapping, labels and the hierarchy."""

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
    """The concept's own label, whatever the trials call it."""


class NewConcept(NamedTuple):
    """A concept that records are indexed with and the loaded MeSH lacks."""

    mesh_id: str
    """The lowest of the ids that occur with this name."""
    term: str
    """The registry's name for it, in the commonest spelling."""
    label: str
    slug: str
    others: tuple[str, ...] = ()
    """Other names that the registry has for it, in natural word order."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names in natural word order."""
        return self.label, *self.others

    @property
    def keys(self) -> set[str]:
        return set(map(key_of, self.names))


class Explained(NamedTuple):
    """The number of trials that explain an abbreviation by a concept."""

    slug: str
    mesh_id: str
    abbreviation: str
    """The abbreviation in its commonest spelling."""
    trials: int


@dataclass
class Vocabulary:
    linker: Linker
    concepts: dict[str, KnownConcept]
    """Concepts by MeSH id."""
    by_slug: dict[str, str]
    """MeSH ids by slug."""
    of_mesh: frozenset[str] = frozenset()
    """The ids of the concepts that MeSH has."""
    abbreviations_of_mesh: frozenset[str] = frozenset()
    """The abbreviations whose meaning MeSH gives, whatever records explain."""
    of_terms: dict[str, str] = field(default_factory=dict)
    """The ids of the concepts that come from records alone, by the slugs of the registry's names for them."""
    names_in: int = 0
    """The revision in which the loaded names last changed."""
    learned: list[NewConcept] = field(default_factory=list)
    """The concepts added since the vocabulary was loaded, in order."""
    _ids: dict[Term, str] = field(default_factory=dict, repr=False)
    """A cache for `id_of`: records are indexed with the same terms again and again."""

    def ancestors(self, mesh_id: str) -> frozenset[str]:
        return self.linker.broader.get(mesh_id, frozenset())

    def id_of(self, term: Term) -> str:
        """Return the id of the concept that a registry's term stands for.

        This is MeSH's own concept with that id or name if there is one, else the concept that other records brought
        under that name, else the term's own id.
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
        """Return the id of the MeSH concept with a name; None if there is none or more than one."""
        named = self.linker.lexicon.named(name) if self.of_mesh else ()
        of_mesh = [known for known in named if known in self.of_mesh]
        return of_mesh[0] if len(of_mesh) == 1 else None

    def learn(self, records: Iterable[TrialRecord]) -> list[NewConcept]:
        """Add the concepts that records are indexed with and the vocabulary lacks, and return them.

        Their names are provisional: the end of the run chooses names by all records.
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
        """Add concepts that were learned elsewhere, with the slugs that they have there."""
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
        """Tell whether concepts that were learned elsewhere can be added.

        They can if each has the same slug and label here, or if its id, slug and name are not in use here yet.
        """
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
    """Name a concept after a registry's term, with a slug that is not among those taken by others."""
    label = natural_order(term)
    slug = slug_of(label)
    return NewConcept(mesh_id, term, label, slug if slug not in taken else f"{slug}-{mesh_id.lower()}")


def meanings(explained: Iterable[Explained]) -> dict[str, str]:
    """Return the MeSH id of each abbreviation on whose meaning enough of the trials that explain it agree."""
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
