"""The condition hierarchy: broader and narrower conditions, their names, the top levels, and search by name.

Counts come from the postings, so they equal the counts in the list of trials.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, literal, or_, select
from sqlmodel import Session, col

from app.conditions.meaning import meanings
from app.conditions.names.same_name import is_filler, key_of
from app.conditions.names.trees import CONDITIONS, places_above
from app.index.words import words_of
from app.models import Concept, ConceptName, ConceptTree, Condition, LoadedVocabulary
from app.record.code_lists import NOT_STATED
from app.runtime.cached import cached_property
from app.search.counts.catalogue import Catalogue
from app.search.counts.postings import Posting
from app.search.suggest.spelling import corrected
from app.text.slugs import slug_of

MOST_FOUND = 100
MOST_CLOSEST = 5
MOST_UNDER_TOP = 4
MOST_WITHOUT_TREE = 60
"""Top levels to show if no vocabulary defines them."""

_ABBREVIATIONS = {"abbreviation", "learned"}
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Counted:
    """A condition and the number of its trials, including trials of narrower conditions."""

    slug: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class TopLevel:
    condition: Counted
    narrower: tuple[Counted, ...]
    """The most frequent conditions below it that trials name, at any depth."""


@dataclass(frozen=True, slots=True)
class KnownCondition:
    """A condition that has a page of its own; `mesh_id` is empty if it has no concept."""

    slug: str
    label: str
    mesh_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    records: int = 0
    """For an abbreviation learned from records, the number of records that explain it."""


@dataclass(frozen=True, slots=True)
class FoundCondition:
    condition: Counted
    name: str
    """The name by which it was found."""


@dataclass(frozen=True, slots=True)
class _Match:
    slug: str
    text: str
    is_whole: bool
    """The words are the whole name, not just a part of it."""


class ConditionTree:
    """The condition hierarchy of one snapshot of the data."""

    def __init__(self, session: Session, catalogue: Catalogue) -> None:
        self._session = session
        self._catalogue = catalogue

    @cached_property
    def postings(self) -> Mapping[str, Posting]:
        postings = self._catalogue.postings(self._session, "condition")
        return {slug: posting for slug, posting in postings.items() if slug != NOT_STATED}

    @cached_property
    def vocabulary(self) -> str:
        """Return the name of the loaded vocabulary (`MeSH 2026`); empty if only the records' index terms are known."""
        return self._session.execute(select(col(LoadedVocabulary.name))).scalar() or ""

    @cached_property
    def without_concept(self) -> int:
        """Count the conditions that have no concept, only the name that a record gives them."""
        mapped = select(col(Condition.slug)).where(col(Condition.mesh_id).is_not(None))
        return len(self.postings.keys() - set(self._session.execute(mapped).scalars()))

    def known(self, slug: str) -> KnownCondition | None:
        """Return the condition with this slug if trials have it or if it is a disease of the vocabulary."""
        row = self._session.execute(
            select(col(Concept.mesh_id), col(Concept.label), col(Concept.origin)).where(
                col(Concept.slug) == slug
            )
        ).one_or_none()
        posting = self.postings.get(slug)
        if posting:
            return KnownCondition(slug, posting.label, row.mesh_id if row else "", posting.count)
        if row and (row.origin == "registry" or self._stands_among_conditions(row.mesh_id)):
            return KnownCondition(slug, row.label, row.mesh_id, 0)
        return None

    def broader(self, condition: KnownCondition) -> list[Counted]:
        """Return the conditions directly above a condition that have trials, by name."""
        linked = self._above.get(condition.slug, ())
        above = linked if condition.count else self._above_in_trees(condition.mesh_id)
        return sorted(self._counted(self._nearest(above)), key=_by_name)

    def narrower(self, condition: KnownCondition) -> list[Counted]:
        """Return the conditions directly below a condition that have trials, most trials first."""
        below = [slug for slug, above in self._above.items() if condition.slug in above]
        return self._by_count(slug for slug in below if not self._has_between(condition.slug, slug))

    def names(self, condition: KnownCondition) -> list[Name]:
        """Return the other names of a condition, abbreviations first.

        Spellings that count as the same name are listed once, in natural word order where there is such a spelling.
        """
        if not condition.mesh_id:
            return []
        rows = self._session.execute(
            select(
                col(ConceptName.key), col(ConceptName.text), col(ConceptName.kind), col(ConceptName.count)
            ).where(col(ConceptName.mesh_id) == condition.mesh_id)
        )
        own = key_of(condition.label)
        by_key: dict[str, list[tuple[bool, int, str, str, int]]] = defaultdict(list)
        for key, text, kind, count in rows:
            if key != own:
                by_key[key].append((", " in text, len(text), text, kind, count))
        forms = [min(forms) for forms in by_key.values()]
        forms.sort(key=lambda form: (form[3] not in _ABBREVIATIONS, -form[4], form[2].casefold(), form[2]))
        return [Name(text, count) for _, _, text, _, count in forms]

    def top_levels(self) -> list[TopLevel]:
        """Return the roots of MeSH's trees of diseases.

        Without MeSH, return the conditions that have others below and none above them, or else the most frequent ones.
        """
        tops = self._roots() or self._tops_of_records()
        below: dict[str, list[str]] = {slug: [] for slug in tops}
        for slug, above in self._above.items():
            for top in below.keys() & above:
                below[top].append(slug)
        return [TopLevel(top, self._most_named(below[top.slug])) for top in self._counted(tops)]

    def find(self, words: str) -> list[FoundCondition]:
        """Find conditions that have all the words, or words that begin with them, in one of their names.

        A condition called exactly that comes first, then those with the most trials.
        """
        best: dict[str, _Match] = {}
        for match in (*self._matches_of_concepts(words), *self._matches_of_stated(words)):
            if match.slug in self.postings:
                known = best.get(match.slug)
                best[match.slug] = min(known, match, key=_preference) if known else match
        ordered = sorted(self._by_count(best), key=lambda condition: not best[condition.slug].is_whole)
        return [FoundCondition(condition, best[condition.slug].text) for condition in ordered]

    def closest(self, words: str) -> list[Counted]:
        """Return conditions that may have been meant by words that find nothing."""
        if not key_of(words):
            return []
        if meaning := meanings(self._session, [words], self.postings).get(words):
            known = self.known(meaning.slug)
            if known:
                return [Counted(known.slug, known.label, known.count)]
        plain = words_of(words)[:_MOST_WORDS]
        better = corrected(self._session, plain)
        fewer = sorted((word for word in better or plain if not is_filler(word)), key=len, reverse=True)
        for attempt in (" ".join(better or ()), *(word for word in fewer if len(word) > 2)):
            if attempt and (found := self.find(attempt)):
                return [each.condition for each in found[:MOST_CLOSEST]]
        return []

    @cached_property
    def _above(self) -> Mapping[str, Collection[str]]:
        return self._catalogue.broader(self._session)

    def _above_in_trees(self, mesh_id: str) -> set[str]:
        """Return the conditions above a concept that have trials, from MeSH's trees.

        A concept without trials has no place in the hierarchy that is stored with the links.
        """
        numbers = {higher for number in self._places(mesh_id) for higher in places_above(number)}
        found = (
            select(col(Condition.slug))
            .join_from(ConceptTree, Condition, col(ConceptTree.mesh_id) == col(Condition.mesh_id))
            .where(col(ConceptTree.number).in_(numbers), col(Condition.mesh_id) != mesh_id)
        )
        return set(self._session.execute(found).scalars())

    def _stands_among_conditions(self, mesh_id: str) -> bool:
        return bool(self._places(mesh_id))

    def _places(self, mesh_id: str) -> list[str]:
        """Return the tree numbers of a concept in the trees of conditions."""
        places = select(col(ConceptTree.number)).where(col(ConceptTree.mesh_id) == mesh_id)
        numbers = self._session.execute(places).scalars()
        return [number for number in numbers if number.startswith(CONDITIONS)]

    def _nearest(self, above: Collection[str]) -> list[str]:
        """Return the conditions that have none of the others below them."""
        return [slug for slug in above if not any(self._is_under(other, slug) for other in above)]

    def _has_between(self, higher: str, lower: str) -> bool:
        between = (slug for slug in self._above[lower] if self._is_under(lower, slug))
        return any(self._is_under(slug, higher) for slug in between)

    def _is_under(self, slug: str, other: str) -> bool:
        """Tell whether a condition is below another; not if each is above the other, as records may have it."""
        return other in self._above.get(slug, ()) and slug not in self._above.get(other, ())

    def _roots(self) -> list[str]:
        roots = (
            select(col(Condition.slug))
            .join_from(ConceptTree, Condition, col(ConceptTree.mesh_id) == col(Condition.mesh_id))
            .where(
                col(ConceptTree.number).not_like("%.%"),
                or_(col(ConceptTree.number).like("C%"), col(ConceptTree.number) == "F03"),
            )
        )
        found = self._counted(self._session.execute(roots).scalars())
        return [root.slug for root in sorted(found, key=_by_name)]

    def _tops_of_records(self) -> list[str]:
        above = {higher for all_above in self._above.values() for higher in all_above}
        tops = self._by_count(above - self._above.keys()) or self._by_count(self.postings)
        return [top.slug for top in tops[:MOST_WITHOUT_TREE]]

    def _most_named(self, slugs: Iterable[str]) -> tuple[Counted, ...]:
        named = [slug for slug in slugs if slug in self.postings and self.postings[slug].is_offered]
        return tuple(self._by_count(named)[:MOST_UNDER_TOP])

    def _by_count(self, slugs: Iterable[str]) -> list[Counted]:
        return sorted(self._counted(slugs), key=lambda found: (-found.count, *_by_name(found)))

    def _counted(self, slugs: Iterable[str]) -> list[Counted]:
        found = [(slug, self.postings[slug]) for slug in dict.fromkeys(slugs) if slug in self.postings]
        return [Counted(slug, posting.label, posting.count) for slug, posting in found]

    def _matches_of_concepts(self, words: str) -> Iterator[_Match]:
        holding = or_(
            _holds_all(literal("-").concat(col(ConceptName.slug)), "-", slug_of(words).split("-")),
            _holds_all(literal(" ").concat(col(ConceptName.key)), " ", key_of(words).split()),
        )
        rows = self._session.execute(
            select(
                col(Condition.slug),
                col(ConceptName.slug),
                col(ConceptName.key),
                col(ConceptName.text),
            )
            .join_from(ConceptName, Condition, col(ConceptName.mesh_id) == col(Condition.mesh_id))
            .where(holding)
        )
        for slug, own_slug, key, text in rows:
            yield _Match(slug, text, own_slug == slug_of(words) or key == key_of(words))

    def _matches_of_stated(self, words: str) -> Iterator[_Match]:
        begun = [f"-{word}" for word in slug_of(words).split("-")[:_MOST_WORDS]]
        for slug, posting in self.postings.items():
            if all(word in f"-{slug}" for word in begun):
                yield _Match(slug, posting.label, slug == slug_of(words))


def _by_name(found: Counted) -> tuple[str, str]:
    """Return the sort key by label; slugs decide between equal labels, so that the order is always the same."""
    return found.label.casefold(), found.slug


def _preference(match: _Match) -> tuple[bool, bool, int, str]:
    """Return the sort key that prefers a whole name, then one in natural word order, then a short one."""
    return not match.is_whole, ", " in match.text, len(match.text), match.text


def _holds_all(text: ColumnElement[str], before: str, words: Sequence[str]) -> ColumnElement[bool]:
    """Return the SQL test that each word begins a word of the text; it is false if there are no words."""
    begun = [text.like(f"%{before}{word}%") for word in words[:_MOST_WORDS]]
    return and_(*begun) if begun else literal(value=False)
