"""TrialRecord, the normalized record that every registry produces and every page reads.

Enumerated fields hold values of `app.record.code_lists`. Dates hold the registry's own text, so that a month is never
shown as a day. None or an empty tuple means that the record does not state the value.
"""

from dataclasses import dataclass
from typing import Literal

from app.record.results import Results


class RecordError(ValueError):
    """A document cannot be read as a trial. The message says what is wrong, and where."""


class MissingIdError(RecordError):
    """A document does not state the id of its trial."""


DateKind = Literal["actual", "estimated"]


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as the registry wrote it (`2023-09-01`, `2023-09` or `2023`), and whether it is actual or estimated."""

    text: str
    kind: DateKind | None = None


@dataclass(frozen=True, slots=True)
class OtherId:
    id: str
    type: str | None = None
    domain: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    name: str
    sponsor_class: str | None = None


@dataclass(frozen=True, slots=True)
class ResponsibleParty:
    type: str | None = None
    name: str | None = None
    title: str | None = None
    affiliation: str | None = None
    former_name: str | None = None
    """A name and title in one text, as in older records."""
    former_organization: str | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    start: PartialDate | None = None
    primary_completion: PartialDate | None = None
    completion: PartialDate | None = None
    first_submitted: PartialDate | None = None
    first_submitted_after_qc: PartialDate | None = None
    first_posted: PartialDate | None = None
    results_submitted: PartialDate | None = None
    results_submitted_after_qc: PartialDate | None = None
    results_posted: PartialDate | None = None
    delay_submitted: PartialDate | None = None
    delay_submitted_after_qc: PartialDate | None = None
    delay_posted: PartialDate | None = None
    last_update_submitted: PartialDate | None = None
    last_update_posted: PartialDate | None = None
    verified: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class ExpandedAccess:
    has_expanded_access: bool | None = None
    registry_id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Oversight:
    has_data_monitoring_committee: bool | None = None
    is_fda_regulated_drug: bool | None = None
    is_fda_regulated_device: bool | None = None
    is_unapproved_device: bool | None = None
    is_pediatric_postmarket_surveillance: bool | None = None
    is_us_export: bool | None = None
    is_fdaaa801_violation: bool | None = None


@dataclass(frozen=True, slots=True)
class MeshTerm:
    """A term of a controlled vocabulary (MeSH), in the vocabulary's own word order."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms with which the registry indexed the record, and the terms above them in the vocabulary."""

    concepts: tuple[MeshTerm, ...] = ()
    ancestors: tuple[MeshTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    study_type: str | None = None
    phases: tuple[str, ...] = ()
    allocation: str | None = None
    intervention_model: str | None = None
    intervention_model_description: str | None = None
    purpose: str | None = None
    observational_model: str | None = None
    time_perspective: str | None = None
    masking: str | None = None
    who_masked: tuple[str, ...] = ()
    masking_description: str | None = None
    enrollment: int | None = None
    enrollment_kind: DateKind | None = None
    samples_kept: str | None = None
    samples_description: str | None = None
    is_patient_registry: bool | None = None
    target_duration: str | None = None
    expanded_access_types: tuple[str, ...] = ()
    expanded_access_pointers: int | None = None
    """The number of records that name this one as their expanded access."""


@dataclass(frozen=True, slots=True)
class ArmGroup:
    label: str
    type: str | None = None
    description: str | None = None
    intervention_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intervention:
    name: str | None = None
    type: str | None = None
    description: str | None = None
    arm_labels: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    measure: str | None = None
    time_frame: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    criteria: str | None = None
    minimum_age: str | None = None
    maximum_age: str | None = None
    age_groups: tuple[str, ...] = ()
    sex: str | None = None
    is_gender_based: bool | None = None
    gender_description: str | None = None
    accepts_healthy_volunteers: bool | None = None
    population: str | None = None
    sampling_method: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    name: str | None = None
    role: str | None = None
    phone: str | None = None
    phone_extension: str | None = None
    email: str | None = None
    affiliation: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    facility: str | None = None
    status: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    citation: str | None = None
    type: str | None = None
    pubmed_id: str | None = None
    retractions: tuple[tuple[str | None, str | None], ...] = ()
    """(PubMed id, source) of each retraction notice."""


@dataclass(frozen=True, slots=True)
class WebLink:
    url: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class AvailableData:
    id: str | None = None
    type: str | None = None
    url: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class DataSharing:
    plan: str | None = None
    description: str | None = None
    documents: tuple[str, ...] = ()
    time_frame: str | None = None
    access_criteria: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class StudyDocument:
    label: str | None = None
    type_abbreviation: str | None = None
    date: PartialDate | None = None
    uploaded: str | None = None
    filename: str | None = None
    url: str | None = None
    size: int | None = None
    """Bytes."""
    has_protocol: bool | None = None
    has_analysis_plan: bool | None = None
    has_consent_form: bool | None = None


@dataclass(frozen=True, slots=True)
class SubmissionEvent:
    """A step of results that were submitted but not posted: `release`, `unrelease` or `reset`."""

    type: str | None = None
    date: PartialDate | None = None
    is_date_unknown: bool | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One round of the registry's quality control of submitted results."""

    released: PartialDate | None = None
    unreleased: PartialDate | None = None
    is_unrelease_date_unknown: bool | None = None
    reset: PartialDate | None = None
    release_number: int | None = None


@dataclass(frozen=True, slots=True)
class ResultsSubmission:
    """The status of unposted results at the registry."""

    responsible_party: str | None = None
    events: tuple[SubmissionEvent, ...] = ()
    estimated_date: PartialDate | None = None
    first_review_posted: PartialDate | None = None
    submissions: tuple[Submission, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A notice of the U.S. FDA about the reporting of this trial."""

    type: str | None = None
    description: str | None = None
    created: PartialDate | None = None
    issued: PartialDate | None = None
    released: PartialDate | None = None
    posted: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class TrialRecord:
    registry: str
    registry_id: str
    registry_url: str
    is_synthetic: bool = False
    aliases: tuple[str, ...] = ()
    brief_title: str | None = None
    official_title: str | None = None
    acronym: str | None = None
    organization_study_id: OtherId | None = None
    secondary_ids: tuple[OtherId, ...] = ()
    organization: Organization | None = None
    status: str | None = None
    last_known_status: str | None = None
    why_stopped: str | None = None
    is_posting_delayed: bool | None = None
    dates: Dates = Dates()
    expanded_access: ExpandedAccess = ExpandedAccess()
    lead_sponsor: Organization | None = None
    collaborators: tuple[Organization, ...] = ()
    responsible_party: ResponsibleParty | None = None
    oversight: Oversight = Oversight()
    brief_summary: str | None = None
    detailed_description: str | None = None
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    condition_terms: Terms = Terms()
    intervention_terms: Terms = Terms()
    design: Design = Design()
    arms: tuple[ArmGroup, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    primary_outcomes: tuple[Outcome, ...] = ()
    secondary_outcomes: tuple[Outcome, ...] = ()
    other_outcomes: tuple[Outcome, ...] = ()
    eligibility: Eligibility = Eligibility()
    central_contacts: tuple[Contact, ...] = ()
    officials: tuple[Contact, ...] = ()
    locations: tuple[Location, ...] = ()
    references: tuple[Reference, ...] = ()
    links: tuple[WebLink, ...] = ()
    available_data: tuple[AvailableData, ...] = ()
    data_sharing: DataSharing = DataSharing()
    documents: tuple[StudyDocument, ...] = ()
    has_no_analysis_plan: bool | None = None
    removed_countries: tuple[str, ...] = ()
    """Countries whose sites were all removed from the record."""
    results_submission: ResultsSubmission = ResultsSubmission()
    violations: tuple[Violation, ...] = ()
    are_results_waived: bool | None = None
    has_results: bool = False
    results: Results | None = None
    release: str | None = None
    """The registry's release from which the document was taken, as the registry states it."""

    @property
    def title(self) -> str:
        return self.brief_title or self.official_title or self.registry_id
