"""Administrative facts of a record: ids, responsibility, oversight, indexing, and the state of its results."""

from app.pages.trial.facts import Fact, date_fact, labels, yes_no
from app.record.code_lists import (
    RESPONSIBLE_PARTY,
    RESULTS_STEP,
    SPONSOR_CLASS,
    STATUS,
    STUDY_ID_TYPE,
    VIOLATION,
)
from app.record.trial import (
    Organization,
    OtherId,
    ResponsibleParty,
    Submission,
    SubmissionEvent,
    TrialRecord,
    Violation,
)
from app.text.wording import date_words


def identity_facts(record: TrialRecord) -> tuple[Fact, ...]:
    facts = [Fact("Registry number", (record.registry_id,))]
    if record.aliases:
        facts.append(Fact("Former numbers", record.aliases))
    others = (record.organization_study_id, *record.secondary_ids)
    facts.append(Fact("Other study ids", tuple(_id_words(other) for other in others if other)))
    if record.acronym:
        facts.append(Fact("Acronym", (record.acronym,)))
    if record.official_title and record.brief_title:
        facts.append(Fact("Official title", (record.official_title,)))
    if record.organization:
        facts.append(Fact("Registering organization", (_with_class(record.organization),)))
    return tuple(facts)


def sponsor_facts(record: TrialRecord) -> tuple[Fact, ...]:
    party = record.responsible_party
    return (
        Fact("Sponsor", (_with_class(record.lead_sponsor),) if record.lead_sponsor else ()),
        Fact("Collaborators", tuple(_with_class(sponsor) for sponsor in record.collaborators)),
        Fact("Responsible party", _party_words(party) if party else ()),
    )


def oversight_facts(record: TrialRecord) -> tuple[Fact, ...]:
    oversight = record.oversight
    facts = [
        Fact("Data monitoring committee", yes_no(oversight.has_data_monitoring_committee)),
        Fact("Studies a U.S. FDA-regulated drug", yes_no(oversight.is_fda_regulated_drug)),
        Fact("Studies a U.S. FDA-regulated device", yes_no(oversight.is_fda_regulated_device)),
    ]
    optional = (
        ("Device not yet approved by the U.S. FDA", oversight.is_unapproved_device),
        ("Pediatric postmarket surveillance of a device", oversight.is_pediatric_postmarket_surveillance),
        ("Made in and exported from the U.S.", oversight.is_us_export),
        ("Found in violation of FDAAA 801", oversight.is_fdaaa801_violation),
        ("Posting delayed until device approval", record.is_posting_delayed),
        ("Results waived", record.are_results_waived),
    )
    return (*facts, *(Fact(label, yes_no(value)) for label, value in optional if value is not None))


def access_facts(record: TrialRecord) -> tuple[Fact, ...]:
    """List what the record says about expanded access, that is, treatment outside the trial."""
    access = record.expanded_access
    facts = []
    if access.has_expanded_access is not None:
        facts.append(Fact("Expanded access", yes_no(access.has_expanded_access)))
    if access.registry_id:
        status = labels(STATUS, access.status)
        facts.append(Fact("Expanded access record", (", ".join((access.registry_id, *status)),)))
    if record.design.expanded_access_pointers is not None:
        count = f"{record.design.expanded_access_pointers:,}"
        facts.append(Fact("Records that name this one as expanded access", (count,)))
    return tuple(facts)


def indexing_facts(record: TrialRecord) -> tuple[Fact, ...]:
    """List the terms that the registry's own indexing (MeSH) adds; empty where there are none."""
    groups = (
        ("Condition terms", record.condition_terms.concepts),
        ("Broader condition terms", record.condition_terms.ancestors),
        ("Intervention terms", record.intervention_terms.concepts),
        ("Broader intervention terms", record.intervention_terms.ancestors),
    )
    return tuple(
        Fact(label, tuple(concept.name for concept in concepts)) for label, concepts in groups if concepts
    )


def submission_facts(record: TrialRecord) -> tuple[Fact, ...]:
    """List facts on results that are submitted but not posted, FDA notices, and removed countries."""
    state = record.results_submission
    facts = []
    if state.responsible_party:
        facts.append(Fact("Unposted results, responsible party", (state.responsible_party,)))
    if state.events:
        facts.append(Fact("Unposted results, steps", tuple(_event_words(event) for event in state.events)))
    if state.estimated_date:
        facts.append(date_fact("Results expected to be submitted", state.estimated_date))
    if state.first_review_posted:
        facts.append(date_fact("First posted before passing review", state.first_review_posted))
    if state.submissions:
        facts.append(Fact("Submissions of results", tuple(map(_submission_words, state.submissions))))
    facts += [_violation_fact(violation) for violation in record.violations]
    if record.removed_countries:
        facts.append(Fact("Countries removed from the record", record.removed_countries))
    return tuple(facts)


def _party_words(party: ResponsibleParty) -> tuple[str, ...]:
    person = ", ".join(filter(None, (party.name, party.title, party.affiliation)))
    former = ", ".join(filter(None, (party.former_name, party.former_organization)))
    return tuple(filter(None, (person, former, *labels(RESPONSIBLE_PARTY, party.type))))


def _with_class(organization: Organization) -> str:
    if not organization.sponsor_class:
        return organization.name
    return f"{organization.name} ({SPONSOR_CLASS.label(organization.sponsor_class)})"


def _id_words(other: OtherId) -> str:
    about = ", ".join((*labels(STUDY_ID_TYPE, other.type), *filter(None, (other.domain, other.link))))
    return f"{other.id} ({about})" if about else other.id


def _event_words(event: SubmissionEvent) -> str:
    when = date_words(event.date.text) if event.date else ""
    unknown = "date unknown" if event.is_date_unknown else ""
    return ", ".join(filter(None, (RESULTS_STEP.label(event.type), when, unknown)))


def _submission_words(submission: Submission) -> str:
    steps = (
        ("submitted", submission.released),
        ("withdrawn", submission.unreleased),
        ("returned", submission.reset),
    )
    words = [f"{step} {date_words(when.text)}" for step, when in steps if when]
    if submission.is_unrelease_date_unknown:
        words.append("withdrawn on an unknown date")
    if submission.release_number is not None:
        words.append(f"posted as release {submission.release_number}")
    return ", ".join(words)


def _violation_fact(violation: Violation) -> Fact:
    dates = (
        ("created", violation.created),
        ("issued", violation.issued),
        ("released", violation.released),
        ("posted", violation.posted),
    )
    words = [f"{step} {date_words(when.text)}" for step, when in dates if when]
    text = ", ".join((VIOLATION.label(violation.type), *words))
    return Fact("Notice of the U.S. FDA", (text,), detail=violation.description)
