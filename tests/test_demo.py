"""The synthetic registry is the same every time, true to the real registry's shape, and consistent."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from app.demo import studies
from app.demo.world import mesh
from app.demo.world.area import areas, drug_classes_for
from tests.support.reference_data import reference_file

TODAY = date(2026, 3, 1)

STATUSES = {
    "COMPLETED",
    "RECRUITING",
    "UNKNOWN",
    "NOT_YET_RECRUITING",
    "ACTIVE_NOT_RECRUITING",
    "TERMINATED",
    "WITHDRAWN",
    "SUSPENDED",
    "ENROLLING_BY_INVITATION",
    "AVAILABLE",
    "NO_LONGER_AVAILABLE",
    "APPROVED_FOR_MARKETING",
}

Study = dict[str, Any]


@pytest.fixture(scope="module")
def sample() -> list[Study]:
    return list(studies(2000, today=TODAY))


@pytest.fixture(scope="module")
def values(sample: list[Study]) -> list[tuple[str, Any]]:
    """Return every value of the sample with its path."""
    return [found for study in sample for found in _values(study)]


@pytest.fixture(scope="module")
def registry_fields() -> dict[str, str]:
    """Return the registry's type of each of its fields, by path."""
    tree = json.loads(_specification("studies_fieldlist.json"))

    def walk(nodes: list[dict[str, Any]], path: str) -> Iterator[tuple[str, str]]:
        for node in nodes:
            yield f"{path}.{node['name']}", node["type"].removesuffix("[]")
            yield from walk(node.get("children", []), f"{path}.{node['name']}")

    fields = dict(walk(tree, ""))
    points = [
        path for path, kind in fields.items() if kind == "GeoPoint"
    ]  # fields below which the tree does not go
    return fields | {f"{path}.{axis}": "number" for path in points for axis in ("lat", "lon")}


@pytest.fixture(scope="module")
def registry_enums() -> dict[str, set[str]]:
    return {
        enum["type"]: {value["value"] for value in enum["values"]}
        for enum in json.loads(_specification("studies_enums.json"))
    }


def test_the_same_seed_and_day_give_the_same_studies() -> None:
    assert list(studies(40, today=TODAY)) == list(studies(40, today=TODAY))


def test_another_seed_gives_other_studies() -> None:
    assert next(studies(1, today=TODAY)) != next(studies(1, seed=1, today=TODAY))


def test_a_study_does_not_depend_on_how_many_are_asked_for() -> None:
    assert list(studies(10, today=TODAY)) == list(itertools.islice(studies(20, today=TODAY), 10))


def test_studies_come_one_at_a_time_however_many_are_asked_for() -> None:
    assert next(studies(10**12, today=TODAY)) == next(studies(1, today=TODAY))


def test_a_changed_study_leaves_no_trace_in_the_next_run() -> None:
    before = list(studies(60, today=TODAY))
    for study in studies(60, today=TODAY):
        _empty(study)
    assert list(studies(60, today=TODAY)) == before


def test_the_day_is_today_unless_one_is_given() -> None:
    (study,) = studies(1)
    version = study["derivedSection"]["miscInfoModule"]["versionHolder"]
    assert abs((date.fromisoformat(version) - datetime.now(UTC).date()).days) <= 1


def test_ids_count_up_from_nct90000000(sample: list[Study]) -> None:
    ids = [study["protocolSection"]["identificationModule"]["nctId"] for study in sample]
    assert ids == [f"NCT{90_000_000 + number}" for number in range(2000)]


def test_every_study_survives_a_round_trip_through_json(sample: list[Study]) -> None:
    assert all(orjson.loads(orjson.dumps(study)) == study for study in sample)


def test_records_are_about_as_large_as_real_ones(sample: list[Study]) -> None:
    sizes = sorted(len(orjson.dumps(study)) for study in sample)
    assert 5_000 < sizes[1000] < 20_000
    assert sum(sizes) / 2000 < 20_000


