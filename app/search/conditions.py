"""What a reader's name of a condition means: a concept by any of its names, or a stated name as it is."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from slugify import slugify
from sqlalchemy import or_, select
from sqlmodel import Session, col

from app.concepts.abbreviations import SURE, abbreviations_in
from app.concepts.names import canonical_mesh_id, key_of, natural_order
from app.concepts.phrases import Lexicon, keys_in
from app.models import NAME_KINDS, Concept, ConceptName

_LONGEST_REMEMBERED = 200
"""Letters."""

BY_NAME, BY_SYNONYM, BY_ABBREVIATION, CLOSEST, AS_STATED = (
    "name",
    "synonym",
    "abbreviation",
    "closest",
    "stated",
)


@dataclass(frozen=True, slots=True)
class Other:
    """Another condition that an abbreviation stands for, and how many trials explain it so."""

    slug: str
    label: str
    trials: int


@dataclass(frozen=True, slots=True)
class Meaning:
    asked: str
    slug: str
    label: str
    manner: str
    """How `asked` names it; `closest` where qualifiers such as "relapsed" had to be left out."""
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    mesh_id: str
    slug: str
    label: str
    own_slug: str
    """Of the name that was found."""
    text: str
    key: str
    kind: str
    count: int


def slug_of(name: str) -> str:
    """The name in a URL; names that differ in case, accents and punctuation alone share it."""
    return _short_slug(name) if len(name) <= _LONGEST_REMEMBERED else _slug(name)


def _slug(name: str) -> str:
    return slugify(name, max_length=150, word_boundary=True) or f"x{name.encode()[:40].hex()}"


_short_slug = lru_cache(maxsize=100_000)(_slug)


def meanings(session: Session, names: Sequence[str], stated: Container[str]) -> dict[str, Meaning]:
    """What each name means, for those that mean something; `stated` holds the slugs that trials have."""
    rows = _rows(session, names)
    found = {}
    for name in names:
        readings = [reading for reading in _readings(name, rows, stated) if reading]
        best = next((reading for reading in readings if reading.slug in stated), None)
        if meaning := best or next(iter(readings), None) or _closest(name, rows):
            found[name] = meaning
    return found


def _readings(name: str, rows: Sequence[_Row], stated: Container[str]) -> Iterator[Meaning | None]:
    """What the name may mean, likeliest first; what trials here have goes before what none has."""
    key = key_of(name)
    yield _of_names(name, [row for row in rows if row.own_slug in _slugs(name)], stated)
    yield _of_names(name, [row for row in rows if key and row.key == key], stated)
    yield _of_names(name, [row for row in rows if row.mesh_id == _mesh_id(name)], stated)
    yield _as_stated(name, stated)


def _rows(session: Session, names: Iterable[str]) -> list[_Row]:
    slugs = {slug for name in names for slug in _slugs(name)}
    keys = {key for name in names for key in keys_in(name)}
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
                col(ConceptName.mesh_id).in_({_mesh_id(name) for name in names}),
            )
        )
    )
    return [_Row(*row) for row in session.execute(statement)]


def _of_names(name: str, rows: Sequence[_Row], stated: Container[str]) -> Meaning | None:
    """The concept that the rows agree on most: MeSH's own names first, then what most trials explain."""
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
    return Meaning(
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


def _as_stated(name: str, stated: Container[str]) -> Meaning | None:
    slug = next((slug for slug in _slugs(name) if slug in stated), None)
    return Meaning(name, slug, name, AS_STATED) if slug else None


def _closest(name: str, rows: Sequence[_Row]) -> Meaning | None:
    written = set(abbreviations_in(name))
    lexicon = Lexicon(
        (row.key, row.mesh_id)
        for row in rows
        if row.kind not in {"abbreviation", "learned"} or row.text in written
    )
    whole = [finding.mesh_id for finding in lexicon.found_in(name) if finding.is_whole]
    if len(whole) != 1:
        return None
    row = next(row for row in rows if row.mesh_id == whole[0])
    return Meaning(name, row.slug, row.label, CLOSEST)


def _slugs(name: str) -> list[str]:
    return list(dict.fromkeys((slug_of(name), slug_of(natural_order(name)))))


def _mesh_id(name: str) -> str:
    return canonical_mesh_id(name.strip().upper())
