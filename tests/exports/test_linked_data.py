import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from app.exports.linked_data import SYNTHETIC, linked_data, open_graph
from app.record.trial import (
    ArmGroup,
    Design,
    Intervention,
    Location,
    MeshTerm,
    Organization,
    OtherId,
    Terms,
    TrialRecord,
)
from app.registries.ctgov.normalize import normalize
from tests.support.reference_data import reference_file

URL = "https://trialmark.example/trials/NCT00000001"

# The properties of each type that a record may become, its parents' included, from the type's own page
# (https://schema.org/MedicalTrial and so on); of types that have many more, only those that we may use.
THING = {
    *("additionalType", "alternateName", "description", "disambiguatingDescription", "identifier", "image"),
    *("mainEntityOfPage", "name", "owner", "potentialAction", "sameAs", "subjectOf", "url"),
}
MEDICAL_ENTITY = THING | {
    *("code", "funding", "guideline", "legalStatus", "medicineSystem", "recognizingAuthority"),
    *("relevantSpecialty", "study"),
}
MEDICAL_STUDY = MEDICAL_ENTITY | {"healthCondition", "sponsor", "status", "studyLocation", "studySubject"}
PROPERTIES = {
    "MedicalStudy": MEDICAL_STUDY,
    "MedicalTrial": MEDICAL_STUDY | {"trialDesign"},
    "MedicalObservationalStudy": MEDICAL_STUDY | {"studyDesign"},
    "MedicalCondition": MEDICAL_ENTITY,
    "MedicalCode": MEDICAL_ENTITY | {"codeValue", "codingSystem"},
    "MedicalEntity": MEDICAL_ENTITY,
    "Drug": MEDICAL_ENTITY,
    "MedicalDevice": MEDICAL_ENTITY,
    "MedicalProcedure": MEDICAL_ENTITY,
    "MedicalTest": MEDICAL_ENTITY,
    "DietarySupplement": MEDICAL_ENTITY,
    "PropertyValue": THING | {"propertyID", "value"},
    "Organization": THING,
    "Person": THING,
    "Country": THING,
}
SUBJECTS = {"Drug", "MedicalDevice", "MedicalProcedure", "MedicalTest", "DietarySupplement", "MedicalEntity"}
# The "expected type" of each property on those pages, or a subtype of it.
EXPECTED = {
    "identifier": {"PropertyValue"},
    "code": {"MedicalCode"},
    "sponsor": {"Organization", "Person"},
    "healthCondition": {"MedicalCondition"},
    "studySubject": SUBJECTS,
    "studyLocation": {"Country"},  # an AdministrativeArea
}
MEMBERS = {
    # https://schema.org/MedicalStudyStatus
    "status": {
        *("ActiveNotRecruiting", "Completed", "EnrollingByInvitation", "NotYetRecruiting", "Recruiting"),
        *("ResultsAvailable", "ResultsNotAvailable", "Suspended", "Terminated", "Withdrawn"),
    },
    # https://schema.org/MedicalTrialDesign
    "trialDesign": {
        *("DoubleBlindedTrial", "InternationalTrial", "MultiCenterTrial", "OpenTrial"),
        *("PlaceboControlledTrial", "RandomizedTrial", "SingleBlindedTrial", "SingleCenterTrial"),
        "TripleBlindedTrial",
    },
    # https://schema.org/MedicalObservationalStudyDesign
    "studyDesign": {
        *("CaseSeries", "CohortStudy", "CrossSectional", "Longitudinal", "Observational", "Registry"),
    },
}


def trial(**fields: Any) -> TrialRecord:
    record = TrialRecord(
        registry="ctgov",
        registry_id="NCT00000001",
        registry_url="https://clinicaltrials.gov/study/NCT00000001",
        brief_title="A trial",
    )
    return replace(record, **fields)


def data_of(record: TrialRecord, description: str = "A description") -> dict[str, Any]:
    return dict(json.loads(linked_data(record, url=URL, description=description)))


