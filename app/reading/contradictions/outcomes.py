"""Outcomes that are named as one endpoint and described as another: `Overall survival`, "DFS is defined from …"."""

import re

from app.reading.contradictions.wording import contradiction, quoted
from app.reading.notes import Evidence, TrustNote
from app.record.trial import Outcome, TrialRecord

# Each endpoint has its name in upper or lower case, and its abbreviation as it is printed (`os` is Latin for bone).
_ENDPOINTS = {
    "overall survival": r"(?i:overall survival)|\bOS\b",
    "progression-free survival": r"(?i:progress(?:ion|ive)?[- ]free survival)|\b[rim]?PFS2?\b",
    "disease-free survival": r"(?i:disease[- ]free survival)|\bi?DFS\b",
    "event-free survival": r"(?i:event[- ]free survival)|\bEFS\b",
    "relapse-free survival": r"(?i:(?:relapse|recurrence)[- ]free survival)|\bRFS\b",
    "metastasis-free survival": r"(?i:metastas[ie]s[- ]free survival)|\bD?MFS\b",
    "response rate": r"(?i:(?:objective|overall) (?:response|remission) rate)|\bORR\b",
    "disease control rate": r"(?i:disease control rate)|\bDCR\b",
    "duration of response": r"(?i:duration of (?:\w+ )?(?:response|remission))|\bDO?R\b",
    "time to progression": r"(?i:time to (?:\w+ )?progression)|\bTTP\b",
    "non-relapse mortality": r"(?i:non-?relapse mortality)|\bNRM\b",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _ENDPOINTS.items()}
_ANY = re.compile("|".join(_ENDPOINTS.values()))
# Authors use these interchangeably, and readers are not misled.
_ALIKE = (
    {"disease-free survival", "relapse-free survival", "event-free survival"},
    {"progression-free survival", "time to progression"},
)
_OPENING = 100
_LONGEST_TEXT = 20_000
_SUBJECT = re.compile(r"\W*(?P<subject>.{2,60}?)\s+(?:is|was|are|were|will be)\s+defined\b", re.DOTALL)


def outcome_note(record: TrialRecord) -> TrustNote | None:
    """Note the first outcome whose description opens by defining another endpoint and never names its own."""
    for kind, outcomes in (
        ("Primary", record.primary_outcomes),
        ("Secondary", record.secondary_outcomes),
        ("Other", record.other_outcomes),
    ):
        for number, outcome in enumerate(outcomes, start=1):
            if defined := _other_definition(outcome):
                return _note(
                    f"{kind} outcome {number}", f"#{kind.lower()}-outcome-{number}", outcome, defined
                )
    return None


def _other_definition(outcome: Outcome) -> str:
    """Return the description if it defines another endpoint than the outcome names; else an empty text."""
    measure, description = outcome.measure, outcome.description
    subject = _SUBJECT.match(description) if description and "defined" in description[:_OPENING] else None
    if not measure or not description or not subject or not _ANY.search(measure):
        return ""
    named = _endpoints(measure)
    if len(named) != 1 or named & _endpoints(description[:_LONGEST_TEXT]):
        return ""
    defined = _endpoints(subject["subject"])
    is_alike = any(named | defined <= alike for alike in _ALIKE)
    is_subject_alone = len(_ANY.sub("", subject["subject"]).split()) <= 3
    if len(defined) != 1 or is_alike or not is_subject_alone:
        return ""
    return description


def _endpoints(text: str) -> set[str]:
    return {name for name, pattern in _PATTERNS.items() if pattern.search(text)}


def _note(place: str, anchor: str, outcome: Outcome, definition: str) -> TrustNote:
    name, opening = quoted(outcome.measure or ""), quoted(definition)
    return contradiction(
        "outcome",
        f"The definition may be of another outcome: {place.lower()}, {name}, is described by {opening}.",
        Evidence(name, anchor, f"{place}, name"),
        Evidence(opening, anchor, f"{place}, description"),
    )
