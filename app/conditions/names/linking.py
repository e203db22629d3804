"""Mapping of the conditions and keywords that a record states to the concepts of a vocabulary."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.conditions.names.abbreviations import abbreviations_in
from app.conditions.names.phrases import Lexicon, is_modifier, stands_alone
from app.conditions.names.same_name import key_of
from app.runtime.cached import cached_property

STATED, KEYWORD = "stated", "keyword"
NAME, SYNONYM, ABBREVIATION, QUALIFIED, PART = "name", "synonym", "abbreviation", "qualified", "part"
_SHORTEST_IN_ANY_CASE = 4
"""Characters of an abbreviation that may be written in any case; a shorter one may be a word: "All", "Ms"."""
_PLAINEST_FIRST = (NAME, SYNONYM, QUALIFIED, ABBREVIATION, PART)


@dataclass(frozen=True, slots=True)
class NamedConcept:
    """A concept that the record names, where it does (`source`), and how (`manner`).

    The record's `words` are the concept's own name, another of its names, an abbreviation, a name with qualifiers
    ("Relapsed AML in adults"), or they only contain a name.
    """

    mesh_id: str
    source: str
    manner: str
    words: str


@dataclass
class Linker:
    lexicon: Lexicon
    """The names of all concepts that a condition may be."""
    own_names: dict[str, str] = field(default_factory=dict)
    """The key of each concept's own name."""
    abbreviations: dict[str, str] = field(default_factory=dict)
    """The meaning of an abbreviation that the record does not explain."""
    broader: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """All concepts above each concept."""
    behaviors: frozenset[str] = frozenset()
    """Concepts that count as a condition only if a record states exactly their name: Smoking, Vaping."""

    def links(
        self, conditions: Sequence[str], keywords: Sequence[str], defined: Mapping[str, str]
    ) -> list[NamedConcept]:
        """Return each concept once, by its plainest naming; stated conditions come before keywords.

        `defined` holds the meanings of the abbreviations that the record itself explains.
        """
        found = [link for condition in conditions for link in self.in_condition(condition, defined)]
        if any(link.manner in {NAME, SYNONYM} for link in found):
            found = [link for link in found if link.manner != PART]
        stated = frozenset(link.mesh_id for link in found)
        found += [link for keyword in keywords for link in self._in_keyword(keyword, stated, defined)]
        links: dict[str, NamedConcept] = {}
        for link in sorted(found, key=_plainness):
            links.setdefault(link.mesh_id, link)
        return list(links.values())

    def in_condition(self, phrase: str, defined: Mapping[str, str]) -> Iterator[NamedConcept]:
        """Yield every concept that one stated condition names."""
        yield from self._named(phrase, STATED)
        for finding in self.lexicon.found_in(phrase):
            if finding.words and finding.mesh_id not in self.behaviors:
                yield NamedConcept(finding.mesh_id, STATED, QUALIFIED if finding.is_whole else PART, phrase)
        for word, mesh_id in self.abbreviated(phrase, defined):
            if stands_alone(phrase, word):
                yield NamedConcept(mesh_id, STATED, ABBREVIATION, phrase)

    def _in_keyword(
        self, phrase: str, stated: frozenset[str], defined: Mapping[str, str]
    ) -> Iterator[NamedConcept]:
        """Yield the concepts that a keyword names.

        A keyword that is itself a name counts. A keyword that only contains a name counts if the concept is narrower
        than a stated condition, or if no stated condition is a concept.
        """
        if is_modifier(phrase):
            return
        named = list(self._named(phrase, KEYWORD))
        yield from (link for link in named if link.mesh_id not in self.behaviors)
        hints = [] if named else [finding for finding in self.lexicon.found_in(phrase) if finding.is_whole]
        for finding in hints:
            if finding.mesh_id not in self.behaviors and self._is_narrower(finding.mesh_id, stated):
                yield NamedConcept(finding.mesh_id, KEYWORD, QUALIFIED, phrase)
        if len(phrase.split()) == 1 or "(" in phrase:
            for _, mesh_id in self.abbreviated(phrase, defined):
                if self._is_narrower(mesh_id, stated):
                    yield NamedConcept(mesh_id, KEYWORD, ABBREVIATION, phrase)

    def _named(self, phrase: str, source: str) -> Iterator[NamedConcept]:
        key = key_of(phrase)
        for mesh_id in self.lexicon.named(phrase):
            yield NamedConcept(
                mesh_id, source, NAME if self.own_names.get(mesh_id) == key else SYNONYM, phrase
            )

    def abbreviated(self, phrase: str, defined: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield (word, MeSH id) for each abbreviation in a phrase.

        Links depend on the meanings of abbreviations in no other way.
        """
        if len(phrase) >= _SHORTEST_IN_ANY_CASE and (mesh_id := self._in_any_case.get(phrase.casefold())):
            yield phrase, mesh_id
        for word in abbreviations_in(phrase):
            for form in (word, word.removesuffix("s")):
                mesh_id = (
                    defined.get(form)
                    or self.abbreviations.get(form)
                    or self._in_any_case.get(form.casefold())
                )
                if mesh_id:
                    yield word, mesh_id
                    break

    @cached_property
    def _in_any_case(self) -> dict[str, str]:
        """Return the meanings of abbreviations by lower-case form, as for "GvHD", or the "Copd" of some registries."""
        in_order = sorted(self.abbreviations.items())
        return {abbreviation.casefold(): mesh_id for abbreviation, mesh_id in in_order}

    def _is_narrower(self, mesh_id: str, stated: frozenset[str]) -> bool:
        return not stated or not stated.isdisjoint(self.broader.get(mesh_id, frozenset()))


def _plainness(link: NamedConcept) -> tuple[bool, int]:
    return link.source == KEYWORD, _PLAINEST_FIRST.index(link.manner)
