"""One eligibility text to numbered inclusion and exclusion lists, for the trial page.

Registries hold the criteria as one text. It is cut at its headings into groups, and each group into items by
its list markers. Every piece keeps the source's own characters, so that `Criteria.joined()` is the source but
for white space.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Kind = Literal["inclusion", "exclusion"]


@dataclass(frozen=True, slots=True)
class Note:
    """Text that is no criterion: a lead-in, a subheading, a remark. A stray marker has no `text`."""

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
    children: tuple["Criterion | Note", ...] = ()


@dataclass(frozen=True, slots=True)
class CriteriaGroup:
    kind: Kind
    marker: str
    heading: str
    body: tuple[Criterion | Note, ...]
    first_number: int
    """Items are numbered through all groups of one kind: `#inclusion-3` is one place on the page."""

    @property
    def items(self) -> tuple[Criterion, ...]:
        return tuple(part for part in self.body if isinstance(part, Criterion))

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(part for part in self.body if isinstance(part, Note))


@dataclass(frozen=True, slots=True)
class Criteria:
    source: str
    before: str
    """What stands above the first heading; the whole text where no heading was found."""
    groups: tuple[CriteriaGroup, ...]

    def of(self, kind: Kind) -> tuple[Criterion, ...]:
        return tuple(item for group in self.groups if group.kind == kind for item in group.items)

    def joined(self) -> str:
        """All parts in order: `source`, but for white space."""
        return " ".join(filter(None, (self.before, *_pieces(self.groups))))


def read_criteria(text: str | None) -> Criteria | None:
    """Read an eligibility text; None for a missing or blank one. Linear in the length of the text."""
    if not text or text.isspace():
        return None
    headings = _headings(text)
    if not headings:
        return Criteria(text, before=text.strip(), groups=())
    groups: list[CriteriaGroup] = []
    next_number: dict[Kind, int] = {"inclusion": 1, "exclusion": 1}
    ends = [*(heading.start for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=True):
        title = text[heading.start : heading.end].strip()
        marker = title[: _marker_end(title)]
        body = _body(text[heading.end : end])
        first_number = next_number[heading.kind]
        group = CriteriaGroup(heading.kind, marker, title[len(marker) :].strip(), body, first_number)
        next_number[heading.kind] += len(group.items)
        groups.append(group)
    return Criteria(text, text[: headings[0].start].strip(), tuple(groups))


def _pieces(groups: Iterable[CriteriaGroup]) -> Iterator[str]:
    for group in groups:
        yield from (group.marker, group.heading)
        for part in group.body:
            yield from _pieces_of(part)


def _pieces_of(part: Criterion | Note) -> Iterator[str]:
    yield from (part.marker, part.text)
    if isinstance(part, Criterion):
        for child in part.children:
            yield from _pieces_of(child)


# What registries write for the two kinds, with common misspellings and a few other languages.
# An underscore is emphasis here, not a letter, so `\b` will not do.
_STARTS, _ENDS, _LETTERS = r"(?<![^\W_])", r"(?![^\W_])", r"[^\W_]*"
_STEM = rf"c{{0,2}}(?:lu|ul|l|u)i?[sc]{{1,2}}u?i?(?:[oó]?n(?:es|s|ary)?|ve){_ENDS}"
_INCLUSION = rf"{_STARTS}(?:pre-?|inc)?in{_STEM}|{_STARTS}Einschluss(?=kriteri)|(?:纳入|入选)(?=标准)"
_EXCLUSION = rf"{_STARTS}non?[-\s]?in{_STEM}|{_STARTS}ex?{_STEM}|{_STARTS}Ausschluss(?=kriteri)|排除(?=标准)"
_KIND = re.compile(rf"(?P<exclusion>{_EXCLUSION})|(?P<inclusion>{_INCLUSION})", re.IGNORECASE)
_EITHER = rf"(?:{_EXCLUSION}|{_INCLUSION})"
_CRITERIA = rf"(?:(?:crit|citer|creter|kriteri){_LETTERS}|标准)"
_TERM = rf"(?:{_EITHER}\s*{_CRITERIA}|{_CRITERIA}\s+(?:(?:of|for|de|pour)\s+|d['\u2019])?{_EITHER})"
_COLON = r"[:\uff1a]"
_COLONS = (":", "\uff1a")

# `* `, `1.`, `(1)`, `①`, `a.`: what stands before an item. Registries escape a lone marker with a backslash.
_MARKER = re.compile(
    r"""
      \\?[-\u2013\u2014]{1,4} (?= \s | [^\W\d] )
    | [*+] (?= \s )
    | [•·●○◦▪■‣∙]
    | [(\uff08]\d{1,2}\\?[)\uff09][.、]? | \d{1,2}\\?[.)\uff09\uff0e、] (?= \D ) | [①-⑳]
    | (?P<letter> [(\uff08]?(?: [A-Za-z] | [ivx]{2,5} | [IVX]{2,5} )\\?[.)\uff09] ) (?= \s )
    """,
    re.VERBOSE,
)

_DECORATION = r"[\s*_#\[\"“'(<\\]*"
_SECTION_NUMBER = r"(?:[IVX\d]+\.[\d.]*\s+)?"
_TITLED = re.compile(
    rf"{_DECORATION}{_SECTION_NUMBER}(?P<prefix>(?:[^\s.:;]{{1,30}}\s+){{0,6}}?)(?P<term>{_TERM})",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"{_DECORATION}(?P<prefix>(?:[^\s.,:;]{{1,30}}\s+){{0,3}}?)(?P<term>{_EITHER})"
    rf"[*_\s]*(?P<colon>{_COLON}?)[*_\s]*(?P<rest>\S?)",
    re.IGNORECASE,
)
# Words of a sentence about the criteria ("does not meet the inclusion criteria"), which is no heading.
_MENTION = re.compile(
    r"\b(?:meet\w*|met|fulfil\w*|satisf\w*|violat\w*|not|no|none|any|see|per|with|if|who|ha[sv]e?|does)\b",
    re.IGNORECASE,
)
_PLAIN_PREFIX = re.compile(
    r"(?:(?:key|main|major|primary|general|study|subject|patient|participant|donor|control)s?\s*){0,2}",
    re.IGNORECASE,
)
_TO_COLON = re.compile(rf"(?P<about>[^.:\uff1a]{{0,120}}?)[*_\s]*{_COLON}(?:\\?[*_])*")
_NOTHING_MORE = re.compile(r"[\s*_.;=>\\)\]\"”'\u2013\u2014-]*$")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)[\s*_]*$")
_QUALIFIED = re.compile(
    r"\s*(?:[-\u2013\u2014(\[,#]"
    r"|(?:for|in|of|to|at|by|during|from|specific|related|are|is|were|include\w*)\b)",
    re.IGNORECASE,
)
_LONGEST_HEADING = 120


@dataclass(frozen=True, slots=True, order=True)
class _Heading:
    start: int
    end: int
    kind: Kind


def _headings(text: str) -> list[_Heading]:
    """Find the headings, in order. A sentence stands in for one only where its kind has none."""
    lines = list(_lines(text))
    found = [heading for start, line in lines if (heading := _heading(start, line))]
    inclusion = next((heading for heading in found if heading.kind == "inclusion"), None)
    exclusion = next((heading for heading in found if heading.kind == "exclusion"), None)
    if not inclusion:
        inclusion = next(_inclusion_sentences(lines, exclusion.start if exclusion else len(text)), None)
    if inclusion and not exclusion:
        exclusion = next(_exclusions_within_lines(text, inclusion.end), None)
        exclusion = exclusion or next(_exclusion_sentences(lines, inclusion.end), None)
    return sorted({*found, inclusion, exclusion}) if inclusion and exclusion else found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _heading(start: int, line: str) -> _Heading | None:
    marker_end = _marker_end(line)
    head = line[marker_end : marker_end + _LONGEST_HEADING]
    is_marked = bool(line[:marker_end].strip())
    end = _titled_end(head, is_marked) or _bare_end(head, is_marked)
    kinds = {match.lastgroup for match in _KIND.finditer(head[:end])} if end else set()
    if kinds == {"inclusion"}:
        return _Heading(start, start + marker_end + end, "inclusion")
    if kinds == {"exclusion"}:
        return _Heading(start, start + marker_end + end, "exclusion")
    return None


def _marker_end(line: str) -> int:
    indent = len(line) - len(line.lstrip())
    marker = _MARKER.match(line, indent)
    return marker.end() if marker else indent


def _titled_end(head: str, is_marked: bool) -> int:
    """Where `Key Inclusion Criteria for controls:` ends in the line, 0 where there is none."""
    title = _TITLED.match(head)
    if not title or _MENTION.search(title["prefix"]):
        return 0
    tail = head[title.end() :]
    rest_of_heading = _tail_of_bullet(title["prefix"], tail) if is_marked else _tail(title["prefix"], tail)
    is_cut_off = len(head) == _LONGEST_HEADING and rest_of_heading == len(tail)
    return 0 if rest_of_heading is None or is_cut_off else title.end() + rest_of_heading


def _tail(prefix: str, tail: str) -> int | None:
    """How many characters after the term still belong to the heading, None where there is no heading."""
    is_qualified = bool(_QUALIFIED.match(tail))
    colon = _TO_COLON.match(tail)
    if colon and (is_qualified or not colon["about"].strip(" *_")):
        return colon.end()
    if is_qualified or _NOTHING_MORE.match(tail):
        return len(tail)
    if tail.startswith("."):
        return 1
    # `Exclusion criteria Patients with fever`: the text follows with nothing between.
    return 0 if not prefix and tail[0].isspace() and not tail.lstrip()[0].islower() else None


def _tail_of_bullet(prefix: str, tail: str) -> int | None:
    """As `_tail`; a bullet more often is a criterion that mentions criteria, so only plain headings count."""
    if not _PLAIN_PREFIX.fullmatch(prefix):
        return None
    colon = _TO_COLON.match(tail)
    if colon and (not colon["about"].strip(" *_") or (not prefix and not tail[colon.end() :].strip())):
        return colon.end()
    return len(tail) if _NOTHING_MORE.match(tail) or _IN_BRACKETS.match(tail) else None


def _bare_end(head: str, is_marked: bool) -> int:
    """Where `Exclusion:` or `Other exclusions` ends in the line, 0 where there is none."""
    title = _BARE.match(head)
    if not title or _MENTION.search(title["prefix"]):
        return 0
    if title["rest"]:
        is_heading = bool(title["colon"]) and not title["prefix"] and not is_marked
    else:
        is_plural = title["term"][-1] in "sS"
        is_heading = not title["prefix"] or (not is_marked and (bool(title["colon"]) or is_plural))
    return title.end() - len(title["rest"]) if is_heading else 0


_EXCLUDES = re.compile(
    r"\b(?:exclu(?:de[ds]?|sions?)|precluded?|disqualif\w+|ineligible"
    r"|not (?:be )?(?:eligible|included|enrolled))\b",
    re.IGNORECASE,
)
_INCLUDES = re.compile(
    r"\b(?:included?|inclusion|eligib\w+|enrol\w*|qualif\w+|must (?:meet|fulfil\w*|satisfy|be|have))\b",
    re.IGNORECASE,
)
_ELIGIBILITY = re.compile(r"\W*(?:\w+\W+){0,3}eligibility(?: (?:criteria|requirements))?\W*$", re.IGNORECASE)
_WITHIN_LINE = re.compile(rf"(?<=\s)(?:Key\s+)?{_TERM}\s*(?:{_COLON}|$)", re.IGNORECASE | re.MULTILINE)
_LONGEST_SENTENCE = 300


def _inclusion_sentences(lines: Iterable[tuple[int, str]], before: int) -> Iterator[_Heading]:
    """`Participants must meet all of these:` where a heading would stand, or `Eligibility criteria`."""
    for start, line in _sentences(lines):
        is_lead_in = line.endswith(_COLONS) and _INCLUDES.search(line) and not _EXCLUDES.search(line)
        if start < before and (is_lead_in or _ELIGIBILITY.match(line)):
            yield _Heading(start, start + len(line), "inclusion")


def _exclusion_sentences(lines: Iterable[tuple[int, str]], after: int) -> Iterator[_Heading]:
    """`Participants will be excluded if they:` where a heading would stand."""
    for start, line in _sentences(lines):
        if start >= after and line.endswith(_COLONS) and _EXCLUDES.search(line):
            yield _Heading(start, start + len(line), "exclusion")


def _sentences(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for start, line in lines:
        if len(line) <= _LONGEST_SENTENCE and line.strip() and _marker_end(line) == 0:
            yield start, line.rstrip(" *_")


def _exclusions_within_lines(text: str, after: int) -> Iterator[_Heading]:
    """`... age over 18. Exclusion Criteria: pregnancy`, in one line."""
    for match in _WITHIN_LINE.finditer(text, after):
        kind = _KIND.search(match[0])
        if match[0][0].isupper() and kind and kind.lastgroup == "exclusion":
            yield _Heading(match.start(), match.end(), "exclusion")


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
        """What siblings share: `1` for `2.` is `1.`, and `(1)` another."""
        style = re.sub(r"\d+|[①-⑳]", "1", self.marker)
        return re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", style))

    @property
    def is_lettered(self) -> bool:
        return "a" in self.style.lower()

    @property
    def opens_list(self) -> bool:
        return bool(self.lines) and self.lines[-1].endswith(_COLONS)

    @property
    def is_remark(self) -> bool:
        return not self.lines or self.opens_list or bool(_REMARK.match(self.lines[0]))

    def note(self) -> Note:
        return Note(self.marker, self.text)

    def criterion(self) -> Criterion:
        children = (
            child.criterion() if child.marker and child.lines else child.note() for child in self.children
        )
        return Criterion(self.marker, self.text, tuple(children))


def _body(text: str) -> tuple[Criterion | Note, ...]:
    """Read what stands below a heading; paragraphs are items only where they outnumber what has a marker."""
    drafts = _outline(text)
    marked = [draft for draft in drafts if draft.marker and draft.lines]
    paragraphs = [draft for draft in drafts if not draft.marker and not draft.is_remark]
    lead_in = marked[0] if marked and _is_lead_in(marked) else None
    items = {id(draft) for draft in (marked if len(paragraphs) <= len(marked) else marked + paragraphs)}
    body: list[Criterion | Note] = []
    for draft in drafts:
        if draft is lead_in:
            body += [draft.note(), *draft.criterion().children]
        else:
            body.append(draft.criterion() if id(draft) in items else draft.note())
    return tuple(body)


def _is_lead_in(marked: list[_Draft]) -> bool:
    """Whether the first bullet is `* Patients must meet all of these:`, its items below or beside it."""
    first, *others = marked
    has_items = bool(first.children) != bool(others)
    return (
        has_items
        and first.opens_list
        and len(first.text) <= _LONGEST_SENTENCE
        and bool(_LEAD_IN.search(first.text))
    )


def _outline(text: str) -> list[_Draft]:
    """Nest the lines of a group by indentation; returns the outermost drafts."""
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
    """Read the line's marker; a letter is one only as the first of its list or after another."""
    match = _MARKER.match(stripped)
    if not match:
        return ""
    is_first = match["letter"] is None or match["letter"].strip("(\uff08")[0] in "aAiI"
    return match[0] if is_first or any(item.is_lettered for item in open_items) else ""


def _is_wrapped(before: list[str], after: str) -> bool:
    """Whether two lines with no marker are one paragraph broken at the margin, not two criteria."""
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
    """Nested by indentation, else by a change of marker after a colon: `1. One of:` and then `a. fever`."""
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
