"""Contradictions between fields: dates in an impossible order, and an enrollment that the status rules out."""

from app.reading.contradictions.wording import contradiction
from app.reading.notes import Evidence, TrustNote, last_day, stated_date
from app.record.code_lists import STATUS
from app.record.trial import PartialDate, TrialRecord
from app.text.wording import counted, earliest_day


def dates_note(record: TrialRecord) -> TrustNote | None:
    """Note dates in an impossible order; a month counts as a whole, so May is not before 3 May."""
    dates = record.dates
    start = ("Start", dates.start)
    primary = ("Primary completion", dates.primary_completion)
    completion = ("Study completion", dates.completion)
    pairs = ((start, completion), (start, primary), (primary, completion))
    return next((note for first, second in pairs if (note := _out_of_order(*first, *second))), None)


def _out_of_order(
    first: str, first_date: PartialDate | None, second: str, second_date: PartialDate | None
) -> TrustNote | None:
    if not first_date or not second_date:
        return None
    begins, ends = earliest_day(first_date.text), last_day(second_date.text)
    if begins is None or ends is None or ends >= begins:
        return None
    evidence = (
        Evidence(stated_date(second_date), "#dates", second),
        Evidence(stated_date(first_date), "#dates", first),
    )
    text = (
        f"A date may be wrong: {second.lower()} ({evidence[0].text}) comes before"
        f" {first.lower()} ({evidence[1].text})."
    )
    return contradiction("dates", text, *evidence)


def enrollment_note(record: TrialRecord) -> TrustNote | None:
    """Note a withdrawn trial with participants, or a completed one without.

    Source: NLM data element definitions, Enrollment.
    """
    design = record.design
    is_empty = record.status == "completed" and design.enrollment == 0
    is_filled = (
        record.status == "withdrawn" and bool(design.enrollment) and design.enrollment_kind == "actual"
    )
    if not is_empty and not is_filled:
        return None
    label = STATUS.label(record.status)
    number = counted(design.enrollment or 0, "participant")
    text = f"The status or the enrollment may be wrong: the status is “{label}”, but {number} took part."
    evidence = (Evidence(label, "#status", "Status"), Evidence(number, "#design", "Enrollment"))
    return contradiction("enrollment", text, *evidence)
