"""Trust notes on a record's age and status: statements of the trial page that may no longer hold, and why.

Each note says that something is possible, and names the places it rests on. A missing or unreadable date supports no
note; a date given as a month or a year has passed when that month or year is over.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from app.record.code_lists import NOT_STATED_LABEL, STATUS
from app.record.trial import PartialDate, TrialRecord
from app.text.wording import counted, date_words, earliest_day, whole_months


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place on the page that a note rests on, and the text there."""

    text: str
    anchor: str
    place: str


@dataclass(frozen=True, slots=True)
class TrustNote:
    kind: str
    """A stable slug, such as `recruiting-past-completion`."""
    heading: str
    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Passed:
    """A date in the past, worded as a clause of a sentence and as evidence."""

    place: str
    clause: str
    when: PartialDate
    months: int

    @property
    def ago(self) -> str:
        return f"{counted(self.months, 'month')} ago"

    @property
    def evidence(self) -> Evidence:
        return Evidence(f"{stated_date(self.when)}, {self.ago}", "#dates", self.place)

    def __str__(self) -> str:
        words = date_words(self.when.text)
        if self.when.kind == "estimated":
            return f"{self.clause} planned for {words} ({self.ago})"
        return f"{self.clause} {'on' if words[:1].isdigit() and ' ' in words else 'in'} {words} ({self.ago})"


_OUT_OF_DATE = "Possibly out of date"
_PAST_DATES = {
    "recruiting": "recruiting-past-completion",
    "enrolling-by-invitation": "recruiting-past-completion",
    "available": "recruiting-past-completion",
    "not-yet-recruiting": "not-yet-recruiting-past-start",
    "active-not-recruiting": "active-past-completion",
}
"""The live statuses, each with the kind of note for a record whose own dates contradict it."""
_STOPPED = ("withdrawn", "terminated", "suspended")

# Registrants have 30 days to report a change of status or of a completion date (42 CFR 11.64).
_MONTHS_TO_REPORT = 1
_MONTHS_LATE = 6
_MONTHS_STALE = 24


def trust_notes(record: TrialRecord, today: date) -> tuple[TrustNote, ...]:
    """Return notes on what may be out of date, overdue or left out; empty where nothing is.

    A reader gets one note on how current the status is, however many reasons there are. Dates of the record that
    contradict the status come before a record that nobody updates.
    """
    found = (_status_note(record, today), _results_note(record, today), _reason_note(record))
    return tuple(note for note in found if note)


def last_day(text: str | None) -> date | None:
    """Return the last day that a partial date can mean; None for a missing or invalid date."""
    first = earliest_day(text)
    if first is None or text is None:
        return None
    hyphens = text[:10].count("-")
    if hyphens > 1:
        return first
    month = first.month if hyphens else 12
    return date(first.year, month, monthrange(first.year, month)[1])


def stated_date(when: PartialDate) -> str:
    """Write a date and its certainty, as `Sep 2023, planned`."""
    suffix = {"estimated": ", planned", "actual": ", actual"}.get(when.kind or "", "")
    return date_words(when.text) + suffix


def _status_note(record: TrialRecord, today: date) -> TrustNote | None:
    if record.status == "unknown":
        return _unknown_status(record, today)
    if record.status not in _PAST_DATES:
        return None
    reached = list(_reached(record, today))
    stale = list(_stale(record, today))
    if not reached and not stale:
        return None
    says = f"it says “{STATUS.label(record.status)}”, but"
    if reached:
        kind = _PAST_DATES[record.status]
        text = f"The status may be out of date: {says} {_listed(map(str, (*reached, *stale[:1])))}."
    else:
        kind = "not-updated" if stale[0].place == "Last update posted" else "not-verified"
        text = f"The record may be out of date: {says} {str(stale[0]).removeprefix('the record ')}."
    evidence = (_status(record), *(passed.evidence for passed in (*reached, *stale)))
    return TrustNote(kind, _OUT_OF_DATE, text, evidence)


def _reached(record: TrialRecord, today: date) -> Iterator[_Passed]:
    """Yield dates that have passed although the status says that the trial has not come that far.

    An active trial that no longer recruits may follow its participants for years after primary completion, so for
    such a trial that date counts only while it is an estimate.
    """
    dates = record.dates
    start = _passed("Start", "the start was", dates.start, today, _MONTHS_LATE)
    primary = _passed(
        "Primary completion", "primary completion was", dates.primary_completion, today, _MONTHS_TO_REPORT
    )
    study = _passed("Study completion", "study completion was", dates.completion, today, _MONTHS_TO_REPORT)
    if record.status == "active-not-recruiting":
        if primary and primary.when.kind == "estimated" and not (study and study.when == primary.when):
            yield primary
        if study:
            yield study
        return
    if start and record.status == "not-yet-recruiting":
        yield start
    if completion := primary or study:
        yield completion


def _stale(record: TrialRecord, today: date) -> Iterator[_Passed]:
    dates = record.dates
    for place, clause, when in (
        ("Last update posted", "the record was last updated", dates.last_update_posted),
        ("Last verified", "the record was last verified", dates.verified),
    ):
        if passed := _passed(place, clause, when, today, _MONTHS_STALE):
            yield passed


