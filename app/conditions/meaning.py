"""The meaning of a condition name that a reader gives: a concept with that name, or a condition stated under it."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import or_, select
from sqlmodel import Session, col

from app.conditions.names.abbreviations import SURE, abbreviations_in
from app.conditions.names.phrases import Lexicon, keys_in
from app.conditions.names.same_name import canonical_mesh_id, key_of, natural_order
from app.database.deadline import check_deadline
from app.models import NAME_KINDS, Concept, ConceptName
from app.text.slugs import slug_of

BY_NAME, BY_SYNONYM, BY_ABBREVIATION, CLOSEST, AS_STATED = (
    "name",
    "synonym",
    "abbreviation",
    "closest",
    "stated",
)


@dataclass(frozen=True, slots=True)
class Other:
    """Another condition that an abbreviation stands for, and the number of trials that explain it that way."""

    slug: str
    label: str
    trials: int


@dataclass(frozen=True, slots=True)
class ConditionMeaning:
    asked: str
    slug: str
    label: str
    manner: str
    """The way in which `asked` names the condition; `closest` if qualifiers such as "relapsed" were left out."""
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    mesh_id: str
    slug: str
    label: str
    own_slug: str
    """The slug of the name that was found; `slug` is that of its concept."""
    text: str
    key: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """A name as a reader wrote it, with the slugs, keys and id by which stored names are looked up."""

    text: str
    slugs: tuple[str, ...]
    key: str
    keys: frozenset[str]
    """The keys of all names that the text may contain."""
    mesh_id: str

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(text, tuple(_slugs(text)), key_of(text), frozenset(keys_in(text)), _mesh_id(text))


def meanings(session: Session, names: Sequence[str], stated: Container[str]) -> dict[str, ConditionMeaning]:
    """Return the meaning of each name, leaving out names that have none.

    `stated` holds the slugs of the conditions that trials have.
    """
    asked = [_Asked.of(name) for name in names]
    rows = _Rows(_rows(session, asked))
    found = {}
    for name in asked:
        check_deadline()
        readings = [reading for reading in _readings(name, rows, stated) if reading]
        best = next((reading for reading in readings if reading.slug in stated), None)
        if meaning := best or next(iter(readings), None) or _closest(name, rows):
            found[name.text] = meaning
    return found


def _readings(asked: _Asked, rows: "_Rows", stated: Container[str]) -> Iterator[ConditionMeaning | None]:
    """Yield the possible meanings of a name, likeliest first; None where a lookup finds nothing.

    Each lookup prefers conditions that trials here have.
    """
    yield _of_names(asked.text, rows.with_slugs(asked.slugs), stated)
    yield _of_names(asked.text, rows.with_keys([asked.key]) if asked.key else [], stated)
    yield _of_names(asked.text, rows.of_concept(asked.mesh_id), stated)
    yield _as_stated(asked, stated)


class _Rows:
    """The stored names that may be meant, grouped by slug, by key and by concept."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self._places = {id(row): place for place, row in enumerate(rows)}
        self._by_slug: dict[str, list[_Row]] = defaultdict(list)
        self._by_key: dict[str, list[_Row]] = defaultdict(list)
        self._by_concept: dict[str, list[_Row]] = defaultdict(list)
        for row in rows:
            self._by_slug[row.own_slug].append(row)
            self._by_key[row.key].append(row)
            self._by_concept[row.mesh_id].append(row)

    def with_slugs(self, slugs: Iterable[str]) -> list[_Row]:
        return self._in_order(row for slug in slugs for row in self._by_slug.get(slug, ()))

    def with_keys(self, keys: Iterable[str]) -> list[_Row]:
        return self._in_order(row for key in keys for row in self._by_key.get(key, ()))

    def of_concept(self, mesh_id: str) -> list[_Row]:
        return self._by_concept.get(mesh_id, [])

    def _in_order(self, rows: Iterable[_Row]) -> list[_Row]:
        return sorted(rows, key=lambda row: self._places[id(row)])


def _rows(session: Session, asked: Iterable[_Asked]) -> list[_Row]:
    slugs = {slug for name in asked for slug in name.slugs}
    keys = {key for name in asked for key in name.keys}
    mesh_ids = {name.mesh_id for name in asked}
    statement = (
        select(
            col(Concept.mesh_id),
            col(Concept.slug),
            col(Concept.label),
            col(ConceptName.slug),
            col(ConceptName.text),
            col(ConceptName.key),
            col(ConceptName.kind),
            col(ConceptName.count),
        )
        .join_from(ConceptName, Concept, col(ConceptName.mesh_id) == col(Concept.mesh_id))
        .where(
            or_(
                col(ConceptName.slug).in_(slugs),
                col(ConceptName.key).in_(keys),
                col(ConceptName.mesh_id).in_(mesh_ids),
            )
        )
    )
    return [_Row(*row) for row in session.execute(statement)]


def _of_names(name: str, rows: Sequence[_Row], stated: Container[str]) -> ConditionMeaning | None:
    """Return the concept of the best row as a meaning, or None.

    Conditions that trials have come first, then the order of NAME_KINDS, then how many trials explain the name.
    An abbreviation on which too few trials agree is passed over if trials state the same text as a condition.
    """
    if not rows:
        return None
    best = min(
        rows, key=lambda row: (row.slug not in stated, NAME_KINDS.index(row.kind), -row.count, row.slug)
    )
    learned = {row.slug: row for row in rows if row.kind == "learned"}
    if best.kind == "learned":
        is_sure = best.count >= SURE * sum(row.count for row in learned.values())
        if not is_sure and slug_of(name) in stated:
            return None
    others = sorted(
        (row for row in learned.values() if row.slug != best.slug), key=lambda row: (-row.count, row.slug)
    )
    return ConditionMeaning(
        name,
        best.slug,
        best.label,
        _manner(name, best),
        tuple(Other(row.slug, row.label, row.count) for row in others),
    )


def _manner(name: str, row: _Row) -> str:
    if slug_of(name) == row.slug or row.kind in {"name", "new"}:
        return BY_NAME
    return BY_SYNONYM if row.kind == "synonym" else BY_ABBREVIATION


def _as_stated(asked: _Asked, stated: Container[str]) -> ConditionMeaning | None:
    slug = next((slug for slug in asked.slugs if slug in stated), None)
    return ConditionMeaning(asked.text, slug, asked.text, AS_STATED) if slug else None


def _closest(asked: _Asked, rows: _Rows) -> ConditionMeaning | None:
    written = set(abbreviations_in(asked.text))
    possible = rows.with_keys(asked.keys)
    lexicon = Lexicon(
        (row.key, row.mesh_id)
        for row in possible
        if row.kind not in {"abbreviation", "learned"} or row.text in written
    )
    whole = [finding.mesh_id for finding in lexicon.found_in(asked.text) if finding.is_whole]
    if len(whole) != 1:
        return None
    (row, *_) = rows.of_concept(whole[0])
    return ConditionMeaning(asked.text, row.slug, row.label, CLOSEST)


def _slugs(name: str) -> list[str]:
    return list(dict.fromkeys((slug_of(name), slug_of(natural_order(name)))))


def _mesh_id(name: str) -> str:
    return canonical_mesh_id(name.strip().upper())
