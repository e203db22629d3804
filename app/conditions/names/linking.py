"""Maps what a record states, its conditions and keywords, to the concepts of a vocabulary."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.conditions.names.abbreviations import abbreviations_in
from app.conditions.names.phrases import Lexicon, is_modifier, stands_alone
from app.conditions.names.same_name import key_of
from app.runtime.cached import cached_property

STATED, KEYWORD = "stated", "keyword"
NAME, SYNONYM, ABBREVIATION, QUALIFIED, PART = "name", "synonym", "abbreviation", "qualified", "part"
_SHORTEST_RECASED = 4
"""Letters; a shorter one may be a word: "All", "Ms"."""
_PLAINEST_FIRST = (NAME, SYNONYM, QUALIFIED, ABBREVIATION, PART)


@dataclass(frozen=True, slots=True)
class NamedConcept:
    """A concept that the record names, where, and how: the record's `words` are the concept's own name, another of
    its names, an abbreviation, a name with qualifiers ("Relapsed AML in adults"), or just hold a name.
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
    """What an abbreviation means where the record does not say."""
    broader: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Every concept above another."""
    behaviours: frozenset[str] = frozenset()
    """Concepts that are a condition only where a record states them and nothing else: Smoking, Vaping."""

    def links(
        self, conditions: Sequence[str], keywords: Sequence[str], defined: Mapping[str, str]
    ) -> list[NamedConcept]:
        """Each concept once, the plainest naming of it, conditions first.

        `defined` are the abbreviations that the record itself explains.
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
        """All that one stated condition names."""
        yield from self._named(phrase, STATED)
        for finding in self.lexicon.found_in(phrase):
            if finding.words and finding.mesh_id not in self.behaviours:
                yield NamedConcept(finding.mesh_id, STATED, QUALIFIED if finding.is_whole else PART, phrase)
        for word, mesh_id in self.abbreviated(phrase, defined):
            if stands_alone(phrase, word):
                yield NamedConcept(mesh_id, STATED, ABBREVIATION, phrase)

    def _in_keyword(
        self, phrase: str, stated: frozenset[str], defined: Mapping[str, str]
    ) -> Iterator[NamedConcept]:
        """A keyword that is a name counts; one that holds a name, where it says which of the stated conditions."""
        if is_modifier(phrase):
            return
        named = list(self._named(phrase, KEYWORD))
        yield from (link for link in named if link.mesh_id not in self.behaviours)
        hints = [] if named else [finding for finding in self.lexicon.found_in(phrase) if finding.is_whole]
        for finding in hints:
            if finding.mesh_id not in self.behaviours and self._is_narrower(finding.mesh_id, stated):
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
        """Yield (word, MeSH id) of the abbreviations in a phrase: all that links owe to what abbreviations mean."""
        if len(phrase) >= _SHORTEST_RECASED and (mesh_id := self._recased.get(phrase.casefold())):
            yield phrase, mesh_id
        for word in abbreviations_in(phrase):
            for form in (word, word.removesuffix("s")):
                mesh_id = (
                    defined.get(form) or self.abbreviations.get(form) or self._recased.get(form.casefold())
                )
                if mesh_id:
                    yield word, mesh_id
                    break

    @cached_property
    def _recased(self) -> dict[str, str]:
        """However they are written: "GvHD", and "Copd" or "Ptsd" as registries write some."""
        in_order = sorted(self.abbreviations.items())
        return {abbreviation.casefold(): mesh_id for abbreviation, mesh_id in in_order}

    def _is_narrower(self, mesh_id: str, stated: frozenset[str]) -> bool:
        return not stated or not stated.isdisjoint(self.broader.get(mesh_id, frozenset()))


def _plainness(link: NamedConcept) -> tuple[bool, int]:
    return link.source == KEYWORD, _PLAINEST_FIRST.index(link.manner)