def test_every_field_is_one_of_the_registry(
    values: list[tuple[str, Any]], registry_fields: dict[str, str]
) -> None:
    used = {path for path, _ in values}
    assert used - registry_fields.keys() == set()


def test_every_enumerated_value_is_one_of_the_registry(
    values: list[tuple[str, Any]], registry_fields: dict[str, str], registry_enums: dict[str, set[str]]
) -> None:
    used = {(path, value) for path, value in values if registry_fields[path] in registry_enums}
    assert len(used) > 100
    assert {
        (path, value) for path, value in used if value not in registry_enums[registry_fields[path]]
    } == set()


def test_arms_and_interventions_name_each_other(sample: list[Study]) -> None:
    named = 0
    for module in _modules(sample, "armsInterventionsModule"):
        arms = {arm["label"]: arm for arm in module.get("armGroups", [])}
        interventions = {
            f"{intervention['type'].replace('_', ' ').title()}: {intervention['name']}": intervention
            for intervention in module.get("interventions", [])
        }
        assert len(arms) == len(module.get("armGroups", []))
        assert len(interventions) == len(module.get("interventions", []))
        forward = {(label, name) for label, arm in arms.items() for name in arm.get("interventionNames", [])}
        backward = {
            (label, name)
            for name, intervention in interventions.items()
            for label in intervention.get("armGroupLabels", [])
        }
        assert forward == backward
        named += len(forward)
    assert named > 2000


def test_dates_agree_with_the_status(sample: list[Study]) -> None:
    today = TODAY.isoformat()
    for module in _modules(sample, "statusModule"):
        status = module["overallStatus"]
        start, primary, end = (
            module.get(f"{name}DateStruct", {}) for name in ("start", "primaryCompletion", "completion")
        )
        if status in {"RECRUITING", "ACTIVE_NOT_RECRUITING", "COMPLETED", "TERMINATED"} and start:
            assert start["date"] <= today
            assert start.get("type", "ACTUAL") == "ACTUAL"
        if status in {"COMPLETED", "TERMINATED"} and end:
            assert end["date"] <= today
            assert end["type"] == "ACTUAL"
        if status in {"RECRUITING", "NOT_YET_RECRUITING"} and end:
            assert end["type"] == "ESTIMATED"
        if status == "NOT_YET_RECRUITING" and start:
            assert start["type"] == "ESTIMATED"
        if status == "UNKNOWN":
            assert module["statusVerifiedDate"] <= f"{TODAY.year - 2}-{TODAY.month:02}"
            assert not end or end["date"] <= today
        if start and end:
            assert start["date"][:7] <= end["date"][:7]
        if primary and end:
            assert primary["date"][:7] <= end["date"][:7]


def test_nearly_all_recruiting_trials_end_in_the_future_and_a_few_are_stale(sample: list[Study]) -> None:
    ends = [
        module["completionDateStruct"]["date"] >= TODAY.isoformat()[:7]
        for module in _modules(sample, "statusModule")
        if module["overallStatus"] == "RECRUITING" and "completionDateStruct" in module
    ]
    assert 0.85 < sum(ends) / len(ends) < 1


def test_the_record_moves_forward_and_not_past_today(sample: list[Study]) -> None:
    for module in _modules(sample, "statusModule"):
        first = module["studyFirstPostDateStruct"]["date"]
        last = module["lastUpdatePostDateStruct"]["date"]
        steps = [
            module["studyFirstSubmitDate"],
            module["studyFirstSubmitQcDate"],
            first,
            last,
            TODAY.isoformat(),
        ]
        assert steps == sorted(steps)
        assert module["statusVerifiedDate"] <= module["lastUpdateSubmitDate"][:7]
        if "resultsFirstPostDateStruct" in module:
            results = module["resultsFirstPostDateStruct"]["date"]
            assert module["primaryCompletionDateStruct"]["date"] < results <= last


