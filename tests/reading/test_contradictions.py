from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.contradictions import contradictions
from app.reading.criteria import read_criteria
from app.reading.notes import TrustNote
from app.record.trial import (
    ArmGroup,
    Dates,
    Design,
    Eligibility,
    Intervention,
    Outcome,
    PartialDate,
    TrialRecord,
)
from app.registries.ctgov.normalize import normalize
from tests.reading.strategies import PARTIAL_DATES
from tests.support.reference_data import reference_file

DRUG = Intervention(name="Sunitinib", type="drug")
DESIGN = Design(
    study_type="interventional",
    phases=("phase2",),
    allocation="randomized",
    intervention_model="parallel",
    masking="double",
    who_masked=("participant", "investigator"),
    enrollment=40,
    enrollment_kind="actual",
)


def trial(**fields: Any) -> TrialRecord:
    """Make a randomized, double-blind phase 2 trial of two arms; `design_...` changes one field of its design."""
    in_design = [name for name in fields if name.startswith("design_")]
    design = replace(DESIGN, **{name.removeprefix("design_"): fields.pop(name) for name in in_design})
    boring: dict[str, Any] = {
        "registry": "ctgov",
        "registry_id": "NCT00000001",
        "registry_url": "https://example.org",
        "design": design,
        "arms": (ArmGroup("A"), ArmGroup("B")),
        "interventions": (DRUG,),
    }
    return TrialRecord(**boring | fields)


def found(record: TrialRecord) -> tuple[TrustNote, ...]:
    return contradictions(record, read_criteria(record.eligibility.criteria))


def kinds(record: TrialRecord) -> list[str]:
    return [note.kind.removeprefix("contradiction-") for note in found(record)]


def places(note: TrustNote) -> list[tuple[str, str]]:
    return [(evidence.place, evidence.anchor) for evidence in note.evidence]


def test_a_clean_record_has_none() -> None:
    record = trial(
        brief_title="Sunitinib in Kidney Cancer",
        official_title="A Phase II, Randomized, Double-Blind, Two-Arm Study of Sunitinib",
        brief_summary="This is a randomized, double-blind phase 2 trial. Patients are randomized into two groups.",
        dates=Dates(PartialDate("2024-01"), PartialDate("2025-01-01"), PartialDate("2025")),
        eligibility=Eligibility(
            criteria="Inclusion Criteria:\n\n* Aged 18 to 75 years\n\nExclusion Criteria:\n\n* Allergy to sunitinib",
            minimum_age="18 Years",
            maximum_age="75 Years",
        ),
        primary_outcomes=(Outcome("Overall survival (OS)", "2 years", "OS is defined from entry to death."),),
    )
    assert found(record) == ()
    assert found(trial(arms=(), interventions=(), design=Design())) == ()


@pytest.mark.parametrize(
    ("phases", "summary"),
    [
        (("phase2",), "The goal of this phase I/II clinical trial is to learn."),
        (("phase2",), "This is a Phase 1b/2a, multicenter study of sunitinib."),
        (("phase2",), "This phase Ⅲ trial compares two drugs."),
        (("phase2",), "A Phase 3, randomized, double-blind study of sunitinib."),
        (("phase2",), "PURPOSE: This phase I trial is studying sunitinib."),
        (("phase2",), "The study is a randomized, controlled phase 3 study."),
        (("phase2",), "We propose a phase 1-2 dose-finding trial."),
        (("phase2",), "Background.\n\nThis is a first in human Phase 1 study."),
        (("early-phase1",), "This is a single-center, Phase I study to evaluate safety."),
        (("phase1",), "This early phase 1 study gives sunitinib."),
        (("phase1",), "This phase 0 study gives sunitinib."),
        (("phase1", "phase2"), "This is a phase Ib study of sunitinib."),
        (("na",), "This randomized phase III trial gives sunitinib."),
    ],
)
def test_a_phase_in_the_text_that_is_not_the_fields(phases: tuple[str, ...], summary: str) -> None:
    (note,) = found(trial(design_phases=phases, brief_summary=summary))
    assert note.kind == "contradiction-phase"
    assert note.heading == "Possible contradiction"
    assert places(note) == [("Phase", "#design"), ("Brief summary", "#summary")]


