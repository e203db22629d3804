"""Turns a study object of the ClinicalTrials.gov API v2 into a TrialRecord."""

import re
from typing import Any

import orjson

from app.record.trial import (
    Dates,
    ExpandedAccess,
    MeshTerm,
    MissingIdError,
    Oversight,
    RecordError,
    Terms,
    TrialRecord,
    WebLink,
)
from app.registries.ctgov.attachments import (
    read_available_data,
    read_data_sharing,
    read_documents,
    read_other_id,
    read_reference,
    read_results_submission,
    read_violation,
)
from app.registries.ctgov.document import (
    Node,
    date_struct,
    enum,
    flag,
    node,
    nodes,
    plain_date,
    text,
    texts,
)
from app.registries.ctgov.ids import record_url
from app.registries.ctgov.people import read_contact, read_location, read_organization, read_responsible_party
from app.registries.ctgov.protocol import (
    read_arm,
    read_design,
    read_eligibility,
    read_intervention,
    read_outcomes,
)
from app.registries.ctgov.results import read_results

NAME = "ctgov"
FIRST_SYNTHETIC_NUMBER = 90_000_000
"""The lowest NCT number of the built-in demo. The registry does not assign numbers from here up."""

_ID = re.compile(r"NCT([0-9]{8})")


def release(document: Node) -> str | None:
    """Return the release that the document states, or None if the value is not text.

    The release is the registry's bookkeeping, so a malformed one does not reject the trial.
    """
    misc = document.get("derivedSection")
    misc = misc.get("miscInfoModule") if isinstance(misc, dict) else None
    stated = misc.get("versionHolder") if isinstance(misc, dict) else None
    return stated.strip() or None if isinstance(stated, str) else None


def missing_fields(document: Node) -> tuple[str, ...]:
    """Name the fields that the registry requires of every study and that this one lacks.

    All of 1,824 real records have these fields. Withheld studies are exempt, because the registry hides their fields.
    """
    protocol = node(document, "protocolSection")
    status = text(node(protocol, "statusModule"), "overallStatus")
    if status == "WITHHELD":
        return ()
    found = {
        "briefTitle": text(node(protocol, "identificationModule"), "briefTitle"),
        "overallStatus": status,
        "studyType": text(node(protocol, "designModule"), "studyType"),
        "leadSponsor": text(node(node(protocol, "sponsorCollaboratorsModule"), "leadSponsor"), "name"),
        "conditions": texts(node(protocol, "conditionsModule"), "conditions"),
    }
    return tuple(name for name, value in found.items() if not value)


def fingerprint(document: dict[str, Any]) -> bytes:
    """Serialize the document without `versionHolder`, the registry's release, which changes daily in every record."""
    derived = document.get("derivedSection")
    if isinstance(derived, dict) and isinstance(derived.get("miscInfoModule"), dict):
        misc = {key: value for key, value in derived["miscInfoModule"].items() if key != "versionHolder"}
        document = {**document, "derivedSection": {**derived, "miscInfoModule": misc}}
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def normalize(document: dict[str, Any]) -> TrialRecord:
    """Turn one study object into a record.

    Raises:
        RecordError: the document is not a study, or a field holds a value of the wrong kind.
    """
    protocol = node(document, "protocolSection")
    derived = node(document, "derivedSection")
    identification = node(protocol, "identificationModule")
    status = node(protocol, "statusModule")
    sponsors = node(protocol, "sponsorCollaboratorsModule")
    description = node(protocol, "descriptionModule")
    conditions = node(protocol, "conditionsModule")
    arms = node(protocol, "armsInterventionsModule")
    outcomes = node(protocol, "outcomesModule")
    contacts = node(protocol, "contactsLocationsModule")
    references = node(protocol, "referencesModule")
    misc = node(derived, "miscInfoModule")
    annotation = node(node(document, "annotationSection"), "annotationModule")
    large_documents = node(node(document, "documentSection"), "largeDocumentModule")
    registry_id = _registry_id(identification)
    return TrialRecord(
        registry=NAME,
        registry_id=registry_id,
        registry_url=record_url(registry_id),
        is_synthetic=int(registry_id[3:]) >= FIRST_SYNTHETIC_NUMBER,
        aliases=texts(identification, "nctIdAliases"),
        brief_title=text(identification, "briefTitle"),
        official_title=text(identification, "officialTitle"),
        acronym=text(identification, "acronym"),
        organization_study_id=read_other_id(node(identification, "orgStudyIdInfo")),
        secondary_ids=tuple(
            other for info in nodes(identification, "secondaryIdInfos") if (other := read_other_id(info))
        ),
        organization=read_organization(node(identification, "organization"), "fullName"),
        status=enum(status, "overallStatus"),
        last_known_status=enum(status, "lastKnownStatus"),
        why_stopped=text(status, "whyStopped"),
        is_posting_delayed=flag(status, "delayedPosting"),
        dates=_dates(status),
        expanded_access=_expanded_access(node(status, "expandedAccessInfo")),
        lead_sponsor=read_organization(node(sponsors, "leadSponsor"), "name"),
        collaborators=tuple(
            organization
            for sponsor in nodes(sponsors, "collaborators")
            if (organization := read_organization(sponsor, "name"))
        ),
        responsible_party=read_responsible_party(node(sponsors, "responsibleParty")),
        oversight=_oversight(node(protocol, "oversightModule")),
        brief_summary=text(description, "briefSummary"),
        detailed_description=text(description, "detailedDescription"),
        conditions=texts(conditions, "conditions"),
        keywords=texts(conditions, "keywords"),
        condition_terms=condition_terms(document),
        intervention_terms=_terms(node(derived, "interventionBrowseModule")),
        design=read_design(node(protocol, "designModule")),
        arms=tuple(read_arm(arm, number) for number, arm in enumerate(nodes(arms, "armGroups"), start=1)),
        interventions=tuple(read_intervention(item) for item in nodes(arms, "interventions")),
        primary_outcomes=read_outcomes(outcomes, "primaryOutcomes"),
        secondary_outcomes=read_outcomes(outcomes, "secondaryOutcomes"),
        other_outcomes=read_outcomes(outcomes, "otherOutcomes"),
        eligibility=read_eligibility(node(protocol, "eligibilityModule")),
        central_contacts=tuple(read_contact(item) for item in nodes(contacts, "centralContacts")),
        officials=tuple(read_contact(item) for item in nodes(contacts, "overallOfficials")),
        locations=tuple(read_location(item) for item in nodes(contacts, "locations")),
        references=tuple(read_reference(item) for item in nodes(references, "references")),
        links=tuple(
            WebLink(url=text(item, "url"), label=text(item, "label"))
            for item in nodes(references, "seeAlsoLinks")
        ),
        available_data=tuple(read_available_data(item) for item in nodes(references, "availIpds")),
        data_sharing=read_data_sharing(node(protocol, "ipdSharingStatementModule")),
        documents=read_documents(large_documents, registry_id),
        has_no_analysis_plan=flag(large_documents, "noSap"),
        removed_countries=texts(misc, "removedCountries"),
        results_submission=read_results_submission(annotation, misc),
        violations=tuple(
            read_violation(event)
            for event in nodes(node(annotation, "violationAnnotation"), "violationEvents")
        ),
        are_results_waived=flag(status, "resultsWaived"),
        has_results=flag(document, "hasResults") or False,
        results=read_results(document),
        release=release(document),
    )