def test_only_what_ended_early_or_never_began_says_why(sample: list[Study]) -> None:
    stopped = {"TERMINATED", "WITHDRAWN", "SUSPENDED"}
    for module in _modules(sample, "statusModule"):
        assert ("whyStopped" in module) == (module["overallStatus"] in stopped)
        assert ("lastKnownStatus" in module) == (module["overallStatus"] == "UNKNOWN")


def test_a_withdrawn_trial_has_no_participants(sample: list[Study]) -> None:
    counts = {
        study["protocolSection"]["designModule"].get("enrollmentInfo", {}).get("count")
        for study in sample
        if study["protocolSection"]["statusModule"]["overallStatus"] == "WITHDRAWN"
    }
    assert counts == {0}


def test_statuses_study_types_and_phases_are_spread_as_in_the_registry(sample: list[Study]) -> None:
    statuses = Counter(module["overallStatus"] for module in _modules(sample, "statusModule"))
    designs = list(_modules(sample, "designModule"))
    types = Counter(design["studyType"] for design in designs)
    phases = Counter(tuple(design.get("phases", ())) for design in designs)
    assert 950 < statuses["COMPLETED"] < 1150
    assert 190 < statuses["RECRUITING"] < 300
    assert 200 < statuses["UNKNOWN"] < 330
    assert 50 < statuses["NOT_YET_RECRUITING"] < 130
    assert 80 < statuses["TERMINATED"] < 170
    assert 1430 < types["INTERVENTIONAL"] < 1610
    assert 380 < types["OBSERVATIONAL"] < 540
    assert 5 < types["EXPANDED_ACCESS"] < 50
    assert phases[("NA",)] > phases[("PHASE2",)] > phases[("PHASE4",)] > phases[("EARLY_PHASE1",)] > 0
    assert phases[("PHASE1", "PHASE2")] > 20
    assert all("phases" not in design for design in designs if design["studyType"] != "INTERVENTIONAL")


def test_every_status_and_intervention_type_occurs(sample: list[Study]) -> None:
    statuses = {module["overallStatus"] for module in _modules(sample, "statusModule")}
    kinds = {
        intervention["type"]
        for module in _modules(sample, "armsInterventionsModule")
        for intervention in module.get("interventions", [])
    }
    assert statuses >= STATUSES
    assert len(kinds) == 11


def test_most_trials_have_one_site_and_a_few_have_hundreds(sample: list[Study]) -> None:
    sites = Counter(
        len(study["protocolSection"].get("contactsLocationsModule", {}).get("locations", []))
        for study in sample
    )
    assert sites[1] > 1000
    assert sites[0] > 50
    assert sum(trials for count, trials in sites.items() if count >= 100) >= 5


def test_a_trial_lists_a_site_once(sample: list[Study]) -> None:
    for module in _modules(sample, "contactsLocationsModule"):
        places = [(site["facility"], site["city"]) for site in module.get("locations", [])]
        assert len(set(places)) >= 0.95 * len(places)


def test_a_few_sponsors_have_many_trials_and_many_have_few(sample: list[Study]) -> None:
    sponsors = Counter(
        module["leadSponsor"]["name"] for module in _modules(sample, "sponsorCollaboratorsModule")
    )
    classes = Counter(
        module["leadSponsor"]["class"] for module in _modules(sample, "sponsorCollaboratorsModule")
    )
    assert sum(trials for _, trials in sponsors.most_common(40)) > 400
    assert len(sponsors) > 1000
    assert {"INDUSTRY", "OTHER", "NIH", "OTHER_GOV", "NETWORK", "FED", "INDIV"} <= classes.keys()


def test_conditions_have_a_head_and_a_long_tail(sample: list[Study]) -> None:
    conditions = Counter(
        condition for module in _modules(sample, "conditionsModule") for condition in module["conditions"]
    )
    assert conditions.most_common(1)[0][1] > 10
    assert sum(trials == 1 for trials in conditions.values()) > 700


