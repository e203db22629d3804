"""Contradictions within a record: notes for the trial page, each naming the two places that disagree.

A note must rarely be wrong, so every rule uses only what it can read with certainty and ignores the rest.
"""

from app.reading.contradictions.ages import age_note
from app.reading.contradictions.arms import arms_note
from app.reading.contradictions.assignment import (
    allocation_note,
    masking_note,
    unstated_assignment_note,
)
from app.reading.contradictions.claims import read_claims
from app.reading.contradictions.drugs import allergy_note
from app.reading.contradictions.numbers import dates_note, enrollment_note
from app.reading.contradictions.outcomes import outcome_note
from app.reading.contradictions.phase import phase_note
from app.reading.criteria import Criteria
from app.reading.notes import TrustNote
from app.record.trial import TrialRecord


def contradictions(record: TrialRecord, criteria: Criteria | None) -> tuple[TrustNote, ...]:
    """Find the record's possible contradictions, at most one of each kind; `criteria` are the record's own."""
    found: list[TrustNote | None] = []
    if record.design.study_type in (None, "interventional"):
        claims = read_claims(record)
        rules = (phase_note, arms_note, masking_note, allocation_note, unstated_assignment_note)
        found += [rule(record, claims) for rule in rules]
    found += [allergy_note(record, criteria), age_note(record, criteria), outcome_note(record)]
    found += [dates_note(record), enrollment_note(record)]
    return tuple(note for note in found if note)
