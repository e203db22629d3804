"""The single facts of a record in words: nothing made up, nothing raw, one wording for what is missing."""

from dataclasses import replace

import pytest

from app.pages.trial.administration import identity_facts, oversight_facts, sponsor_facts
from app.pages.trial.facts import Fact, date_facts, design_facts, posting_facts, status_facts, who_facts
from app.record.trial import (
    Dates,
    Design,
    Eligibility,
    Organization,
    OtherId,
    Oversight,
    PartialDate,
    ResponsibleParty,
    TrialRecord,
)

EMPTY = TrialRecord("ctgov", "NCT00000001", "https://example.org/")


def said(facts: tuple[Fact, ...]) -> dict[str, str]:
    return {fact.label: "; ".join(fact.values) or "Not stated" for fact in facts}


def test_who_can_join_in_words() -> None:
    eligibility = Eligibility(
        minimum_age="14 Years",
        maximum_age="60 Years",
        age_groups=("child", "adult"),
        sex="female",
        is_gender_based=True,
        gender_description="Self-described",
        accepts_healthy_volunteers=False,
        sampling_method="non-probability-sample",
    )
    facts = who_facts(replace(EMPTY, eligibility=eligibility))
    assert said(facts) == {
        "Ages": "14 to 60 years",
        "Age groups": "Child; Adult",
        "Sex": "Female",
        "Healthy volunteers": "No",
        "Based on gender": "Yes",
        "Sampling": "Non-probability sample",
    }
    assert facts[2].detail == "Self-described"


def test_absent_ages_are_not_stated_rather_than_all_ages() -> None:
    assert said(who_facts(EMPTY))["Ages"] == "Not stated"


def test_the_design_of_an_interventional_study_in_words() -> None:
    design = Design(
        study_type="interventional",
        phases=("phase1", "phase2"),
        purpose="treatment",
        allocation="na",
        intervention_model="single-group",
        masking="double",
        who_masked=("participant", "outcomes-assessor"),
        enrollment=1234,
        enrollment_kind="estimated",
    )
    assert said(design_facts(replace(EMPTY, design=design))) == {
        "Study type": "Interventional",
        "Phase": "Phase 1/Phase 2",
        "Purpose": "Treatment",
        "Allocation": "Not applicable",
        "Intervention model": "Single group",
        "Masking": "Double: participant, outcomes assessor",
        "Enrollment": "1,234 participants, planned",
    }


def test_the_design_of_an_observational_study_has_lines_of_its_own() -> None:
    design = Design(
        study_type="observational",
        observational_model="cohort",
        time_perspective="prospective",
        is_patient_registry=True,
        target_duration="2 Years",
        samples_kept="samples-with-dna",
        samples_description="Blood",
    )
    facts = design_facts(replace(EMPTY, design=design))
    assert said(facts) == {
        "Study type": "Observational",
        "Observational model": "Cohort",
        "Time perspective": "Prospective",
        "Enrollment": "Not stated",
        "Patient registry": "Yes",
        "Follow-up": "2 years",
        "Samples kept": "Samples with DNA",
    }
    assert facts[-1].detail == "Blood"


def test_the_design_of_expanded_access_says_for_whom() -> None:
    design = Design(study_type="expanded-access", expanded_access_types=("individual", "treatment"))
    assert said(design_facts(replace(EMPTY, design=design)))["Expanded access for"] == (
        "Individual patients; Treatment protocol"
    )


def test_dates_keep_their_precision_and_their_kind() -> None:
    dates = Dates(
        start=PartialDate("2023-09-01", "actual"),
        primary_completion=PartialDate("2025-01", "estimated"),
        completion=PartialDate("2025"),
    )
    facts = date_facts(replace(EMPTY, dates=dates))
    assert [(fact.values, fact.iso) for fact in facts[:4]] == [
        (("1 Sep 2023, actual",), "2023-09-01"),
        (("Jan 2025, planned",), "2025-01"),
        (("2025",), "2025"),
        ((), ""),
    ]


