"""Claims of a record's text about its own study: noun phrases such as “this double-blind phase II trial”.

The rules on phase, masking, allocation and arms rest on these phrases, so a trial that the text only mentions (an
earlier one, a part, an extension) must not become a claim. Where that is unclear, the phrase is ignored.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.reading.notes import Evidence
from app.record.trial import TrialRecord


@dataclass(frozen=True, slots=True)
class Claim:
    place: str
    anchor: str
    phrase: str
    """The source's words from after the article up to the word "study" or "trial"."""

    def quoted(self, match: re.Match[str]) -> Evidence:
        """Quote the claim, cut to the words around the match if it is long."""
        start, end = 0, len(self.phrase)
        if end > _LONGEST_QUOTE:
            start = self.phrase.rfind(" ", 0, max(0, match.start() - 20)) + 1
            end = self.phrase.find(" ", max(match.end(), start + _LONGEST_QUOTE))
            end = len(self.phrase) if end < 0 else end
        cut = f"{'… ' if start else ''}{self.phrase[start:end]}{' …' if end < len(self.phrase) else ''}"
        return Evidence(f"“{cut}”", self.anchor, self.place)


# The registry accepts 32,000 characters; a longer text is read only up to this length.
_LONGEST_TEXT = 50_000
_LONGEST_PHRASE = 200
_LONGEST_SENTENCE = 300
_LONGEST_QUOTE = 90