@pytest.mark.parametrize(
    ("phases", "summary"),
    [
        (("phase2",), "This is a Phase IIa study."),
        (("phase2",), "This is a Phase 2, 24-week study."),
        (("phase2",), "This is a phase 2, international study."),
        (("phase2",), "This phase 2a/b study gives sunitinib."),
        (("phase1",), "This Phase I/Ib study gives sunitinib."),
        (("phase3",), "This is a Phase IIIb study."),
        (("phase1", "phase2"), "This phase Ib/II trial gives sunitinib."),
        (("phase1", "phase2"), "This is a phase Ib study. The phase II part follows."),
        (("phase2", "phase3"), "This phase II-III trial gives sunitinib."),
        (("early-phase1",), "This is a phase 0/I exploratory study."),
        (("phase3",), "A Phase I-III study of sunitinib."),
        (("phase4",), "This phase 3b/4 study gives sunitinib."),
        (("phase3",), "After successful phase I trials, this study gives sunitinib."),
        (("phase3",), "In a previous phase 2 study, sunitinib was safe."),
        (("phase3",), "The results of this phase II study led to the present one."),
        (("phase3",), "In the phase II KEYSTONE study sunitinib was tested."),
        (("phase3",), "In this phase 2 trial (Smith et al., 2010), sunitinib was safe."),
        (("phase3",), "This phase 2 study showed a benefit."),
        (("phase3",), "This is an extension of a phase 2 study."),
        (("phase3",), "This is a follow-up phase 2 study."),
        (("phase1",), "This study finds the recommended phase 2 dose."),
        (("phase1",), "This study's phase 2 portion is planned."),
        (("phase3",), "This is a study in the chronic phase 2 of leukemia."),
        (("phase3",), "This luteal phase support study gives sunitinib."),
        (("phase3",), "This two-phase study: phase 1 of the programme trains nurses."),
        (("phase3",), "This Phase II cardiac rehabilitation study gives sunitinib."),
        (("phase3",), "This project extends successful Phase I work."),
        (("phase2",), "Each phase II trial is designed alone; phase I trials came first."),
        ((), "This phase II trial gives sunitinib."),
    ],
)
def test_phases_that_agree_or_are_of_something_else(phases: tuple[str, ...], summary: str) -> None:
    assert kinds(trial(design_phases=phases, brief_summary=summary)) == []


@pytest.mark.parametrize(
    ("official_title", "expected"),
    [
        ("A Phase I/II, Randomized Study of Sunitinib", ["phase"]),
        ("DASH-2: A Randomized, Double-Blind Phase 3 Trial", ["phase"]),
        ("Sunitinib in Children - A Phase III Randomized Trial", ["phase"]),
        ("Follow-up of Patients From a Phase 3 Study", []),
        ("Sunitinib After a Phase 1 Study: Long-term Safety", []),
        ("A Phase 3 Extension Study of Sunitinib", []),
        ("Multicenter Trial of Phase I/II Studies on Sunitinib", []),
    ],
)
def test_phases_of_titles(official_title: str, expected: list[str]) -> None:
    assert kinds(trial(brief_title="Sunitinib", official_title=official_title)) == expected


def test_a_title_alone_is_the_title_of_the_page() -> None:
    (note,) = found(trial(official_title="A Phase 3 Study of Sunitinib"))
    assert places(note)[1] == ("Title", "#title")


def test_trials_of_anything_but_drugs_have_no_phase_to_contradict() -> None:
    surgery = (Intervention(name="Nephrectomy", type="procedure"),)
    record = trial(design_phases=("na",), brief_summary="This randomized phase III trial compares surgery.")
    assert kinds(record) == ["phase"]
    assert kinds(replace(record, interventions=surgery)) == []
    assert kinds(trial(design=Design(study_type="observational"), brief_summary="This phase II study.")) == []


