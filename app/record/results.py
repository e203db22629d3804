"""The normalized posted results of a record: registries produce them, pages show them.

Numbers are kept as the text that the registry wrote ("0.740", "NA", "<0.0001"), because their precision carries
meaning. Only counts of adverse events are integers. Enumerated fields hold values of `app.record.results_code_lists`.
Texts named description, population, comment or notes are the registry's Markdown. None or an empty tuple means that
the record does not state the value.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A group of participants in one part of the results. Its id is valid in that part only."""

    id: str | None = None
    title: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    group_id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Denominator:
    """The number of participants, or of other units, that were analyzed in each group."""

    units: str | None = None
    counts: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowCount:
    group_id: str | None = None
    participants: str | None = None
    units: str | None = None
    """The number of units named in `ParticipantFlow.units_analyzed`."""
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A milestone that participants reached, or a reason why they left."""

    type: str | None = None
    comment: str | None = None
    counts: tuple[FlowCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    title: str | None = None
    milestones: tuple[FlowStep, ...] = ()
    withdrawals: tuple[FlowStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ParticipantFlow:
    pre_assignment_details: str | None = None
    recruitment_details: str | None = None
    units_analyzed: str | None = None
    """The units that were assigned if not participants, such as eyes or clinics."""
    groups: tuple[Group, ...] = ()
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    group_id: str | None = None
    value: str | None = None
    spread: str | None = None
    lower_limit: str | None = None
    upper_limit: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    title: str | None = None
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureClass:
    """A row of a measure, or a block of rows if it has several categories."""

    title: str | None = None
    denominators: tuple[Denominator, ...] = ()
    categories: tuple[Category, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    title: str | None = None
    description: str | None = None
    population: str | None = None
    parameter: str | None = None
    dispersion: str | None = None
    """A value of the code list, or the registry's own words if unlisted ("84% Confidence Interval")."""
    unit: str | None = None
    is_percentage_calculated: bool | None = None
    denominator_units: str | None = None
    denominators: tuple[Denominator, ...] = ()
    classes: tuple[MeasureClass, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    population: str | None = None
    units_analyzed: str | None = None
    groups: tuple[Group, ...] = ()
    denominators: tuple[Denominator, ...] = ()
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval."""

    level: str | None = None
    """The confidence level in percent."""
    sides: str | None = None
    lower_limit: str | None = None
    upper_limit: str | None = None
    lower_limit_comment: str | None = None
    upper_limit_comment: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    group_ids: tuple[str, ...] = ()
    group_description: str | None = None
    test_type: str | None = None
    is_non_inferiority_tested: bool | None = None
    """A record may state this in addition to the test type, or instead of it."""
    test_comment: str | None = None
    p_value: str | None = None
    p_value_comment: str | None = None
    method: str | None = None
    method_comment: str | None = None
    parameter: str | None = None
    value: str | None = None
    interval: Interval = Interval()
    dispersion: str | None = None
    dispersion_value: str | None = None
    estimate_comment: str | None = None
    other_description: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeMeasure(Measure):
    type: str | None = None
    time_frame: str | None = None
    reporting_status: str | None = None
    anticipated_posting_date: str | None = None
    """The date as the registry wrote it, such as `2026-03`."""
    units_analyzed: str | None = None
    groups: tuple[Group, ...] = ()
    analyses: tuple[Analysis, ...] = ()


@dataclass(frozen=True, slots=True)
class AtRisk:
    """The number of affected participants out of those at risk."""

    affected: int | None = None
    at_risk: int | None = None


@dataclass(frozen=True, slots=True)
class EventGroup(Group):
    deaths: AtRisk = AtRisk()
    serious: AtRisk = AtRisk()
    other: AtRisk = AtRisk()


@dataclass(frozen=True, slots=True)
class EventCount(AtRisk):
    group_id: str | None = None
    events: int | None = None
    """The number of events; a participant may have had several."""


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    term: str | None = None
    organ_system: str | None = None
    source_vocabulary: str | None = None
    assessment: str | None = None
    notes: str | None = None
    counts: tuple[EventCount, ...] = ()


@dataclass(frozen=True, slots=True)
class AdverseEvents:
    frequency_threshold: str | None = None
    """The percentage of a group above which non-serious events are listed."""
    time_frame: str | None = None
    description: str | None = None
    mortality_comment: str | None = None
    groups: tuple[EventGroup, ...] = ()
    serious: tuple[AdverseEvent, ...] = ()
    other: tuple[AdverseEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement that restricts the investigators in publishing the results."""

    are_investigators_employees: bool | None = None
    """True if all investigators are employees of the sponsor."""
    is_restrictive: bool | None = None
    restriction: str | None = None
    details: str | None = None


@dataclass(frozen=True, slots=True)
class PointOfContact:
    title: str | None = None
    organization: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_extension: str | None = None


@dataclass(frozen=True, slots=True)
class MoreInformation:
    limitations: str | None = None
    agreement: Agreement = Agreement()
    contact: PointOfContact = PointOfContact()


@dataclass(frozen=True, slots=True)
class Results:
    participant_flow: ParticipantFlow | None = None
    baseline: Baseline | None = None
    outcome_measures: tuple[OutcomeMeasure, ...] = ()
    adverse_events: AdverseEvents | None = None
    more_information: MoreInformation | None = None