def test_age_groups_follow_from_the_ages(sample: list[Study]) -> None:
    for module in _modules(sample, "eligibilityModule"):
        youngest, oldest = (
            _years(module.get("minimumAge", "0 Years")),
            _years(module.get("maximumAge", "200 Years")),
        )
        assert youngest < oldest
        assert ("CHILD" in module["stdAges"]) == (youngest < 18)
        assert ("ADULT" in module["stdAges"]) == (youngest < 65 and oldest >= 18)
        assert ("OLDER_ADULT" in module["stdAges"]) == (oldest >= 65)


def test_masking_names_as_many_parties_as_it_claims(sample: list[Study]) -> None:
    parties = {"NONE": 0, "SINGLE": 1, "DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}
    for design in _modules(sample, "designModule"):
        if "designInfo" in design and "maskingInfo" in design["designInfo"]:
            masking = design["designInfo"]["maskingInfo"]
            assert len(masking.get("whoMasked", [])) == parties[masking["masking"]]


def test_criteria_carry_the_registrys_escapes_nesting_and_numbering(sample: list[Study]) -> None:
    texts = [module["eligibilityCriteria"] for module in _modules(sample, "eligibilityModule")]
    assert sum("\\>=" in text for text in texts) > 200
    assert sum("10\\^9/L" in text for text in texts) > 100
    assert sum("\n\n  * " in text for text in texts) > 100
    assert sum("\n2. " in text for text in texts) > 100
    assert sum(text.startswith("Inclusion Criteria:\n\n* ") for text in texts) > 800
    assert any("nclusion" not in text for text in texts)


def test_some_texts_are_very_long(sample: list[Study]) -> None:
    criteria = [len(module["eligibilityCriteria"]) for module in _modules(sample, "eligibilityModule")]
    details = [len(module.get("detailedDescription", "")) for module in _modules(sample, "descriptionModule")]
    assert max(criteria) > 10_000
    assert max(details) > 10_000


def test_a_few_trials_have_results_and_their_numbers_add_up(sample: list[Study]) -> None:
    with_results = [study for study in sample if study["hasResults"]]
    assert 60 < len(with_results) < 160
    assert all(("resultsSection" in study) == study["hasResults"] for study in sample)
    for study in with_results:
        results = study["resultsSection"]
        (period,) = results["participantFlowModule"]["periods"]
        started, completed, left = (
            [int(achievement["numSubjects"]) for achievement in milestone["achievements"]]
            for milestone in period["milestones"]
        )
        assert sum(started) == study["protocolSection"]["designModule"]["enrollmentInfo"]["count"]
        assert [a + b for a, b in zip(completed, left, strict=True)] == started
        for measure in results["outcomeMeasuresModule"]["outcomeMeasures"]:
            groups = {group["id"] for group in measure["groups"]}
            (measured,) = (
                category["measurements"] for group in measure["classes"] for category in group["categories"]
            )
            assert {measurement["groupId"] for measurement in measured} == groups
            assert all(set(analysis["groupIds"]) <= groups for analysis in measure.get("analyses", []))
        assert results["adverseEventsModule"]["eventGroups"]


@pytest.mark.parametrize(
    "path",
    [
        "protocolSection.identificationModule.acronym",
        "protocolSection.identificationModule.officialTitle",
        "protocolSection.identificationModule.secondaryIdInfos",
        "protocolSection.statusModule.startDateStruct",
        "protocolSection.statusModule.completionDateStruct",
        "protocolSection.sponsorCollaboratorsModule.collaborators",
        "protocolSection.oversightModule",
        "protocolSection.descriptionModule.detailedDescription",
        "protocolSection.conditionsModule.keywords",
        "protocolSection.designModule.enrollmentInfo",
        "protocolSection.armsInterventionsModule.interventions",
        "protocolSection.eligibilityModule.maximumAge",
        "protocolSection.contactsLocationsModule.locations",
        "protocolSection.contactsLocationsModule.centralContacts",
        "protocolSection.referencesModule.references",
        "protocolSection.ipdSharingStatementModule",
        "derivedSection.conditionBrowseModule",
        "derivedSection.interventionBrowseModule",
        "documentSection.largeDocumentModule",
    ],
)
def test_a_field_that_may_be_missing_is_missing_in_some(sample: list[Study], path: str) -> None:
    present = sum(_has(study, path.split(".")) for study in sample)
    assert 0 < present < 2000


def test_every_summary_says_that_the_record_is_synthetic(sample: list[Study]) -> None:
    notice = "Synthetic record generated by Trialmark for demonstration."
    assert all(module["briefSummary"].endswith(notice) for module in _modules(sample, "descriptionModule"))


def test_every_contact_is_plainly_made_up(values: list[tuple[str, Any]]) -> None:
    mails = [value for path, value in values if path.endswith(".email")]
    phones = [value for path, value in values if path.endswith(".phone")]
    assert len(mails) > 300
    assert all(mail.endswith("@example.org") for mail in mails)
    assert all(re.fullmatch(r"\+1 555 01\d\d", phone) for phone in phones)
    assert not any(path.endswith(".pmid") for path, _ in values)


def test_no_template_shows_through(values: list[tuple[str, Any]]) -> None:
    texts = {value for _, value in values if isinstance(value, str)}
    assert "" not in texts
    assert [text for text in texts if re.search(r"[{}]|\bNone\b|\S  \S", text)] == []


def test_no_title_says_a_thing_twice_in_a_row(sample: list[Study]) -> None:
    for module in _modules(sample, "identificationModule"):
        assert not re.search(r"\b(\w+)[ -]\1\b", module["briefTitle"], re.IGNORECASE), module["briefTitle"]


def test_title_disease_and_mesh_term_belong_together(sample: list[Study]) -> None:
    headings = {disease.name: disease.heading for area in areas().values for disease in area.diseases}
    for study in sample:
        meshes = study["derivedSection"].get("conditionBrowseModule", {}).get("meshes")
        title = study["protocolSection"]["identificationModule"]["briefTitle"].lower()
        if meshes:
            named = {headings[name] for name in headings if name.lower() in title}
            assert meshes[0]["term"] in named, title


@pytest.mark.parametrize("area", areas().values, ids=lambda area: area.name)
def test_an_area_has_a_drug_and_a_mesh_term_for_each_of_its_diseases(area: Any) -> None:
    names = {disease.name for disease in area.diseases}
    assert {name for found in area.drug_classes for name in found.treats} <= names
    for disease in area.diseases:
        assert drug_classes_for(area, disease)
        assert mesh.term(disease.heading).heading == disease.heading
        assert mesh.ancestors(disease.heading)


def test_ancestors_go_up_to_the_root_of_the_tree() -> None:
    above = [term.heading for term in mesh.ancestors("Leukemia, Myeloid, Acute")]
    assert above[0] == "Leukemia, Myeloid"
    assert {"Leukemia", "Neoplasms by Histologic Type", "Neoplasms"} <= set(above)
    assert mesh.term("Leukemia, Myeloid, Acute").id == "D015470"


def _specification(name: str) -> str:
    return reference_file(f"spec/{name}").read_text(encoding="utf-8")


def _modules(sample: list[Study], name: str) -> Iterator[dict[str, Any]]:
    return (study["protocolSection"][name] for study in sample if name in study["protocolSection"])


def _values(part: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value of a study with its path; list positions are left out."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _values(value, f"{path}.{name}")
    elif isinstance(part, list):
        for value in part:
            yield from _values(value, path)
    else:
        yield path, part


def _has(part: Any, names: list[str]) -> bool:
    for name in names:
        if name not in part:
            return False
        part = part[name]
    return True


def _empty(part: Any) -> None:
    """Remove everything from a study, from the inside out."""
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _empty(value)
    if isinstance(part, (dict, list)):
        part.clear()


def _years(age: str) -> float:
    number, unit = age.split()
    return (
        int(number) / {"Year": 1, "Month": 12, "Week": 52, "Day": 365, "Hour": 8766}[unit.removesuffix("s")]
    )
