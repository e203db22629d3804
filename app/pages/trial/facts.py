"""Single facts of a record as labeled lines, grouped as the page shows them."""

from dataclasses import dataclass

from app.record.code_lists import (
    AGE_GROUP,
    ALLOCATION,
    INTERVENTION_MODEL,
    MASKING,
    OBSERVATIONAL_MODEL,
    PURPOSE,
    SAMPLES_KEPT,
    SAMPLING_METHOD,
    SEX,
    STATUS,
    STUDY_TYPE,
    TIME_PERSPECTIVE,
    WHO_MASKED,
    CodeList,
)
from app.record.trial import PartialDate, TrialRecord
from app.text.wording import age_range, date_words, participants, phase_words

_EXPANDED_ACCESS = {
    "individual": "Individual patients",
    "intermediate": "Intermediate-size populations",
    "treatment": "Treatment protocol",
}


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    values: tuple[str, ...]
    """What the record says, without empty texts; no values at all are shown as "Not stated"."""
    iso: str = ""
    """The ISO form, where the fact is a date."""
    detail: str | None = None
    """More about the fact, in the registry's Markdown."""


def who_facts(record: TrialRecord) -> tuple[Fact, ...]:
    eligibility = record.eligibility
    ages = age_range(eligibility.minimum_age, eligibility.maximum_age)
    has_ages = bool(eligibility.minimum_age or eligibility.maximum_age)
    facts = [
        _fact("Ages", ages if has_ages else None),
        Fact("Age groups", tuple(AGE_GROUP.label(group) for group in eligibility.age_groups)),
        Fact("Sex", labels(SEX, eligibility.sex), detail=eligibility.gender_description),
        Fact("Healthy volunteers", yes_no(eligibility.accepts_healthy_volunteers)),
    ]
    if eligibility.is_gender_based is not None:
        facts.append(Fact("Based on gender", yes_no(eligibility.is_gender_based)))
    if eligibility.sampling_method:
        facts.append(Fact("Sampling", labels(SAMPLING_METHOD, eligibility.sampling_method)))
    return tuple(facts)


def design_facts(record: TrialRecord) -> tuple[Fact, ...]:
    """List the facts that belong to the study's type, stated or not, and all others that the record states."""
    design = record.design
    is_observational = design.study_type == "observational"
    is_interventional = design.study_type in (None, "interventional")
    enrollment = (
        participants(design.enrollment, design.enrollment_kind) if design.enrollment is not None else None
    )
    access = tuple(_EXPANDED_ACCESS[kind] for kind in design.expanded_access_types)
    facts = (
        (True, Fact("Study type", labels(STUDY_TYPE, design.study_type))),
        (is_interventional, _fact("Phase", phase_words(design.phases) if design.phases else None)),
        (is_interventional, Fact("Purpose", labels(PURPOSE, design.purpose))),
        (is_interventional, Fact("Allocation", labels(ALLOCATION, design.allocation))),
        (is_interventional, _intervention_model(record)),
        (is_interventional, Fact("Masking", _masking(record), detail=design.masking_description)),
        (
            is_observational,
            Fact("Observational model", labels(OBSERVATIONAL_MODEL, design.observational_model)),
        ),
        (is_observational, Fact("Time perspective", labels(TIME_PERSPECTIVE, design.time_perspective))),
        (True, _fact("Enrollment", enrollment)),
        (False, Fact("Patient registry", yes_no(design.is_patient_registry))),
        (False, _fact("Follow-up", (design.target_duration or "").lower() or None)),
        (False, _samples(record)),
        (False, Fact("Expanded access for", access)),
    )
    return tuple(fact for is_expected, fact in facts if is_expected or fact.values or fact.detail)


def date_facts(record: TrialRecord) -> tuple[Fact, ...]:
    """List the main dates, including missing ones, which also say something about the record."""
    dates = record.dates
    facts = [
        date_fact("Start", dates.start, estimated="planned"),
        date_fact("Primary completion", dates.primary_completion, estimated="planned"),
        date_fact("Study completion", dates.completion, estimated="planned"),
        date_fact("First posted", dates.first_posted),
        date_fact("Last update posted", dates.last_update_posted),
        date_fact("Last verified", dates.verified),
    ]
    if record.has_results or dates.results_posted:
        facts.append(date_fact("Results first posted", dates.results_posted))
    return tuple(facts)


def posting_facts(record: TrialRecord) -> tuple[Fact, ...]:
    """List the dates of the record's own history, as far as it has them."""
    dates = record.dates
    history = (
        ("First submitted", dates.first_submitted),
        ("First submitted, passed review", dates.first_submitted_after_qc),
        ("Last update submitted", dates.last_update_submitted),
        ("Results submitted", dates.results_submitted),
        ("Results submitted, passed review", dates.results_submitted_after_qc),
        ("Certificate of delay submitted", dates.delay_submitted),
        ("Certificate of delay, passed review", dates.delay_submitted_after_qc),
        ("Certificate of delay posted", dates.delay_posted),
    )
    return tuple(date_fact(label, when) for label, when in history if when)


def status_facts(record: TrialRecord) -> tuple[Fact, ...]:
    """List what explains the status: the last known status and the reason for stopping."""
    facts = []
    if record.last_known_status:
        facts.append(Fact("Last known status", (STATUS.label(record.last_known_status),)))
    if record.why_stopped:
        facts.append(Fact("Why stopped", (record.why_stopped,)))
    return tuple(facts)


def date_fact(label: str, when: PartialDate | None, *, estimated: str = "estimated") -> Fact:
    """Word a date with its precision and certainty; `estimated` is the word for a date that may still move."""
    if when is None:
        return Fact(label, ())
    suffix = {"estimated": f", {estimated}", "actual": ", actual"}.get(when.kind or "", "")
    return Fact(label, (date_words(when.text) + suffix,), iso=when.text[:10])


def _intervention_model(record: TrialRecord) -> Fact:
    design = record.design
    model = labels(INTERVENTION_MODEL, design.intervention_model)
    return Fact("Intervention model", model, detail=design.intervention_model_description)


def _samples(record: TrialRecord) -> Fact:
    design = record.design
    return Fact("Samples kept", labels(SAMPLES_KEPT, design.samples_kept), detail=design.samples_description)


def _masking(record: TrialRecord) -> tuple[str, ...]:
    design = record.design
    masking = labels(MASKING, design.masking)
    who = ", ".join(WHO_MASKED.label(person).lower() for person in design.who_masked)
    return (f"{masking[0]}: {who}",) if masking and who else masking


def _fact(label: str, value: str | None) -> Fact:
    return Fact(label, (value,) if value else ())


def labels(vocabulary: CodeList, value: str | None) -> tuple[str, ...]:
    return (vocabulary.label(value),) if value else ()


def yes_no(value: bool | None) -> tuple[str, ...]:
    return () if value is None else (("No", "Yes")[value],)