def members(record: TrialRecord, name: str) -> set[str]:
    return {url.removeprefix("https://schema.org/") for url in data_of(record).get(name, [])}


def real_records() -> Iterator[TrialRecord]:
    with gzip.open(reference_file("data/ctgov.ndjson.gz"), "rt") as studies:
        yield from (normalize(json.loads(study)) for study in studies)
    with reference_file("data/seeds.ndjson").open() as studies:
        yield from (normalize(json.loads(study)) for study in studies)


def check_thing(thing: dict[str, Any]) -> None:
    properties = PROPERTIES[thing["@type"]]
    assert len(thing) > 1, "a thing with nothing but a type"
    for name, value in thing.items():
        if name == "@type":
            continue
        assert name in properties, f"{name} is no property of {thing['@type']}"
        values = value if isinstance(value, list) else [value]
        assert values, f"{name} is empty"
        for item in values:
            if name in MEMBERS:
                assert item.removeprefix("https://schema.org/") in MEMBERS[name]
                assert item.startswith("https://schema.org/")
            elif name in EXPECTED:
                assert item["@type"] in EXPECTED[name]
                check_thing(item)
            else:
                assert isinstance(item, str), name
                assert item.strip(), f"{name} is blank"


def check_linked_data(record: TrialRecord) -> dict[str, Any]:
    text = linked_data(record, url=URL, description="A description")
    assert not re.search("[<>&\u2028\u2029]", text)
    script = html.fragment_fromstring(f'<script type="application/ld+json">{text}</script>')
    assert script.text == text
    assert len(script) == 0
    data = json.loads(text)
    assert data.pop("@context") == "https://schema.org"
    check_thing(data)
    assert data["name"]
    assert data["url"] == URL
    return dict(data)


def test_a_trial_is_told_in_the_words_of_schema_org() -> None:
    record = trial(
        brief_title="Aspirin \\>100 mg",
        official_title="Aspirin Above 100 mg for Migraine",
        acronym="ASP",
        aliases=("NCT00000009",),
        secondary_ids=(OtherId("2020-000001-01", "eudract-number"), OtherId("U1111", "registry", "WHO")),
        status="completed",
        has_results=True,
        lead_sponsor=Organization("A University"),
        conditions=("Migraine Disorders", "Headache"),
        condition_terms=Terms(concepts=(MeshTerm("D008881", "Migraine disorders"), MeshTerm("D1", "Pain"))),
        interventions=(Intervention("Aspirin", "drug"), Intervention("A talk", "behavioral")),
        intervention_terms=Terms(concepts=(MeshTerm("D001241", "Aspirin"),)),
        design=Design(study_type="interventional", allocation="randomized", masking="none"),
        locations=(Location(country="France"), Location(country="Italy"), Location(country="France")),
    )
    assert data_of(record) == {
        "@context": "https://schema.org",
        "@type": "MedicalTrial",
        "name": "Aspirin >100 mg",
        "alternateName": ["Aspirin Above 100 mg for Migraine", "ASP"],
        "description": "A description",
        "url": URL,
        "sameAs": "https://clinicaltrials.gov/study/NCT00000001",
        "identifier": [
            {"@type": "PropertyValue", "propertyID": "ClinicalTrials.gov", "value": "NCT00000001"},
            {"@type": "PropertyValue", "propertyID": "ClinicalTrials.gov", "value": "NCT00000009"},
            {"@type": "PropertyValue", "propertyID": "EudraCT number", "value": "2020-000001-01"},
            {"@type": "PropertyValue", "propertyID": "WHO", "value": "U1111"},
        ],
        "code": {"@type": "MedicalCode", "codeValue": "NCT00000001", "codingSystem": "ClinicalTrials.gov"},
        "status": ["https://schema.org/Completed", "https://schema.org/ResultsAvailable"],
        "sponsor": {"@type": "Organization", "name": "A University"},
        "healthCondition": [
            {
                "@type": "MedicalCondition",
                "name": "Migraine Disorders",
                "code": {"@type": "MedicalCode", "codeValue": "D008881", "codingSystem": "MeSH"},
            },
            {"@type": "MedicalCondition", "name": "Headache"},
            {
                "@type": "MedicalCondition",
                "name": "Pain",
                "code": {"@type": "MedicalCode", "codeValue": "D1", "codingSystem": "MeSH"},
            },
        ],
        "studySubject": [
            {
                "@type": "Drug",
                "name": "Aspirin",
                "code": {"@type": "MedicalCode", "codeValue": "D001241", "codingSystem": "MeSH"},
            },
            {"@type": "MedicalEntity", "name": "A talk"},
        ],
        "studyLocation": [{"@type": "Country", "name": "France"}, {"@type": "Country", "name": "Italy"}],
        "trialDesign": [
            "https://schema.org/OpenTrial",
            "https://schema.org/RandomizedTrial",
            "https://schema.org/MultiCenterTrial",
            "https://schema.org/InternationalTrial",
        ],
    }