# A text without one of these says nothing that a rule could compare.
_WORTH_READING = re.compile(r"phase|blind|mask|randomi|open.label|rct\b|[ -]arm", re.IGNORECASE)
_NOUN = re.compile(r"(?<![\w-])(?:(?P<one>study|trial|rct)|studies|trials|rcts)(?![\w-])", re.IGNORECASE)
_ARTICLE = re.compile(r"\s*(?:(?:an?|the|this|our)\s+)?", re.IGNORECASE)
_IS = (
    r"(?:is|was|will\s+be)\s+(?:being\s+)?(?:(?:designed|planned|conducted|performed|carried\s+out|set\s+up)\s+as\s+)?"
    r"(?:an?|the)\s+"
)
_FRAME = re.compile(
    rf"""
    \b(?:
        (?: (?:this|it) \s+ (?:is|will\s+be) | this \s+ was | the \s+ (?:study|trial) \s+ (?:is|will\s+be) )
            \s+ (?:(?:designed|planned|conducted|performed|carried\s+out) \s+ as \s+)? an? \s+
      | (?: this | our | the \s+ (?:present|current|proposed|planned) )
            (?: \s+ (?:research\s+|clinical\s+)? (?:study|trial|project|protocol) \s+ {_IS} | \s+ )
      | we \s+ (?: therefore \s+ )? (?: propose | plan | designed | will\s+conduct | plan\s+to\s+conduct ) \s+ an? \s+
      | (?: purpose | outline | (?:study|trial) \s+ design | design ) \s* : \s* (?:an?\s+|this\s+)?
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TITLE_PARTS = re.compile(r"(?<=[:.;])\s+|\s+[-\u2013\u2014]+\s+")
# Fixed expressions, whose prepositions do not end the phrase.
_IDIOMS = re.compile(
    r"\bfirst[ -]in[ -](?:hum[ae]n|class|child(?:ren)?|patients?)\b|\bproof[ -]of[ -](?:concept|principle)\b"
    r"|\bstate[ -]of[ -]the[ -]art\b",
    re.IGNORECASE,
)
_STOP = frozenset(
    """
    of in from after following with within who that which whose to for by than then was were is are be will has
    have had been on at as into but not no before during until about how whether what while where when
    dose doses portion part parts component stage program programme project work results data based
    previous previously prior earlier completed recent recently published parent companion feeder another other
    both each either main original landmark separate subsequent future larger definitive next
    extension rollover roll-over open-label-extension follow-up followup substudy sub-study ancillary pooled
    comparing investigating evaluating using testing including receiving involving assessing examining studying
    """.split()  # noqa: SIM905  reads better as the list of words it is
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.;:!?](?=\s|$)|\n\s*\n|\bvs\b")
# Words after the noun that show that it is not this study, but a thing or a part of it, or a study already reported.
_NOT_THE_STUDY = re.compile(
    r"\s*(?:drugs?|products?|medications?|treatments?|arms?|groups?|parts?|portions?|phases?|periods?|teams?|staff"
    r"|sites?|visits?|subjects?|participants?|extension|\(?(?:open[- ]label )?extension)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:(?:showed|shown|demonstrated|reported|resulted|improved|found|failed|met|observed|concluded|published"
    r"|was associated|et al|hazard ratio|followed by)\b|p\s?[<=]|95\s?%)|\([^()]{0,40}\b(?:19|20)\d\d\)",
    re.IGNORECASE,
)
_BEFORE_ANOTHER = re.compile(
    r"\b(?:results?|data|findings?|success|completion|experience|evidence|outcomes?|participants|patients)"
    r"\s+(?:of|from|in)\s*$|\b(?:after|following|from)\s*$",
    re.IGNORECASE,
)


def read_claims(record: TrialRecord) -> tuple[Claim, ...]:
    """Read the claims of the titles, the summary, the description and the model's description, in this order."""
    return tuple(
        Claim(place, anchor, phrase)
        for place, anchor, text in running_texts(record)
        if _WORTH_READING.search(text)
        for phrase in (_of_title if place.endswith("itle") else _of_text)(text)
    )


def running_texts(record: TrialRecord) -> Iterator[tuple[str, str, str]]:
    """Yield place, anchor and text of each field that describes the study in sentences.

    The page shows an official title as its title if the record has no other.
    """
    official = ("Official title", "#registry") if record.brief_title else ("Title", "#title")
    for place, anchor, text in (
        ("Title", "#title", record.brief_title),
        (*official, record.official_title),
        ("Brief summary", "#summary", record.brief_summary),
        ("Detailed description", "#description", record.detailed_description),
        ("Model description", "#design", record.design.intervention_model_description),
    ):
        if text:
            yield place, anchor, text[:_LONGEST_TEXT]


def _of_title(title: str) -> Iterator[str]:
    """Cut a title at its colons and dashes, and yield the claims: `DASH-2: A Randomized Phase III Trial`."""
    for part in _TITLE_PARTS.split(title):
        if phrase := _phrase(part, 0):
            yield phrase


def _of_text(text: str) -> Iterator[str]:
    if phrase := _phrase(text, 0):
        yield phrase
    for frame in _FRAME.finditer(text):
        is_of_another = _BEFORE_ANOTHER.search(text[max(0, frame.start() - 30) : frame.start()])
        if not is_of_another and (phrase := _phrase(text, frame.end())):
            yield phrase


def _phrase(text: str, start: int) -> str:
    """Return the noun phrase that begins at `start`, up to its noun; empty if it is not about this study."""
    window = text[start : start + _LONGEST_PHRASE]
    article = _ARTICLE.match(window)
    begin = article.end() if article else 0
    noun = _NOUN.search(window, begin)
    if not noun or not noun["one"]:
        return ""
    phrase = window[begin : noun.end()]
    if not _WORTH_READING.search(phrase):
        return ""
    modifiers = _IDIOMS.sub("", window[begin : noun.start()])
    if _SENTENCE_END.search(modifiers) or not _STOP.isdisjoint(_WORD.findall(modifiers.lower())):
        return ""
    after = text[start + noun.end() : start + noun.end() + _LONGEST_SENTENCE]
    end = _SENTENCE_END.search(after)
    rest = after[: end.start()] if end else after
    if _NOT_THE_STUDY.match(rest) or _ELSEWHERE.search(rest):
        return ""
    return " ".join(phrase.split())