def test_the_records_own_history_has_the_dates_that_are_stated() -> None:
    dates = Dates(first_submitted=PartialDate("2023-08-01"), delay_posted=PartialDate("2026-01", "actual"))
    assert posting_facts(EMPTY) == ()
    assert said(posting_facts(replace(EMPTY, dates=dates))) == {
        "First submitted": "1 Aug 2023",
        "Certificate of delay posted": "Jan 2026, actual",
    }


def test_every_line_of_the_dates_is_there_in_a_record_without_any() -> None:
    assert said(date_facts(EMPTY)) == dict.fromkeys(
        [
            "Start",
            "Primary completion",
            "Study completion",
            "First posted",
            "Last update posted",
            "Last verified",
        ],
        "Not stated",
    )
    assert "Results first posted" in said(date_facts(replace(EMPTY, has_results=True)))


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        (ResponsibleParty("sponsor"), "Sponsor"),
        (
            ResponsibleParty("principal-investigator", "Ann Bee", "Professor", "A University"),
            "Ann Bee, Professor, A University; Principal investigator",
        ),
        (None, "Not stated"),
    ],
)
def test_the_responsible_party_is_named_with_its_role(party: ResponsibleParty | None, expected: str) -> None:
    assert said(sponsor_facts(replace(EMPTY, responsible_party=party)))["Responsible party"] == expected


def test_sponsors_are_named_with_their_class() -> None:
    record = replace(
        EMPTY,
        lead_sponsor=Organization("A University", "other-gov"),
        collaborators=(Organization("B"), Organization("C", "industry")),
    )
    facts = said(sponsor_facts(record))
    assert facts["Sponsor"] == "A University (Other government)"
    assert facts["Collaborators"] == "B; C (Industry)"


def test_ids_come_with_what_they_are() -> None:
    record = replace(
        EMPTY,
        aliases=("NCT00000099",),
        acronym="ABC",
        brief_title="Short",
        official_title="Long",
        organization_study_id=OtherId("ORG-1"),
        secondary_ids=(
            OtherId("2020-000001-11", "eudract-number"),
            OtherId("R01", "nih", "NCI"),
            OtherId("X", "brand-new-kind"),
        ),
    )
    assert said(identity_facts(record)) == {
        "Registry number": "NCT00000001",
        "Former numbers": "NCT00000099",
        "Other study ids": "ORG-1; 2020-000001-11 (EudraCT number); "
        "R01 (U.S. NIH grant or contract, NCI); X (Brand new kind)",
        "Acronym": "ABC",
        "Official title": "Long",
    }


def test_oversight_always_has_its_three_lines_and_the_rest_where_stated() -> None:
    assert said(oversight_facts(EMPTY)) == {
        "Data monitoring committee": "Not stated",
        "Studies a U.S. FDA-regulated drug": "Not stated",
        "Studies a U.S. FDA-regulated device": "Not stated",
    }
    stated = Oversight(True, False, False, is_us_export=False, is_fdaaa801_violation=True)
    facts = said(oversight_facts(replace(EMPTY, oversight=stated)))
    assert facts["Data monitoring committee"] == "Yes"
    assert facts["Made in and exported from the U.S."] == "No"
    assert facts["Found in violation of FDAAA 801"] == "Yes"


def test_a_status_is_explained_where_the_record_does() -> None:
    assert status_facts(EMPTY) == ()
    record = replace(EMPTY, last_known_status="not-yet-recruiting", why_stopped="No funds.")
    assert said(status_facts(record)) == {
        "Last known status": "Not yet recruiting",
        "Why stopped": "No funds.",
    }


def test_values_that_the_registry_adds_later_read_as_words() -> None:
    record = replace(
        EMPTY, design=Design(study_type="interventional", phases=("phase5",), masking="quintuple")
    )
    facts = said(design_facts(record))
    assert (facts["Phase"], facts["Masking"]) == ("Phase5", "Quintuple")


def test_an_empty_record_says_not_stated_and_nothing_else() -> None:
    every = (who_facts, design_facts, date_facts, sponsor_facts, oversight_facts)
    values = {value for facts in every for value in said(facts(EMPTY)).values()}
    assert values == {"Not stated"}
