"""The five headline numbers, each with its label, or with the reason why it is missing."""

from dataclasses import dataclass
from datetime import date

from app.record.code_lists import NOT_STATED_LABEL
from app.record.trial import PartialDate, TrialRecord
from app.text.wording import earliest_day, whole_months


@dataclass(frozen=True, slots=True)
class HeadlineNumber:
    label: str
    value: str
    """Empty where there is no number; `missing` then says why."""
    formula: str
    missing: str = NOT_STATED_LABEL


def headline_numbers(record: TrialRecord) -> tuple[HeadlineNumber, ...]:
    design = record.design
    sites, arms = len(record.locations), len(record.arms)
    months, no_months = _months(record)
    return (
        HeadlineNumber(
            _with_kind("participants", _enrollment_kind(record)),
            "" if design.enrollment is None else f"{design.enrollment:,}",
            "Enrollment as registered",
        ),
        HeadlineNumber("site" if sites == 1 else "sites", f"{sites:,}" if sites else "", "Locations listed"),
        HeadlineNumber("arm" if arms == 1 else "arms", f"{arms:,}" if arms else "", "Arm groups listed"),
        HeadlineNumber(
            _with_kind("month" if months == 1 else "months", _duration_kind(record)),
            "" if months is None else f"{months:,}",
            "Whole months from start to study completion",
            no_months,
        ),
        _rate(record, months, no_months),
    )


def _rate(record: TrialRecord, months: int | None, no_months: str) -> HeadlineNumber:
    sites, count = len(record.locations), record.design.enrollment
    value, missing = "", ""
    if count is None:
        missing = "Not calculable: enrollment not stated"
    elif not sites:
        missing = "Not calculable: no sites listed"
    elif months is None:
        missing = no_months
    elif months == 0:
        missing = "Not calculable: lasts under a month"
    elif count == 0:
        missing = "Not calculable: no participants"
    else:
        rate = count / sites / months
        value = f"{rate:,.1f}" if rate >= 0.05 else "<0.1"
    kinds = (_enrollment_kind(record), _duration_kind(record))
    kind = "planned" if "planned" in kinds else ("actual" if all(kinds) else "")
    return HeadlineNumber(
        _with_kind("participants per site per month", kind), value, "Participants / sites / months", missing
    )


def _months(record: TrialRecord) -> tuple[int | None, str]:
    """Count the whole months from start to completion; otherwise return None and the reason."""
    start, completion = record.dates.start, record.dates.completion
    if not start and not completion:
        return None, "Not calculable: no dates"
    first, last = _day(start), _day(completion)
    if first is None:
        return None, "Not calculable: no start date"
    if last is None:
        return None, "Not calculable: no completion date"
    if last < first:
        return None, "Not calculable: completion is before the start"
    return whole_months(first, last), ""


def _day(when: PartialDate | None) -> date | None:
    return earliest_day(when.text) if when else None


def _enrollment_kind(record: TrialRecord) -> str:
    return {"estimated": "planned", "actual": "actual"}.get(record.design.enrollment_kind or "", "")


def _duration_kind(record: TrialRecord) -> str:
    dates = (record.dates.start, record.dates.completion)
    kinds = [when.kind if when else None for when in dates]
    if "estimated" in kinds:
        return "planned"
    return "actual" if kinds == ["actual", "actual"] else ""


def _with_kind(label: str, kind: str) -> str:
    return f"{label}, {kind}" if kind else label