def test_what_the_record_does_not_say_is_not_there() -> None:
    assert set(data_of(trial(), description="")) == {
        *("@context", "@type", "name", "url", "sameAs", "identifier", "code"),
    }


@pytest.mark.parametrize(
    ("study_type", "type_name"),
    [
        ("interventional", "MedicalTrial"),
        ("expanded-access", "MedicalTrial"),
        ("observational", "MedicalObservationalStudy"),
        (None, "MedicalStudy"),
    ],
)
def test_the_type_follows_the_study_type(study_type: str | None, type_name: str) -> None:
    assert data_of(trial(design=Design(study_type=study_type)))["@type"] == type_name


@pytest.mark.parametrize(
    "status", ["unknown", "available", "withheld", "approved-for-marketing", "a-new-one", None]
)
def test_a_status_that_schema_org_has_no_member_for_is_left_out(status: str | None) -> None:
    assert "status" not in data_of(trial(status=status))


@pytest.mark.parametrize(
    ("masking", "who", "member"),
    [
        ("none", (), "OpenTrial"),
        ("single", (), "SingleBlindedTrial"),
        ("single", ("participant",), "SingleBlindedTrial"),
        ("single", ("outcomes-assessor",), None),
        ("double", (), "DoubleBlindedTrial"),
        ("double", ("participant", "investigator"), "DoubleBlindedTrial"),
        ("double", ("participant", "outcomes-assessor"), "DoubleBlindedTrial"),
        ("double", ("participant", "care-provider"), None),
        ("triple", ("participant", "care-provider", "investigator"), "TripleBlindedTrial"),
        ("triple", ("participant", "investigator", "outcomes-assessor"), None),
        (
            "quadruple",
            ("participant", "care-provider", "investigator", "outcomes-assessor"),
            "TripleBlindedTrial",
        ),
        (None, (), None),
    ],
)
def test_blinding_is_claimed_only_as_schema_org_defines_it(
    masking: str | None, who: tuple[str, ...], member: str | None
) -> None:
    record = trial(design=Design(study_type="interventional", masking=masking, who_masked=who))
    assert members(record, "trialDesign") == ({member} if member else set())


def test_a_placebo_arm_and_a_single_site_are_told() -> None:
    record = trial(
        design=Design(study_type="interventional"),
        arms=(ArmGroup("Sugar", "placebo-comparator"),),
        locations=(Location(country="France"),),
    )
    assert members(record, "trialDesign") == {"PlaceboControlledTrial", "SingleCenterTrial"}


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        (Design(study_type="observational"), {"Observational"}),
        (Design(study_type="observational", observational_model="case-control"), {"Observational"}),
        (Design(study_type="observational", observational_model="cohort"), {"CohortStudy"}),
        (
            Design(study_type="observational", time_perspective="cross-sectional", is_patient_registry=True),
            {"CrossSectional", "Registry"},
        ),
    ],
)
def test_an_observational_study_has_the_members_that_fit(design: Design, expected: set[str]) -> None:
    assert members(trial(design=design), "studyDesign") == expected