def _registry_id(identification: Node) -> str:
    registry_id = text(identification, "nctId")
    if registry_id is None:
        raise MissingIdError("no protocolSection.identificationModule.nctId: not a study object")
    if not _ID.fullmatch(registry_id):
        raise RecordError(f"nctId: {registry_id[:40]!r} is not NCT followed by eight digits")
    return registry_id


def _dates(status: Node) -> Dates:
    return Dates(
        start=date_struct(status, "startDateStruct"),
        primary_completion=date_struct(status, "primaryCompletionDateStruct"),
        completion=date_struct(status, "completionDateStruct"),
        first_submitted=plain_date(status, "studyFirstSubmitDate"),
        first_submitted_after_qc=plain_date(status, "studyFirstSubmitQcDate"),
        first_posted=date_struct(status, "studyFirstPostDateStruct"),
        results_submitted=plain_date(status, "resultsFirstSubmitDate"),
        results_submitted_after_qc=plain_date(status, "resultsFirstSubmitQcDate"),
        results_posted=date_struct(status, "resultsFirstPostDateStruct"),
        delay_submitted=plain_date(status, "dispFirstSubmitDate"),
        delay_submitted_after_qc=plain_date(status, "dispFirstSubmitQcDate"),
        delay_posted=date_struct(status, "dispFirstPostDateStruct"),
        last_update_submitted=plain_date(status, "lastUpdateSubmitDate"),
        last_update_posted=date_struct(status, "lastUpdatePostDateStruct"),
        verified=plain_date(status, "statusVerifiedDate"),
    )


def _expanded_access(info: Node) -> ExpandedAccess:
    return ExpandedAccess(
        has_expanded_access=flag(info, "hasExpandedAccess"),
        registry_id=text(info, "nctId"),
        status=enum(info, "statusForNctId"),
    )


def _oversight(oversight: Node) -> Oversight:
    return Oversight(
        has_data_monitoring_committee=flag(oversight, "oversightHasDmc"),
        is_fda_regulated_drug=flag(oversight, "isFdaRegulatedDrug"),
        is_fda_regulated_device=flag(oversight, "isFdaRegulatedDevice"),
        is_unapproved_device=flag(oversight, "isUnapprovedDevice"),
        is_pediatric_postmarket_surveillance=flag(oversight, "isPpsd"),
        is_us_export=flag(oversight, "isUsExport"),
        is_fdaaa801_violation=flag(oversight, "fdaaa801Violation"),
    )


def condition_terms(document: dict[str, Any]) -> Terms:
    """Read the MeSH terms with which the registry indexed a study's conditions."""
    return _terms(node(node(document, "derivedSection"), "conditionBrowseModule"))


def _terms(browse: Node) -> Terms:
    return Terms(concepts=_concepts(browse, "meshes"), ancestors=_concepts(browse, "ancestors"))


def _concepts(browse: Node, key: str) -> tuple[MeshTerm, ...]:
    return tuple(
        MeshTerm(identifier, name)
        for term in nodes(browse, key)
        if (identifier := text(term, "id")) and (name := text(term, "term"))
    )
