"""Detection of the headings that open the inclusion and the exclusion criteria of an eligibility text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["inclusion", "exclusion"]

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
COLON = r"[:\uff1a]"
COLONS = (":", "\uff1a")

# Markers before an item: `* `, `1.`, `(1)`, `①`, `a.`. Registries escape a lone marker with a backslash.
MARKER = re.compile(
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
    rf"[*_\s]*(?P<colon>{COLON}?)[*_\s]*(?P<rest>\S?)",
    re.IGNORECASE,
)
# Words that show a sentence about the criteria ("does not meet the inclusion criteria") instead of a heading.
_MENTION = re.compile(
    r"\b(?:meet\w*|met|fulfil\w*|satisf\w*|violat\w*|not|no|none|any|see|per|with|if|who|ha[sv]e?|does)\b",
    re.IGNORECASE,
)
_PLAIN_PREFIX = re.compile(
    r"(?:(?:key|main|major|primary|general|study|subject|patient|participant|donor|control)s?\s*){0,2}",
    re.IGNORECASE,
)
_TO_COLON = re.compile(rf"(?P<about>[^.:\uff1a]{{0,120}}?)[*_\s]*{COLON}(?:\\?[*_])*")
_NOTHING_MORE = re.compile(r"[\s*_.;=>\\)\]\"”'\u2013\u2014-]*$")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)[\s*_]*$")
_QUALIFIED = re.compile(
    r"\s*(?:[-\u2013\u2014(\[,#]"
    r"|(?:for|in|of|to|at|by|during|from|specific|related|are|is|were|include\w*)\b)",
    re.IGNORECASE,
)
_LONGEST_HEADING = 120


@dataclass(frozen=True, slots=True, order=True)
class Heading:
    """A heading and its position in the text."""

    start: int
    end: int
    kind: Kind


def find_headings(text: str) -> list[Heading]:
    """Find the headings in order; a sentence counts as a heading only if its kind has no other."""
    lines = list(lines_of(text))
    found = [heading for start, line in lines if (heading := _heading(start, line))]
    inclusion = next((heading for heading in found if heading.kind == "inclusion"), None)
    exclusion = next((heading for heading in found if heading.kind == "exclusion"), None)
    if not inclusion:
        inclusion = next(_inclusion_sentences(lines, exclusion.start if exclusion else len(text)), None)
    if inclusion and not exclusion:
        exclusion = next(_exclusions_within_lines(text, inclusion.end), None)
        exclusion = exclusion or next(_exclusion_sentences(lines, inclusion.end), None)
    return sorted({*found, inclusion, exclusion}) if inclusion and exclusion else found


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _heading(start: int, line: str) -> Heading | None:
    text_start = marker_end(line)
    head = line[text_start : text_start + _LONGEST_HEADING]
    is_marked = bool(line[:text_start].strip())
    end = _titled_end(head, is_marked) or _bare_end(head, is_marked)
    kinds = {match.lastgroup for match in _KIND.finditer(head[:end])} if end else set()
    if kinds == {"inclusion"}:
        return Heading(start, start + text_start + end, "inclusion")
    if kinds == {"exclusion"}:
        return Heading(start, start + text_start + end, "exclusion")
    return None


def marker_end(line: str) -> int:
    indent = len(line) - len(line.lstrip())
    marker = MARKER.match(line, indent)
    return marker.end() if marker else indent


def _titled_end(head: str, is_marked: bool) -> int:
    """Return where a heading like `Key Inclusion Criteria for controls:` ends in the line; 0 if there is none."""
    title = _TITLED.match(head)
    if not title or _MENTION.search(title["prefix"]):
        return 0
    tail = head[title.end() :]
    rest_of_heading = _tail_of_bullet(title["prefix"], tail) if is_marked else _tail(title["prefix"], tail)
    is_cut_off = len(head) == _LONGEST_HEADING and rest_of_heading == len(tail)
    return 0 if rest_of_heading is None or is_cut_off else title.end() + rest_of_heading


def _tail(prefix: str, tail: str) -> int | None:
    """Count the characters after the term that still belong to the heading; None if it is no heading."""
    is_qualified = bool(_QUALIFIED.match(tail))
    colon = _TO_COLON.match(tail)
    if colon and (is_qualified or not colon["about"].strip(" *_")):
        return colon.end()
    if is_qualified or _NOTHING_MORE.match(tail):
        return len(tail)
    if tail.startswith("."):
        return 1
    # `Exclusion criteria Patients with fever`: the text follows without a separator.
    return 0 if not prefix and tail[0].isspace() and not tail.lstrip()[0].islower() else None


def _tail_of_bullet(prefix: str, tail: str) -> int | None:
    """Count like `_tail`, but only for plain headings: a bullet is more often a criterion that mentions criteria."""
    if not _PLAIN_PREFIX.fullmatch(prefix):
        return None
    colon = _TO_COLON.match(tail)
    if colon and (not colon["about"].strip(" *_") or (not prefix and not tail[colon.end() :].strip())):
        return colon.end()
    return len(tail) if _NOTHING_MORE.match(tail) or _IN_BRACKETS.match(tail) else None


def _bare_end(head: str, is_marked: bool) -> int:
    """Return where a heading like `Exclusion:` or `Other exclusions` ends in the line; 0 if there is none."""
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
_WITHIN_LINE = re.compile(rf"(?<=\s)(?:Key\s+)?{_TERM}\s*(?:{COLON}|$)", re.IGNORECASE | re.MULTILINE)
LONGEST_SENTENCE = 300


def _inclusion_sentences(lines: Iterable[tuple[int, str]], before: int) -> Iterator[Heading]:
    """Yield lines that replace a heading: `Participants must meet all of these:`, or `Eligibility criteria`."""
    for start, line in _sentences(lines):
        is_lead_in = line.endswith(COLONS) and _INCLUDES.search(line) and not _EXCLUDES.search(line)
        if start < before and (is_lead_in or _ELIGIBILITY.match(line)):
            yield Heading(start, start + len(line), "inclusion")


def _exclusion_sentences(lines: Iterable[tuple[int, str]], after: int) -> Iterator[Heading]:
    """Yield lines that replace a heading: `Participants will be excluded if they:`."""
    for start, line in _sentences(lines):
        if start >= after and line.endswith(COLONS) and _EXCLUDES.search(line):
            yield Heading(start, start + len(line), "exclusion")


def _sentences(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for start, line in lines:
        if len(line) <= LONGEST_SENTENCE and line.strip() and marker_end(line) == 0:
            yield start, line.rstrip(" *_")


def _exclusions_within_lines(text: str, after: int) -> Iterator[Heading]:
    """Yield headings inside of a line: `... age over 18. Exclusion Criteria: pregnancy`."""
    for match in _WITHIN_LINE.finditer(text, after):
        kind = _KIND.search(match[0])
        if match[0][0].isupper() and kind and kind.lastgroup == "exclusion":
            yield Heading(match.start(), match.end(), "exclusion")