@pytest.mark.parametrize(
    "summary",
    [
        "Patients will be randomly allocated into three groups: sunitinib, placebo and both.",
        "Participants are randomized to one of 3 treatment arms.",
        "Patients with fever (over 38) will be randomised in a 1:1 ratio into four equal groups.",
        "This is a three-arm study.",
        "This randomized, double-blind, 4-arm trial gives sunitinib.",
    ],
)
def test_more_arms_promised_than_listed(summary: str) -> None:
    (note,) = found(trial(brief_summary=summary))
    assert note.kind == "contradiction-arms"
    assert places(note) == [("Arms", "#arms"), ("Brief summary", "#summary")]
    assert note.evidence[0].text == "2 arms are listed"


@pytest.mark.parametrize(
    "summary",
    [
        "Patients will be randomly allocated into two groups.",
        "Patients are randomised to one of two arms.",
        "This is a two-arm or multi-arm study.",
        "In part 2, patients will be randomized to three arms.",
        "In a previous trial, patients were randomly assigned to three groups.",
        "Smith (2010) randomized patients into three groups.",
        "Rats were randomly divided into four groups.",
        "Responders are then randomized to three groups.",
        "Patients are randomized to three age groups.",
        "Patients are randomized and stratified into three groups.",
        "Three groups of investigators will meet.",
        "This three-arm extension study follows patients.",
    ],
)
def test_arms_that_agree_or_are_of_something_else(summary: str) -> None:
    assert kinds(trial(brief_summary=summary)) == []


def test_fewer_arms_promised_or_none_listed_or_periods_are_no_contradiction() -> None:
    summary = "Patients are randomly assigned to three groups."
    assert kinds(trial(brief_summary=summary, arms=tuple(map(ArmGroup, "ABCD")))) == []
    assert kinds(trial(brief_summary=summary, arms=())) == []
    assert kinds(trial(brief_summary=summary, design_intervention_model="crossover")) == []


@pytest.mark.parametrize(
    ("masking", "summary", "expected"),
    [
        ("none", "This is a randomized, double-blind trial.", ["masking"]),
        ("none", "This is a randomized, assessor-blinded trial.", ["masking"]),
        ("none", "This randomised, observer masked study gives sunitinib.", ["masking"]),
        ("none", "This is an open-label, assessor-blinded trial.", []),
        ("none", "This is a non-blinded trial.", []),
        ("none", "This is an un-blinded trial.", []),
        ("none", "This is a randomized, sponsor-blinded trial.", []),
        ("none", "Allergy is shown by a double-blind, placebo-controlled food challenge.", []),
        ("none", "This double-blind food challenge is part of the study.", []),
        ("none", "This randomized trial teaches blind children.", []),
        ("none", "This masked hypertension trial gives sunitinib.", []),
        ("double", "This is an open-label, randomized study.", ["masking"]),
        ("double", "This non-blinded trial gives sunitinib.", ["masking"]),
        ("double", "This is an open-label extension study.", []),
        ("double", "This is an open-label, then double-blind study.", []),
        ("double", "This is a single-blind trial.", []),
    ],
)
def test_masking_in_the_text_against_the_field(masking: str, summary: str, expected: list[str]) -> None:
    who = DESIGN.who_masked if masking == "double" else ()
    assert kinds(trial(design_masking=masking, design_who_masked=who, brief_summary=summary)) == expected


def test_open_label_with_masked_assessors_is_no_contradiction() -> None:
    record = trial(brief_summary="This is an open-label, randomized study.", design_masking="single")
    assert kinds(record) == ["masking"]
    assert kinds(replace(record, design=replace(record.design, who_masked=("outcomes-assessor",)))) == []
    explained = replace(record.design, masking_description="Open-label, but doses are blinded.")
    assert kinds(replace(record, design=explained)) == []


