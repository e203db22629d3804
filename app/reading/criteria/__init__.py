"""Parser of one eligibility text into numbered inclusion and exclusion lists.

The text is cut into groups at its headings, and each group into items at its list markers. Every piece keeps the
source's own characters: `Criteria.joined()` equals the source except for white space.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.reading.criteria.headings import Kind, find_headings, marker_end
from app.reading.criteria.items import CriteriaNote, Criterion, read_body


@dataclass(frozen=True, slots=True)
class CriteriaGroup:
    kind: Kind
    marker: str
    heading: str
    body: tuple[Criterion | CriteriaNote, ...]
    first_number: int
    """Number of the first item. Numbers continue through all groups of one kind, so `#inclusion-3` is unique."""

    @property
    def items(self) -> tuple[Criterion, ...]:
        return tuple(part for part in self.body if isinstance(part, Criterion))

    @property
    def notes(self) -> tuple[CriteriaNote, ...]:
        return tuple(part for part in self.body if isinstance(part, CriteriaNote))


@dataclass(frozen=True, slots=True)
class Criteria:
    source: str
    before: str
    """The text above the first heading; the whole text where no heading was found."""
    groups: tuple[CriteriaGroup, ...]

    def of(self, kind: Kind) -> tuple[Criterion, ...]:
        return tuple(item for group in self.groups if group.kind == kind for item in group.items)

    def joined(self) -> str:
        """Join all parts in order; the result equals `source` except for white space."""
        return " ".join(filter(None, (self.before, *_pieces(self.groups))))


def read_criteria(text: str | None) -> Criteria | None:
    """Read an eligibility text; None for a missing or blank one. Linear in the length of the text."""
    if not text or text.isspace():
        return None
    headings = find_headings(text)
    if not headings:
        return Criteria(text, before=text.strip(), groups=())
    groups: list[CriteriaGroup] = []
    next_number: dict[Kind, int] = {"inclusion": 1, "exclusion": 1}
    ends = [*(heading.start for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=True):
        title = text[heading.start : heading.end].strip()
        marker = title[: marker_end(title)]
        body = read_body(text[heading.end : end])
        first_number = next_number[heading.kind]
        group = CriteriaGroup(heading.kind, marker, title[len(marker) :].strip(), body, first_number)
        next_number[heading.kind] += len(group.items)
        groups.append(group)
    return Criteria(text, text[: headings[0].start].strip(), tuple(groups))


def _pieces(groups: Iterable[CriteriaGroup]) -> Iterator[str]:
    for group in groups:
        yield from (group.marker, group.heading)
        for part in group.body:
            yield from pieces_of(part)


def pieces_of(part: Criterion | CriteriaNote) -> Iterator[str]:
    yield from (part.marker, part.text)
    if isinstance(part, Criterion):
        for child in part.children:
            yield from pieces_of(child)


__all__ = ["Criteria", "CriteriaGroup", "CriteriaNote", "Criterion", "Kind", "read_criteria"]
