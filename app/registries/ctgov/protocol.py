"""Reads a study's design, arms, interventions, outcomes and eligibility."""

from app.record.trial import ArmGroup, Design, Eligibility, Intervention, Outcome
from app.registries.ctgov.document import (
    Node,
    date_kind,
    enum,
    enums,
    flag,
    integer,
    node,
    nodes,
    text,
    texts,
)

_ENROLLMENT_SENTINEL = 99_999_999
"""The number that stands for "unknown" in old expanded-access records."""


def read_design(design: Node) -> Design:
    info = node(design, "designInfo")
    masking = node(info, "maskingInfo")
    enrollment = node(design, "enrollmentInfo")
    samples = node(design, "bioSpec")
    access_types = node(design, "expandedAccessTypes")
    count = integer(enrollment, "count")
    return Design(
        study_type=enum(design, "studyType"),
        phases=enums(design, "phases"),
        allocation=enum(info, "allocation"),
        intervention_model=enum(info, "interventionModel"),
        intervention_model_description=text(info, "interventionModelDescription"),
        purpose=enum(info, "primaryPurpose"),
        observational_model=enum(info, "observationalModel"),
        time_perspective=enum(info, "timePerspective"),
        masking=enum(masking, "masking"),
        who_masked=enums(masking, "whoMasked"),
        masking_description=text(masking, "maskingDescription"),
        enrollment=None if count == _ENROLLMENT_SENTINEL else count,
        enrollment_kind=date_kind(enrollment),
        samples_kept=enum(samples, "retention"),
        samples_description=text(samples, "description"),
        is_patient_registry=flag(design, "patientRegistry"),
        target_duration=text(design, "targetDuration"),
        expanded_access_types=tuple(
            kind for kind in ("individual", "intermediate", "treatment") if flag(access_types, kind)
        ),
        expanded_access_pointers=integer(design, "nPtrsToThisExpAccNctId"),
    )


def read_arm(arm: Node, number: int) -> ArmGroup:
    return ArmGroup(
        label=text(arm, "label") or f"Arm {number}",
        type=enum(arm, "type"),
        description=text(arm, "description"),
        intervention_names=texts(arm, "interventionNames"),
    )


def read_intervention(intervention: Node) -> Intervention:
    return Intervention(
        name=text(intervention, "name"),
        type=enum(intervention, "type"),
        description=text(intervention, "description"),
        arm_labels=texts(intervention, "armGroupLabels"),
        other_names=texts(intervention, "otherNames"),
    )


def read_outcomes(module: Node, key: str) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(text(item, "measure"), text(item, "timeFrame"), text(item, "description"))
        for item in nodes(module, key)
    )


def read_eligibility(eligibility: Node) -> Eligibility:
    return Eligibility(
        criteria=text(eligibility, "eligibilityCriteria"),
        minimum_age=text(eligibility, "minimumAge"),
        maximum_age=text(eligibility, "maximumAge"),
        age_groups=enums(eligibility, "stdAges"),
        sex=enum(eligibility, "sex"),
        is_gender_based=flag(eligibility, "genderBased"),
        gender_description=text(eligibility, "genderDescription"),
        accepts_healthy_volunteers=flag(eligibility, "healthyVolunteers"),
        population=text(eligibility, "studyPopulation"),
        sampling_method=enum(eligibility, "samplingMethod"),
    )