@pytest.mark.parametrize(
    ("allocation", "summary", "expected"),
    [
        ("non-randomized", "This is a randomised controlled trial.", ["allocation"]),
        ("na", "This is a pilot randomized clinical trial.", ["allocation"]),
        ("na", "This RCT gives sunitinib.", ["allocation"]),
        ("na", "A larger randomized trial will follow.", []),
        ("na", "This study may lead to a randomized trial.", []),
        ("na", "In a randomized trial sunitinib was safe.", []),
        ("na", "This is a follow-up of the randomized trial.", []),
        ("non-randomized", "This is a non-randomized trial.", []),
        ("non-randomized", "This is a quasi-randomized trial.", []),
        ("non-randomized", "This is a randomized crossover study followed by a cohort.", []),
        ("randomized", "This is a non-randomized, open study.", ["allocation"]),
        ("randomized", "This is a single-arm study.", ["allocation"]),
        ("randomized", "This is a single-arm study with a randomized part.", []),
    ],
)
def test_allocation_in_the_text_against_the_field(allocation: str, summary: str, expected: list[str]) -> None:
    assert kinds(trial(design_allocation=allocation, brief_summary=summary)) == expected


def test_an_assignment_that_only_the_text_states_is_one_softer_note() -> None:
    summary = "This is a single-center, double-blind, randomized trial."
    (note,) = found(trial(design_masking=None, design_allocation=None, brief_summary=summary))
    assert (note.kind, note.heading) == ("assignment-not-stated", "Possibly incomplete")
    assert places(note) == [("Allocation and masking", "#design"), ("Brief summary", "#summary")]
    assert kinds(trial(design_masking=None, brief_summary="This is a randomized, open-label trial.")) == []


def criteria(inclusion: str = "* Cancer", exclusion: str = "* Pregnancy") -> str:
    return f"Inclusion Criteria:\n\n{inclusion}\n\nExclusion Criteria:\n\n{exclusion}"


@pytest.mark.parametrize(
    "item",
    [
        "Have a history of allergy to Chidamide;",
        "Known hypersensitivity to docetaxel.",
        "Allergic to trastuzumab or any of its excipients",
        "History of severe allergic reactions to Oxaliplatin and similar drugs",
    ],
)
def test_an_allergy_to_a_drug_that_is_not_given(item: str) -> None:
    text = criteria(exclusion=f"* Pregnancy\n* {item}")
    (note,) = found(trial(eligibility=Eligibility(criteria=text)))
    assert note.kind == "contradiction-allergy"
    assert places(note) == [("Exclusion criterion 2", "#exclusion-2"), ("Interventions", "#arms")]
    assert note.evidence[1].text == "Sunitinib"


@pytest.mark.parametrize(
    "item",
    [
        "Allergy to sunitinib",
        "Allergy to the study drug",
        "Allergy to any component of the formulation",
        "Hypersensitivity to monoclonal antibodies",
        "Allergy to contrast agents",
        "Hypersensitivity to gadolinium",
        "Allergy to lidocaine",
        "Allergy to penicillin",
        "Allergy to peanut",
        "Allergy to polysorbate 80",
        "Allergy to docetaxel, lidocaine or latex",
        "Allergy to Chidamide\n* Hypersensitivity to any component of the investigational product",
        "Allergy to Chidamide\n* Allergy to sunitinib",
        "Allergy to Chidamide\n* Chidamide within four weeks",
    ],
)
def test_allergies_that_may_well_be_meant(item: str) -> None:
    assert kinds(trial(eligibility=Eligibility(criteria=criteria(exclusion=f"* {item}")))) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"interventions": (replace(DRUG, other_names=("Chidamide",)),)},
        {"interventions": (replace(DRUG, description="Given after chidamide."),)},
        {"interventions": (DRUG, Intervention(name="Chemotherapy", type="drug"))},
        {"interventions": (Intervention(name="CS055", type="drug"),)},
        {"interventions": (Intervention(name="Epidaza", type="drug"),)},
        {"interventions": (Intervention(name="Surgery", type="procedure"),)},
        {"interventions": ()},
        {"arms": (ArmGroup("Chidamide"), ArmGroup("Sunitinib"))},
        {"detailed_description": "Patients on stable chidamide are eligible."},
        {"keywords": ("chidamide",)},
    ],
)
def test_a_drug_that_the_trial_may_give_is_no_mistake(fields: dict[str, Any]) -> None:
    text = criteria(exclusion="* Allergy to Chidamide")
    assert kinds(trial(eligibility=Eligibility(criteria=text), **fields)) == []


