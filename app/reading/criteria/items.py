"""Parser of one group of criteria into nested items; text that is not an item is kept as a note."""

import re
from dataclasses import dataclass, field
from typing import ClassVar

from app.reading.criteria.headings import COLONS, LONGEST_SENTENCE, MARKER


@dataclass(frozen=True, slots=True)
class CriteriaNote:
    """Text that is not a criterion: a lead-in, a subheading, a remark. A stray marker has no `text`."""

    is_item: ClassVar[bool] = False
    marker: str
    text: str


@dataclass(frozen=True, slots=True)
class Criterion:
    is_item: ClassVar[bool] = True
    marker: str
    """The bullet or number as received; empty where the text has none."""
    text: str
    """Markdown as received, its paragraphs kept."""
    children: tuple["Criterion | CriteriaNote", ...] = ()


_DEEPEST = 8
_NESTED = 2  # columns to the right that make a marker a child of the one above
_NARROWEST_MARGIN = 60
_LEAD_IN = re.compile(
    r"\b(?:any|(?:patient|participant|subject|individual|person|volunteer|child(?:ren)?|(?:wo)?m[ae]n)s?|criteria)\b"
    r".*\b(?:meet\w*|met|fulfil\w*|satisf\w*|eligib\w*|exclude|excluded|included|enrol\w*|participat\w*)\b",
    re.IGNORECASE | re.DOTALL,
)
_REMARK = re.compile(
    r"\W*(?:(?:notes?|nb)\b|(?:none|not applicable|n/a)\W*$)|.{0,80}\bcriteria\b.{0,20}\bappl(?:y|ied)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Draft:
    """An item or a paragraph while its lines are being read; a stray marker has no lines."""

    marker: str
    indent: int
    lines: list[str]
    children: list["_Draft"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def style(self) -> str:
        """The form of the marker, which siblings share: `1.` for `1.` and `2.`, but `(1)` for `(2)`."""
        style = re.sub(r"\d+|[①-⑳]", "1", self.marker)
        return re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", style))

    @property
    def is_lettered(self) -> bool:
        return "a" in self.style.lower()

    @property
    def opens_list(self) -> bool:
        return bool(self.lines) and self.lines[-1].endswith(COLONS)

    @property
    def is_remark(self) -> bool:
        return not self.lines or self.opens_list or bool(_REMARK.match(self.lines[0]))

    def note(self) -> CriteriaNote:
        return CriteriaNote(self.marker, self.text)

    def criterion(self) -> Criterion:
        children = (
            child.criterion() if child.marker and child.lines else child.note() for child in self.children
        )
        return Criterion(self.marker, self.text, tuple(children))


def read_body(text: str) -> tuple[Criterion | CriteriaNote, ...]:
    """Read the text below a heading; paragraphs count as items only if they outnumber those with a marker."""
    drafts = _outline(text)
    marked = [draft for draft in drafts if draft.marker and draft.lines]
    paragraphs = [draft for draft in drafts if not draft.marker and not draft.is_remark]
    lead_in = marked[0] if marked and _is_lead_in(marked) else None
    items = {id(draft) for draft in (marked if len(paragraphs) <= len(marked) else marked + paragraphs)}
    body: list[Criterion | CriteriaNote] = []
    for draft in drafts:
        if draft is lead_in:
            body += [draft.note(), *draft.criterion().children]
        else:
            body.append(draft.criterion() if id(draft) in items else draft.note())
    return tuple(body)


def _is_lead_in(marked: list[_Draft]) -> bool:
    """Tell whether the first bullet is `* Patients must meet all of these:`, with items below or beside it."""
    first, *others = marked
    has_items = bool(first.children) != bool(others)
    return (
        has_items
        and first.opens_list
        and len(first.text) <= LONGEST_SENTENCE
        and bool(_LEAD_IN.search(first.text))
    )


def _outline(text: str) -> list[_Draft]:
    """Nest the lines of a group by indentation; return the outermost drafts."""
    outermost: list[_Draft] = []
    open_items: list[_Draft] = []
    current: _Draft | None = None
    is_after_blank = True
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped:
            is_after_blank = True
            continue
        draft = _Draft("", len(line) - len(line.lstrip()), [stripped])
        is_continued = (
            current and not is_after_blank and (current.marker or _is_wrapped(current.lines, stripped))
        )
        is_after_blank = False
        if not re.search(r"\w", stripped):
            draft.marker, draft.lines = stripped, []
        elif marker := _marker(stripped, open_items):
            draft.marker, draft.lines = marker, [stripped[len(marker) :].strip()]
        elif current and is_continued:
            current.lines.append(stripped)
            continue
        parent = _parent(open_items, draft)
        if parent and not draft.marker and not parent.children:
            parent.lines += ["", stripped]
            current = parent
            continue
        (parent.children if parent else outermost).append(draft)
        if draft.marker and draft.lines:
            open_items.append(draft)
        current = draft if draft.lines else None
    return outermost


def _marker(stripped: str, open_items: list[_Draft]) -> str:
    """Read the line's marker; a letter counts only if it can start a list or another one came before."""
    match = MARKER.match(stripped)
    if not match:
        return ""
    is_first = match["letter"] is None or match["letter"].strip("(\uff08")[0] in "aAiI"
    return match[0] if is_first or any(item.is_lettered for item in open_items) else ""


def _is_wrapped(before: list[str], after: str) -> bool:
    """Tell whether two lines without a marker are one paragraph broken at the margin, not two criteria."""
    return after[0].islower() or (len(before[-1]) > _NARROWEST_MARGIN and before[-1][-1] not in ".;:,")


def _parent(open_items: list[_Draft], draft: _Draft) -> _Draft | None:
    """Close the items that the draft is not nested in, and return the innermost that stays open."""
    while open_items and not _is_nested(draft, open_items):
        open_items.pop()
    is_stray = bool(draft.marker) and not draft.lines
    if is_stray and open_items and not open_items[-1].children:
        open_items.clear()
    return open_items[-1] if open_items else None


def _is_nested(draft: _Draft, open_items: list[_Draft]) -> bool:
    """Tell whether a draft is nested, by indentation or by another marker after a colon: `1. One of:`, `a. fever`."""
    last = open_items[-1]
    if len(open_items) == _DEEPEST and draft.marker:
        return False
    if draft.indent >= last.indent + _NESTED:
        return True
    if not (draft.marker and draft.lines and last.opens_list and abs(draft.indent - last.indent) < _NESTED):
        return False
    has_siblings = any(
        item.style == draft.style and draft.indent < item.indent + _NESTED for item in open_items
    )
    return not has_siblings and (not last.children or last.children[-1].style == draft.style)
