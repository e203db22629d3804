"""Contradictions between the phase field and the phase that the text gives to this study."""

import re

from app.reading.contradictions.claims import Claim, running_texts
from app.reading.contradictions.wording import wrong_in_one_place
from app.reading.notes import Evidence, TrustNote
from app.record.trial import TrialRecord
from app.text.wording import phase_words

# Some records write `Ⅱ` as one character, or `ll` by mistake.
_ROMAN = str.maketrans({"\u2160": "I", "\u2161": "II", "\u2162": "III", "\u2163": "IV"})
_NUMBER = r"(?:iv|[il]{1,3}|[0-4])(?:[abc](?:\s?/\s?[abc])?)?(?!\w|-(?!stud|trial|[0-4il])|\.\d|%)"
_PHASE = re.compile(
    rf"""
    \b(?P<early>early[ -])? phases? [\s-]{{0,3}} (?P<first>{_NUMBER})
    (?P<more> (?: \s{{0,3}} (?: [/&+\u2013\u2014-] | \b(?:and|to|or)\b ) \s{{0,3}} (?:phase[\s-]{{0,3}})? {_NUMBER} )* )
    (?P<unread> \s{{0,3}} [/,] \s{{0,3}} [\dil]{{1,4}} [abc]? (?![\w-])
              | \s{{1,3}} (?:cardiac|rehab|periodont|therapy|SBIR|STTR) )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NUMBERS = re.compile(_NUMBER, re.IGNORECASE)
_RANGE = re.compile(r"[-\u2013\u2014]|\bto\b", re.IGNORECASE)
_OF_FIELD = {"early-phase1": 0, "phase1": 1, "phase2": 2, "phase3": 3, "phase4": 4}
# The phases that the field can express; these two pairs are the only ones.
_EXPRESSIBLE = ({0}, {1}, {1, 2}, {2}, {2, 3}, {3}, {4})
_WITH_PHASES = ("drug", "biological", "combination-product", "genetic")


def phase_note(record: TrialRecord, claims: tuple[Claim, ...]) -> TrustNote | None:
    """Note the first claim of another phase than the field's.

    A claim of one of two phases, such as "phase Ib" where the field has 1 and 2, counts only if no text names the
    other. The registry gives phases to drugs only, so "not applicable" is right for a phase III trial of surgery.
    """
    phases = record.design.phases
    field = frozenset(_OF_FIELD[phase] for phase in phases if phase in _OF_FIELD)
    is_unphased_drug = phases == ("na",) and any(item.type in _WITH_PHASES for item in record.interventions)
    if not field and not is_unphased_drug:
        return None
    for claim in claims:
        match = _PHASE.search(claim.phrase.translate(_ROMAN))
        if not match or match["unread"]:
            continue
        claimed = _claimed(match)
        is_inexpressible = claimed not in _EXPRESSIBLE and bool(claimed & field)
        is_part = claimed < field <= claimed | _mentioned(record)
        if claimed != field and not is_inexpressible and not is_part:
            words = phase_words(phases)
            evidence = Evidence(words, "#design", "Phase")
            says = f"the field says {words}"
            return wrong_in_one_place("phase", "phase", says, evidence, claim.quoted(match))
    return None


def _claimed(match: re.Match[str]) -> frozenset[int]:
    numbers = [_number(text) for text in (match["first"], *_NUMBERS.findall(match["more"]))]
    if match["early"] and numbers == [1]:
        return frozenset((0,))
    if len(numbers) == 2 and _RANGE.search(match["more"]):
        return frozenset(range(min(numbers), max(numbers) + 1))
    return frozenset(numbers)


def _number(text: str) -> int:
    digits = text.lower().rstrip("abc/ ").replace("l", "i")
    return int(digits) if digits.isdigit() else ("i", "ii", "iii", "iv").index(digits) + 1


def _mentioned(record: TrialRecord) -> frozenset[int]:
    """Return every phase that any text names, whatever study it is about."""
    texts = (
        *(text for _, _, text in running_texts(record)),
        *(text for arm in record.arms for text in (arm.label, arm.description)),
        *(text for outcome in record.primary_outcomes for text in (outcome.measure, outcome.description)),
    )
    found = (_PHASE.finditer(text.translate(_ROMAN)) for text in texts if text)
    return frozenset(number for matches in found for match in matches for number in _claimed(match))