@pytest.mark.parametrize(
    ("measure", "description", "expected"),
    [
        ("Overall survival", "DFS is defined from enrollment to death.", ["outcome"]),
        ("OS", "Progression-free survival (PFS) was defined as time to progression.", ["outcome"]),
        ("Objective response rate (ORR)", "DCR is defined as CR, PR or SD.", ["outcome"]),
        ("Overall survival (OS)", "OS is defined from enrollment to death.", []),
        ("Overall survival", "Death is defined by the investigator.", []),
        ("Overall survival", "PFS is defined from entry; OS is defined from entry to death.", []),
        ("OS and PFS", "PFS is defined from entry to progression.", []),
        ("Disease-free survival", "RFS is defined from entry to relapse.", []),
        ("Overall survival", "Patients without PFS events are followed, and survival is defined.", []),
        ("Fracture of the os calcis", "PFS is defined from entry.", []),
        ("Progression-free survival", "PFS2 is defined from entry.", []),
        ("Overall survival", None, []),
        (None, "DFS is defined from entry.", []),
    ],
)
def test_an_outcome_named_one_thing_and_defined_as_another(
    measure: str | None, description: str | None, expected: list[str]
) -> None:
    outcomes = (Outcome("Weight", None, None), Outcome(measure, None, description))
    record = trial(secondary_outcomes=outcomes)
    assert kinds(record) == expected
    if expected:
        assert places(found(record)[0]) == [
            ("Secondary outcome 2, name", "#secondary-outcome-2"),
            ("Secondary outcome 2, description", "#secondary-outcome-2"),
        ]


@pytest.mark.parametrize(
    ("start", "primary", "completion", "expected"),
    [
        ("2024-06-01", None, "2024-05-31", ("Study completion", "Start")),
        ("2024-06", None, "2024-05", ("Study completion", "Start")),
        ("2024-06", "2023", None, ("Primary completion", "Start")),
        (None, "2025-01-02", "2025-01-01", ("Study completion", "Primary completion")),
        ("2024-06-15", None, "2024-06", None),
        ("2024-06-15", "2024", "2024-06", None),
        ("2024-06", "2024-06", "2024-06", None),
        ("2024", "2024-01-01", None, None),
        ("soon", "2024-01-01", "later", None),
        (None, None, None, None),
    ],
)
def test_dates_in_an_order_that_cannot_be(
    start: str | None, primary: str | None, completion: str | None, expected: tuple[str, str] | None
) -> None:
    dates = Dates(*(PartialDate(text) if text else None for text in (start, primary, completion)))
    notes = found(trial(dates=dates))
    assert [note.kind for note in notes] == (["contradiction-dates"] if expected else [])
    if expected:
        assert tuple(evidence.place for evidence in notes[0].evidence) == expected


@pytest.mark.parametrize(
    ("status", "count", "kind", "expected"),
    [
        ("completed", 0, "actual", ["enrollment"]),
        ("withdrawn", 12, "actual", ["enrollment"]),
        ("withdrawn", 12, "estimated", []),
        ("withdrawn", 12, None, []),
        ("withdrawn", 0, "actual", []),
        ("completed", None, None, []),
        ("completed", 12, "actual", []),
        ("recruiting", 0, "estimated", []),
    ],
)
def test_an_enrollment_that_the_status_rules_out(
    status: str, count: int | None, kind: str | None, expected: list[str]
) -> None:
    assert kinds(trial(status=status, design_enrollment=count, design_enrollment_kind=kind)) == expected