def _passed(place: str, clause: str, when: PartialDate | None, today: date, at_least: int) -> _Passed | None:
    over = last_day(when.text) if when else None
    if when is None or over is None or over >= today:
        return None
    months = whole_months(over, today)
    return _Passed(place, clause, when, months) if months >= at_least else None


def _unknown_status(record: TrialRecord, today: date) -> TrustNote:
    """Explain the unknown status, which the registry sets two years after an unfinished trial was last verified."""
    evidence = [_status(record)]
    words = ["the registry shows it as unknown"]
    if record.last_known_status:
        label = STATUS.label(record.last_known_status)
        words.append(f"it was last known as “{label}”")
        evidence.append(Evidence(label, "#status", "Last known status"))
    if verified := _passed("Last verified", "the record was last verified", record.dates.verified, today, 0):
        words.append(str(verified))
        evidence.append(verified.evidence)
    text = f"The status may be out of date: {_listed(words)}."
    return TrustNote("status-unknown", _OUT_OF_DATE, text, tuple(evidence))


_MONTHS_TO_RESULTS = 12
_MONTHS_OF_GRACE = 1
_FIRST_DAY_OF_RULE = date(2017, 1, 18)


def _results_note(record: TrialRecord, today: date) -> TrustNote | None:
    """Note missing results that U.S. law seems to require, a year and a month after primary completion.

    Source: 42 CFR Part 11 (in force since 18 January 2017). 11.22(b): an applicable trial is interventional,
    of an FDA-regulated drug beyond phase 1 or of an FDA-regulated device beyond feasibility, and has a site in
    the U.S. or a product exported from there. 11.44(a): results are due a year after the actual primary
    completion date; 11.44(b), (c): later where a certificate of delay was submitted; 11.54: not at all where
    waived. The month of grace is the registry's own time for quality control (11.52). The note says "possibly",
    because the record does not tell everything (an extension for good cause, an investigational new drug
    application).

    Days are counted up to the release of the registry's data, because the document cannot tell what was posted since.
    """
    primary = record.dates.primary_completion
    over = last_day(primary.text) if primary and primary.kind == "actual" else None
    completed = _passed("Primary completion", "primary completion was", primary, today, 0)
    product = _regulated_product(record)
    if not completed or not over or not product or not _owes_results(record):
        return None
    as_of = min(today, earliest_day(record.release) or today)
    months = whole_months(over, as_of)
    if over < _FIRST_DAY_OF_RULE or months < _MONTHS_TO_RESULTS + _MONTHS_OF_GRACE:
        return None
    text = (
        f"Results are possibly overdue: {completed}, and none were posted by {date_words(as_of.isoformat())}."
        f" U.S. law seems to require them within {_MONTHS_TO_RESULTS} months for this trial."
    )
    evidence = (
        _status(record),
        completed.evidence,
        product,
        Evidence("No results posted", "#outcomes", "Results"),
    )
    return TrustNote("results-overdue", "Results possibly overdue", text, evidence)


def _owes_results(record: TrialRecord) -> bool:
    dates, oversight = record.dates, record.oversight
    is_of_the_us = bool(oversight.is_us_export) or any(
        location.country == "United States" for location in record.locations
    )
    has_results = record.has_results or dates.results_posted or dates.results_submitted
    is_under_way = record.results_submission.events or record.results_submission.submissions
    is_delayed = dates.delay_submitted or dates.delay_posted or record.is_posting_delayed
    return (
        record.status in ("completed", "terminated")
        and record.design.study_type == "interventional"
        and record.design.enrollment != 0
        and is_of_the_us
        and not (has_results or is_under_way or is_delayed or record.are_results_waived)
    )


def _regulated_product(record: TrialRecord) -> Evidence | None:
    oversight = record.oversight
    if oversight.is_fda_regulated_drug and {"phase2", "phase3", "phase4"} & set(record.design.phases):
        return Evidence("Yes", "#registry", "Studies a U.S. FDA-regulated drug")
    is_past_feasibility = record.design.purpose not in (None, "device-feasibility")
    if oversight.is_fda_regulated_device and not oversight.is_unapproved_device and is_past_feasibility:
        return Evidence("Yes", "#registry", "Studies a U.S. FDA-regulated device")
    return None


def _reason_note(record: TrialRecord) -> TrustNote | None:
    if record.status not in _STOPPED or record.why_stopped:
        return None
    label = STATUS.label(record.status)
    return TrustNote(
        "stopped-without-reason",
        "Possibly incomplete",
        f"The record may leave out why the trial stopped: its status is “{label}”, and no reason is stated.",
        (_status(record), Evidence(NOT_STATED_LABEL, "#status", "Why stopped")),
    )


def _status(record: TrialRecord) -> Evidence:
    return Evidence(STATUS.label(record.status), "#status", "Status")


def _listed(words: Iterable[str]) -> str:
    """Join words as `a`, `a and b`, or `a, b and c`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
