"""Contradictions between the arms that the text promises and the arms that are listed."""

import re
from collections.abc import Iterator

from app.reading.contradictions.claims import Claim, running_texts
from app.reading.contradictions.wording import quoted, wrong_in_one_place
from app.reading.notes import Evidence, TrustNote
from app.record.trial import TrialRecord
from app.text.wording import counted

_WORDS = {
    "two": 2,
    "double": 2,
    "three": 3,
    "triple": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
}
_COUNT = r"(?:two|three|four|five|six|seven|eight|[2-8])"
_ARM_STUDY = re.compile(
    rf"\b(?P<count>{_COUNT}|double|triple)[ -](?:treatment[ -])?arm(?:s|ed)?\b", re.IGNORECASE
)
_RANDOMISED_INTO = re.compile(
    rf"""
    \b(?: randomi[sz]ed | randomly \s{{1,3}} (?:assigned|allocated|divided|distributed|split) )
    (?: [^.;:!?()] | (?<=\d):(?=\d) ){{0,60}}?
    \b(?:in)?to \s{{1,3}} (?:one\s+of\s+|1\s+of\s+)? (?:the\s+)? (?:following\s+)?
    (?P<count>{_COUNT}) \s{{1,3}}
    (?:(?:treatment|study|parallel|equal|different|intervention|experimental|comparison|possible)\s{{1,3}}){{0,2}}
    (?:groups|arms)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OTHER_GROUPS = re.compile(
    r"\b(?:part|stage|step|period|cohort|sub-?groups?|previous\w*|prior|earlier|published|reported|showed|et al"
    r"|mice|rats?|animals?|stud(?:y|ies) by|re-?randomi[sz]ed|strat\w*|sequences?|(?:19|20)\d\d"
    r"|sub-?stud(?:y|ies)|sub-?set|sub-?sample|nested|optional|further|then|again|second|subsequently"
    r"|(?:non-?)?responders?|who (?:complete|respond|achieve|fail)\w*)\b",
    re.IGNORECASE,
)
_ONE_SET_OF_ARMS = (None, "parallel", "single-group")
_LONGEST_SENTENCE = 300


def arms_note(record: TrialRecord, claims: tuple[Claim, ...]) -> TrustNote | None:
    """Note a text that promises more arms than are listed.

    Fewer are no contradiction, because parts, cohorts and lead-ins are also listed as arms.
    """
    listed = len(record.arms)
    if not listed or record.design.intervention_model not in _ONE_SET_OF_ARMS:
        return None
    for promised, said in _promised(record, claims):
        if promised > listed:
            words = f"{counted(listed, 'arm')} {'is' if listed == 1 else 'are'} listed"
            evidence = Evidence(words.capitalize(), "#arms", "Arms")
            return wrong_in_one_place("arms", "number of arms", words, evidence, said)
    return None


def _promised(record: TrialRecord, claims: tuple[Claim, ...]) -> Iterator[tuple[int, Evidence]]:
    for claim in claims:
        if match := _ARM_STUDY.search(claim.phrase):
            yield _count(match), claim.quoted(match)
    for place, anchor, text in running_texts(record):
        for match in _RANDOMISED_INTO.finditer(text):
            if not _OTHER_GROUPS.search(_sentence(match)):
                yield _count(match), Evidence(quoted(match[0]), anchor, place)


def _count(match: re.Match[str]) -> int:
    word = match["count"].lower()
    return int(word) if word.isdigit() else _WORDS[word]


def _sentence(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _LONGEST_SENTENCE) : match.start()]
    after = match.string[match.end() : match.end() + _LONGEST_SENTENCE]
    return re.split(r"\.\s|\n", before)[-1] + match[0] + re.split(r"\.\s|\n", after, maxsplit=1)[0]
