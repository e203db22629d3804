"""Contradictions between fields and text on masking and allocation."""

import re

from app.reading.contradictions.claims import Claim, running_texts
from app.reading.contradictions.wording import wrong_in_one_place
from app.reading.notes import Evidence, TrustNote
from app.record.code_lists import ALLOCATION, MASKING, NOT_STATED_LABEL
from app.record.trial import TrialRecord

_NOT = r"(?<!non)(?<!non-)(?<!non\s)(?<!un)(?<!un-)"
# "Blind" and "masked" alone may be about blind people, or about masked hypertension.
_WHO = (
    "single|double|triple|quadruple|fully|observer|assessor|evaluator|examiner|investigator|rater"
    "|patient|participant|subject"
)
_BLIND = re.compile(
    rf"\b(?:{_WHO})s?[\s-]*(?:blind|mask)(?:ed)?\b"
    rf"|{_NOT}(?<!sponsor[\s-])(?<!analyst[\s-])(?<!statistician[\s-])(?<!partially[\s-])(?<!partly[\s-])\bblinded\b",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\bopen[\s-]?label(?:l?ed)?\b|\b(?:un|non)[\s-]?(?:blind|mask)ed\b", re.IGNORECASE)
_ANY_BLIND = re.compile(r"(?<!un)(?<!non)(?<!un-)(?<!non-)(?:blind|masked)", re.IGNORECASE)
_RANDOMISED = re.compile(rf"{_NOT}(?<!quasi-)\brandomi[sz]ed\b|\bRCT\b", re.IGNORECASE)
_NOT_RANDOMISED = re.compile(r"\bnon[\s-]?randomi[sz]ed\b", re.IGNORECASE)
_ANY_RANDOMISED = re.compile(r"randomi[sz]", re.IGNORECASE)
_SINGLE_ARM = re.compile(r"\b(?:single|one)[\s-]arm(?:ed)?\b", re.IGNORECASE)


def masking_note(record: TrialRecord, claims: tuple[Claim, ...]) -> TrustNote | None:
    """Note a trial that is blinded in the text and open in the field, or the other way round.

    An open-label trial with blinded assessors is common and no contradiction, so the participants must be masked.
    """
    design = record.design
    if design.masking == "none":
        said = _first(claims, _BLIND, unless=_OPEN)
    elif (
        design.masking
        and "participant" in design.who_masked
        and not _OPEN.search(design.masking_description or "")
    ):
        said = _first(claims, _OPEN, unless=_ANY_BLIND)
    else:
        return None
    label = MASKING.label(design.masking)
    field = Evidence(label, "#design", "Masking")
    says = f"the field says {label}"
    return wrong_in_one_place("masking", "masking", says, field, said) if said else None


def allocation_note(record: TrialRecord, claims: tuple[Claim, ...]) -> TrustNote | None:
    design = record.design
    if design.allocation in ("non-randomized", "na"):
        said = _first(claims, _RANDOMISED, unless=_NOT_RANDOMISED)
    elif design.allocation == "randomized":
        said = _first(claims, _NOT_RANDOMISED, unless=_RANDOMISED) or _single_arm(record, claims)
    else:
        return None
    label = ALLOCATION.label(design.allocation)
    field = Evidence(label, "#design", "Allocation")
    says = f"the field says {label}"
    return wrong_in_one_place("allocation", "allocation", says, field, said) if said else None


def unstated_assignment_note(record: TrialRecord, claims: tuple[Claim, ...]) -> TrustNote | None:
    """Note empty fields on allocation or masking where the text says how participants are assigned."""
    design = record.design
    for claim in claims:
        randomised = None if design.allocation else _found(claim, _RANDOMISED, unless=_NOT_RANDOMISED)
        blind = None if design.masking else _found(claim, _BLIND, unless=_OPEN)
        match = blind or randomised
        if match:
            names = " and ".join(
                name for name, found in (("allocation", randomised), ("masking", blind)) if found
            )
            said = claim.quoted(match)
            text = (
                f"The record may leave out {names}: the {said.place.lower()} says {said.text},"
                f" but {names} {'are' if blind and randomised else 'is'} not stated."
            )
            evidence = (Evidence(NOT_STATED_LABEL, "#design", names.capitalize()), said)
            return TrustNote("assignment-not-stated", "Possibly incomplete", text, evidence)
    return None


def _single_arm(record: TrialRecord, claims: tuple[Claim, ...]) -> Evidence | None:
    """Return a claim of a single arm, unless some text says that a part of the trial is randomized.

    A trial with one arm has nothing to randomize to.
    """
    said = _first(claims, _SINGLE_ARM)
    is_randomised = said and any(_ANY_RANDOMISED.search(text) for _, _, text in running_texts(record))
    return None if is_randomised else said


def _first(
    claims: tuple[Claim, ...], pattern: re.Pattern[str], unless: re.Pattern[str] | None = None
) -> Evidence | None:
    found = ((claim, _found(claim, pattern, unless)) for claim in claims)
    return next((claim.quoted(match) for claim, match in found if match), None)


def _found(claim: Claim, pattern: re.Pattern[str], unless: re.Pattern[str] | None) -> re.Match[str] | None:
    return None if unless and unless.search(claim.phrase) else pattern.search(claim.phrase)