@pytest.mark.parametrize(
    ("minimum", "maximum", "item"),
    [
        ("18 Years", "80 Years", "Aged 18 to 75 years"),
        ("18 Years", "65 Years", "Men and women, 18-75 years old (inclusive);"),
        ("21 Years", "75 Years", r"Age \>= 18 and \<= 75 years"),
        ("21 Years", "75 Years", "Age ≥18 years and ≤75 years at the time of signing informed consent"),
        ("18 Years", None, "18 to 75 years of age"),
        ("18 Months", "50 Years", "Aged 18-50 years old"),
        ("18 Years", "65 Years", "Age: 18 - 75"),
    ],
)
def test_ages_of_the_fields_against_the_one_criterion_on_age(
    minimum: str, maximum: str | None, item: str
) -> None:
    eligibility = Eligibility(criteria(f"* Cancer\n* {item}"), minimum, maximum)
    (note,) = found(trial(eligibility=eligibility))
    assert note.kind == "contradiction-ages"
    assert places(note) == [("Ages", "#ages"), ("Inclusion criterion 2", "#inclusion-2")]


@pytest.mark.parametrize(
    ("minimum", "maximum", "items"),
    [
        ("18 Years", "75 Years", "* Aged 18 to 75 years"),
        ("18 Years", "75 Years", "* Aged 18 to 76 years"),
        ("12 Years", "17 Years", r"* Aged \>= 12 and \<18 years"),
        (None, None, "* Aged 18 to 75 years"),
        (None, "75 Years", "* Aged 18 to 75 years"),
        ("4 Months", "11 Months", "* Aged 4-11"),
        ("18 Years", "N/A", "* Aged 18 to 75 years"),
        ("18 Years", "65 Years", "* Aged 18 to 75 years in France"),
        ("18 Years", "65 Years", "* Women aged 18-45 years, men aged 18-65 years"),
        ("18 Years", "65 Years", "* Aged 18-45 years\n* Controls aged 18 to 65 years"),
        ("18 Years", "65 Years", "* Diagnosed at age 20-40 years"),
        ("18 Years", "65 Years", "* Gestational age 20-32 weeks"),
        ("18 Years", "65 Years", "* BMI 18 to 30"),
        ("18 Years", "65 Years", "* Aged 18-5 years"),
        ("18 Years", "130 Years", r"* Age \>= 18 years"),
        ("24 Months", "2 Years", "* Children"),
    ],
)
def test_ages_that_agree_or_cannot_be_read_for_certain(
    minimum: str | None, maximum: str | None, items: str
) -> None:
    assert kinds(trial(eligibility=Eligibility(criteria(items), minimum, maximum))) == []


def test_a_minimum_age_above_the_maximum() -> None:
    (note,) = found(trial(eligibility=Eligibility(None, "18 Years", "24 Months")))
    assert note.kind == "contradiction-ages"
    assert [evidence.text for evidence in note.evidence] == ["18 Years", "24 Months"]


WORDS = [
    *(
        "this is",
        "a ",
        "phase ",
        "I",
        "II",
        "Ⅲ",
        "/",
        "3",
        "b ",
        "-",
        "randomized ",
        "double-blind ",
        "open-label ",
    ),
    *(
        "study ",
        "trial ",
        "three arm ",
        "randomized into ",
        "of ",
        "groups ",
        "allergy to ",
        "Chidamide",
        ". ",
    ),
    *(
        "aged ",
        "18",
        " to ",
        "75 ",
        "years",
        "\n",
        "* ",
        "Inclusion Criteria:\n",
        "Exclusion Criteria:\n",
        "OS ",
    ),
    *("DFS is defined ", "Overall survival"),
]