def test_a_single_person_as_sponsor_is_a_person() -> None:
    assert data_of(trial(lead_sponsor=Organization("Ann Lee", "indiv")))["sponsor"]["@type"] == "Person"


def test_a_synthetic_record_says_so_and_claims_no_place_in_a_registry() -> None:
    data = check_linked_data(trial(is_synthetic=True))
    assert data["disambiguatingDescription"] == SYNTHETIC
    assert not {"sameAs", "code"} & set(data)
    assert "ClinicalTrials.gov" not in json.dumps(data)


def test_a_trial_of_hundreds_of_conditions_stays_small() -> None:
    conditions = tuple(f"Condition {number}" for number in range(400))
    assert len(data_of(trial(conditions=conditions))["healthCondition"]) == 50


def test_text_cannot_leave_the_script_and_comes_back_as_it_was() -> None:
    title = "</script><script>alert(\"1\")</script> <!-- & 'x' ]]> 😭"
    record = trial(brief_title=title)
    assert check_linked_data(record)["name"] == title
    assert data_of(record, description=title)["description"] == title


HOSTILE = st.lists(
    st.sampled_from(
        [
            *("</script>", "<!--", "-->", "<script", "]]>", '"', "'", "\\", '\\"', "&", "&lt;", "{", "}"),
            *("\u2028", "\u2029", "\x00", "\n", "\u202e", "\u200f", "\ud800", "😭", "שלום", " ", "word"),
        ]
    ),
    max_size=8,
).map("".join)
RECORDS = st.builds(
    trial,
    brief_title=HOSTILE,
    official_title=HOSTILE,
    acronym=HOSTILE,
    is_synthetic=st.booleans(),
    has_results=st.booleans(),
    status=st.sampled_from(["recruiting", "unknown"]) | HOSTILE,
    lead_sponsor=st.builds(Organization, HOSTILE, HOSTILE),
    organization_study_id=st.builds(OtherId, HOSTILE, HOSTILE, HOSTILE),
    conditions=st.lists(HOSTILE, max_size=4).map(tuple),
    condition_terms=st.builds(Terms, st.lists(st.builds(MeshTerm, HOSTILE, HOSTILE), max_size=3).map(tuple)),
    interventions=st.lists(st.builds(Intervention, HOSTILE, HOSTILE), max_size=3).map(tuple),
    locations=st.lists(st.builds(Location, country=HOSTILE), max_size=3).map(tuple),
    design=st.builds(
        Design, study_type=st.sampled_from(["interventional", "observational", None]), masking=HOSTILE
    ),
)


@settings(deadline=None)
@given(RECORDS)
def test_hostile_records_stay_inside_the_script_and_the_vocabulary(record: TrialRecord) -> None:
    check_linked_data(record)


def test_every_real_record_stays_inside_the_vocabulary() -> None:
    for record in real_records():
        data = check_linked_data(record)
        assert data["@type"] in ("MedicalTrial", "MedicalObservationalStudy")
        assert "phase" not in data
        graph = dict(open_graph(record, url=URL, status_label="Recruiting", phase_words="Phase 2"))
        assert all(value.strip() for value in graph.values())


def test_open_graph_tells_title_status_phase_and_id_as_plain_text() -> None:
    record = trial(brief_title="WBC \\>100 <b>&\u202e")
    assert open_graph(record, url=URL, status_label="Recruiting", phase_words="Phase 2") == (
        ("og:type", "website"),
        ("og:site_name", "Trialmark"),
        ("og:title", "WBC >100 <b>&"),
        ("og:description", "Recruiting, Phase 2, NCT00000001"),
        ("og:url", URL),
    )


def test_open_graph_of_a_synthetic_record_says_so_first() -> None:
    graph = dict(open_graph(trial(is_synthetic=True), url=URL, status_label="Recruiting", phase_words=""))
    assert graph["og:description"] == "Synthetic record, Recruiting, NCT00000001"