@given(
    start=PARTIAL_DATES,
    primary=PARTIAL_DATES,
    completion=PARTIAL_DATES,
    text=st.lists(st.sampled_from(WORDS)).map("".join),
)
def test_no_dates_and_no_words_are_too_odd(
    start: PartialDate | None, primary: PartialDate | None, completion: PartialDate | None, text: str
) -> None:
    record = trial(
        official_title=text,
        brief_summary=text,
        dates=Dates(start, primary, completion),
        eligibility=Eligibility(text, "18 Years", "65 Years"),
        primary_outcomes=(Outcome(text, text, text),),
    )
    for note in found(record):
        assert len(note.evidence) == 2
        assert all(evidence.text and evidence.anchor.startswith("#") for evidence in note.evidence)


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "piece",
    [
        "this is a ",
        "this phase 1/",
        "phase 1 and ",
        "randomized to ",
        "randomly assigned into one of the following ",
        "double-blind ",
        "a study ",
        "OS is defined ",
        "(",
        "  \n",
    ],
)
def test_a_megabyte_of_text_is_read_in_a_moment(piece: str) -> None:
    text = piece * (MEGABYTE // len(piece))
    outcomes = (Outcome(text, text, text),)
    record = trial(
        official_title=text,
        brief_summary=text,
        detailed_description=text,
        design_phases=("phase1", "phase2"),
        primary_outcomes=outcomes,
    )
    assert isinstance(contradictions(record, None), tuple)


@pytest.mark.parametrize("line", ["* allergy to Chidamide\n", "* aged 18 to 75\n", "allergic to a "])
def test_a_megabyte_of_criteria_is_read_in_a_moment(line: str) -> None:
    many = line * (MEGABYTE // 2 // len(line))
    read = read_criteria(criteria(many, many))
    record = trial(eligibility=Eligibility(None, "18 Years", "65 Years"))
    assert isinstance(contradictions(record, read), tuple)


def seeds() -> dict[str, tuple[TrustNote, ...]]:
    records = map(normalize, map(orjson.loads, reference_file("data/seeds.ndjson").read_bytes().splitlines()))
    return {record.registry_id: found(record) for record in records}


def test_the_contradictions_of_the_seeds_name_both_places() -> None:
    said = {
        registry_id: [
            (note.kind, [(evidence.place, evidence.anchor, evidence.text) for evidence in note.evidence])
            for note in notes
        ]
        for registry_id, notes in seeds().items()
    }
    assert said == {
        "NCT06141304": [
            (
                "contradiction-outcome",
                [
                    (
                        "Secondary outcome 2, name",
                        "#secondary-outcome-2",
                        "“Overall survival of the enrolled participants”",
                    ),
                    (
                        "Secondary outcome 2, description",
                        "#secondary-outcome-2",
                        "“DFS is defined from enrollment to death, last contact, or end of this clinical trial.”",
                    ),
                ],
            )
        ],
        "NCT06075238": [
            (
                "contradiction-phase",
                [
                    ("Phase", "#design", "Phase 2"),
                    ("Brief summary", "#summary", "“phase I/II clinical trial”"),
                ],
            ),
            (
                "contradiction-allergy",
                [
                    (
                        "Exclusion criterion 7",
                        "#exclusion-7",
                        "“Have a history of allergy to Chidamide;”",
                    ),
                    ("Interventions", "#arms", "blinatumomab"),
                ],
            ),
        ],
        "NCT05744440": [
            (
                "contradiction-phase",
                [
                    ("Phase", "#design", "Early phase 1"),
                    ("Brief summary", "#summary", "“open label, single-arm, Phase I study”"),
                ],
            )
        ],
        "NCT06861348": [],
        "NCT06389305": [
            (
                "contradiction-arms",
                [
                    ("Arms", "#arms", "2 arms are listed"),
                    ("Brief summary", "#summary", "“randomly allocated into three groups”"),
                ],
            ),
            (
                "assignment-not-stated",
                [
                    ("Allocation and masking", "#design", "Not stated"),
                    ("Brief summary", "#summary", "“single-center, double-blind, randomized trial”"),
                ],
            ),
        ],
    }
