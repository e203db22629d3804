"""A study object becomes a record: every module is read, nothing is made up, and errors name their field."""

import gzip
from functools import reduce
from operator import attrgetter
from typing import Any

import orjson
import pytest

from app.record.trial import DateKind, Location, MeshTerm, OtherId, PartialDate, RecordError, TrialRecord
from app.registries.ctgov.ids import canonical_id, record_url
from app.registries.ctgov.normalize import fingerprint, normalize
from tests.factories import study
from tests.support.reference_data import reference_file

ID = {"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}
PROTOCOL = "protocolSection."
DERIVED = "derivedSection."


def document(path: str, value: object) -> dict[str, Any]:
    """Make a study of an id and one value at a dotted path; a number in the path is a place in a list."""
    *parents, last = path.split(".")
    inner: Any = {last: value}
    for name in reversed(parents):
        inner = [inner] if name == "0" else {name: inner}
    return _merged(ID, inner)


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = {key: _merged(one[key], other[key]) for key in one.keys() & other.keys()}
    return {**one, **other, **both}


def attribute(record: TrialRecord, path: str) -> Any:
    def step(value: Any, name: str) -> Any:
        return value[0] if name == "0" else attrgetter(name)(value)

    return reduce(step, path.split("."), record)


TEXTS = {
    "identificationModule.briefTitle": "brief_title",
    "identificationModule.officialTitle": "official_title",
    "identificationModule.acronym": "acronym",
    "identificationModule.orgStudyIdInfo.id": "organization_study_id.id",
    "identificationModule.secondaryIdInfos.0.id": "secondary_ids.0.id",
    "identificationModule.organization.fullName": "organization.name",
    "statusModule.whyStopped": "why_stopped",
    "statusModule.expandedAccessInfo.nctId": "expanded_access.registry_id",
    "sponsorCollaboratorsModule.leadSponsor.name": "lead_sponsor.name",
    "sponsorCollaboratorsModule.collaborators.0.name": "collaborators.0.name",
    "sponsorCollaboratorsModule.responsibleParty.investigatorFullName": "responsible_party.name",
    "sponsorCollaboratorsModule.responsibleParty.investigatorTitle": "responsible_party.title",
    "sponsorCollaboratorsModule.responsibleParty.investigatorAffiliation": "responsible_party.affiliation",
    "descriptionModule.briefSummary": "brief_summary",
    "descriptionModule.detailedDescription": "detailed_description",
    "designModule.designInfo.interventionModelDescription": "design.intervention_model_description",
    "designModule.designInfo.maskingInfo.maskingDescription": "design.masking_description",
    "designModule.bioSpec.description": "design.samples_description",
    "designModule.targetDuration": "design.target_duration",
    "armsInterventionsModule.armGroups.0.label": "arms.0.label",
    "armsInterventionsModule.armGroups.0.description": "arms.0.description",
    "armsInterventionsModule.interventions.0.name": "interventions.0.name",
    "armsInterventionsModule.interventions.0.description": "interventions.0.description",
    "outcomesModule.primaryOutcomes.0.measure": "primary_outcomes.0.measure",
    "outcomesModule.primaryOutcomes.0.timeFrame": "primary_outcomes.0.time_frame",
    "outcomesModule.secondaryOutcomes.0.description": "secondary_outcomes.0.description",
    "outcomesModule.otherOutcomes.0.measure": "other_outcomes.0.measure",
    "eligibilityModule.eligibilityCriteria": "eligibility.criteria",
    "eligibilityModule.minimumAge": "eligibility.minimum_age",
    "eligibilityModule.maximumAge": "eligibility.maximum_age",
    "eligibilityModule.genderDescription": "eligibility.gender_description",
    "eligibilityModule.studyPopulation": "eligibility.population",
    "contactsLocationsModule.centralContacts.0.name": "central_contacts.0.name",
    "contactsLocationsModule.centralContacts.0.phone": "central_contacts.0.phone",
    "contactsLocationsModule.centralContacts.0.phoneExt": "central_contacts.0.phone_extension",
    "contactsLocationsModule.centralContacts.0.email": "central_contacts.0.email",
    "contactsLocationsModule.overallOfficials.0.affiliation": "officials.0.affiliation",
    "contactsLocationsModule.locations.0.facility": "locations.0.facility",
    "contactsLocationsModule.locations.0.city": "locations.0.city",
    "contactsLocationsModule.locations.0.state": "locations.0.state",
    "contactsLocationsModule.locations.0.zip": "locations.0.postal_code",
    "contactsLocationsModule.locations.0.country": "locations.0.country",
    "contactsLocationsModule.locations.0.contacts.0.email": "locations.0.contacts.0.email",
    "referencesModule.references.0.citation": "references.0.citation",
    "referencesModule.references.0.pmid": "references.0.pubmed_id",
    "referencesModule.seeAlsoLinks.0.url": "links.0.url",
    "referencesModule.seeAlsoLinks.0.label": "links.0.label",
    "referencesModule.availIpds.0.comment": "available_data.0.comment",
    "ipdSharingStatementModule.description": "data_sharing.description",
    "ipdSharingStatementModule.timeFrame": "data_sharing.time_frame",
    "ipdSharingStatementModule.accessCriteria": "data_sharing.access_criteria",
    "ipdSharingStatementModule.url": "data_sharing.url",
}

ENUMS = {
    "statusModule.overallStatus": "status",
    "statusModule.lastKnownStatus": "last_known_status",
    "statusModule.expandedAccessInfo.statusForNctId": "expanded_access.status",
    "sponsorCollaboratorsModule.responsibleParty.type": "responsible_party.type",
    "designModule.studyType": "design.study_type",
    "designModule.designInfo.allocation": "design.allocation",
    "designModule.designInfo.interventionModel": "design.intervention_model",
    "designModule.designInfo.primaryPurpose": "design.purpose",
    "designModule.designInfo.observationalModel": "design.observational_model",
    "designModule.designInfo.timePerspective": "design.time_perspective",
    "designModule.designInfo.maskingInfo.masking": "design.masking",
    "designModule.bioSpec.retention": "design.samples_kept",
    "armsInterventionsModule.armGroups.0.type": "arms.0.type",
    "armsInterventionsModule.interventions.0.type": "interventions.0.type",
    "eligibilityModule.sex": "eligibility.sex",
    "eligibilityModule.samplingMethod": "eligibility.sampling_method",
    "contactsLocationsModule.overallOfficials.0.role": "officials.0.role",
    "contactsLocationsModule.locations.0.status": "locations.0.status",
    "referencesModule.references.0.type": "references.0.type",
    "ipdSharingStatementModule.ipdSharing": "data_sharing.plan",
}

FLAGS = {
    "statusModule.delayedPosting": "is_posting_delayed",
    "statusModule.expandedAccessInfo.hasExpandedAccess": "expanded_access.has_expanded_access",
    "oversightModule.oversightHasDmc": "oversight.has_data_monitoring_committee",
    "oversightModule.isFdaRegulatedDrug": "oversight.is_fda_regulated_drug",
    "oversightModule.isFdaRegulatedDevice": "oversight.is_fda_regulated_device",
    "oversightModule.isUnapprovedDevice": "oversight.is_unapproved_device",
    "oversightModule.isPpsd": "oversight.is_pediatric_postmarket_surveillance",
    "oversightModule.isUsExport": "oversight.is_us_export",
    "oversightModule.fdaaa801Violation": "oversight.is_fdaaa801_violation",
    "designModule.patientRegistry": "design.is_patient_registry",
    "eligibilityModule.genderBased": "eligibility.is_gender_based",
    "eligibilityModule.healthyVolunteers": "eligibility.accepts_healthy_volunteers",
}

LISTS = {
    "identificationModule.nctIdAliases": "aliases",
    "conditionsModule.conditions": "conditions",
    "conditionsModule.keywords": "keywords",
    "armsInterventionsModule.armGroups.0.interventionNames": "arms.0.intervention_names",
    "armsInterventionsModule.interventions.0.otherNames": "interventions.0.other_names",
    "armsInterventionsModule.interventions.0.armGroupLabels": "interventions.0.arm_labels",
}

ENUM_LISTS = {
    "designModule.phases": "design.phases",
    "designModule.designInfo.maskingInfo.whoMasked": "design.who_masked",
    "eligibilityModule.stdAges": "eligibility.age_groups",
    "ipdSharingStatementModule.infoTypes": "data_sharing.documents",
}

DATES = {
    "startDateStruct": "start",
    "primaryCompletionDateStruct": "primary_completion",
    "completionDateStruct": "completion",
    "studyFirstPostDateStruct": "first_posted",
    "resultsFirstPostDateStruct": "results_posted",
    "dispFirstPostDateStruct": "delay_posted",
    "lastUpdatePostDateStruct": "last_update_posted",
}

PLAIN_DATES = {
    "studyFirstSubmitDate": "first_submitted",
    "studyFirstSubmitQcDate": "first_submitted_after_qc",
    "resultsFirstSubmitDate": "results_submitted",
    "resultsFirstSubmitQcDate": "results_submitted_after_qc",
    "dispFirstSubmitDate": "delay_submitted",
    "dispFirstSubmitQcDate": "delay_submitted_after_qc",
    "lastUpdateSubmitDate": "last_update_submitted",
    "statusVerifiedDate": "verified",
}


def table(paths: dict[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("path", "where"), paths.items(), ids=paths.values())


class TestEveryField:
    @table(TEXTS)
    def test_a_text_is_read_without_the_white_space_around_it(self, path: str, where: str) -> None:
        assert attribute(normalize(document(PROTOCOL + path, "  Some\n text ")), where) == "Some\n text"

    @table(ENUMS)
    def test_an_enum_becomes_the_value_of_an_address_known_or_not(self, path: str, where: str) -> None:
        assert attribute(normalize(document(PROTOCOL + path, "BRAND_NEW value")), where) == "brand-new-value"

    @table(FLAGS)
    @pytest.mark.parametrize("value", [True, False])
    def test_yes_and_no_are_kept_apart_from_not_stated(self, path: str, where: str, value: bool) -> None:
        assert attribute(normalize(document(PROTOCOL + path, value)), where) is value
        assert attribute(normalize(ID), where) is None

    @table(LISTS)
    def test_a_list_is_read_in_its_order_without_blanks(self, path: str, where: str) -> None:
        assert attribute(normalize(document(PROTOCOL + path, [" b", "", "a "])), where) == ("b", "a")

    @table(ENUM_LISTS)
    def test_a_list_of_enums_is_read_in_its_order(self, path: str, where: str) -> None:
        record = normalize(document(PROTOCOL + path, ["PHASE2", "EARLY_PHASE1"]))
        assert attribute(record, where) == ("phase2", "early-phase1")

    @table(DATES)
    @pytest.mark.parametrize(
        ("struct", "expected"),
        [
            ({"date": "2023-09", "type": "ACTUAL"}, PartialDate("2023-09", "actual")),
            ({"date": "2023-09-01", "type": "ESTIMATED"}, PartialDate("2023-09-01", "estimated")),
            ({"date": "2023", "type": "ANTICIPATED"}, PartialDate("2023", "estimated")),
            ({"date": "2023-09-01"}, PartialDate("2023-09-01")),
            ({"type": "ACTUAL"}, None),
            ({"date": " "}, None),
        ],
    )
    def test_a_date_keeps_its_precision_and_its_kind(
        self, path: str, where: str, struct: dict[str, str], expected: PartialDate | None
    ) -> None:
        record = normalize(document(f"{PROTOCOL}statusModule.{path}", struct))
        assert attribute(record, f"dates.{where}") == expected

    @table(PLAIN_DATES)
    def test_a_date_without_a_kind_keeps_its_precision(self, path: str, where: str) -> None:
        record = normalize(document(f"{PROTOCOL}statusModule.{path}", "2023-11"))
        assert attribute(record, f"dates.{where}") == PartialDate("2023-11")

    def test_ids_organizations_and_places_have_their_parts(self) -> None:
        other = {"id": "1", "type": "EUDRACT_NUMBER", "domain": "EU", "link": "https://example.org/"}
        path = f"{PROTOCOL}identificationModule.secondaryIdInfos"
        expected = OtherId("1", "eudract-number", "EU", "https://example.org/")
        assert normalize(document(path, [other, {"type": "NIH"}])).secondary_ids == (expected,)
        place = {"geoPoint": {"lat": 45, "lon": -4.5}, "status": "RECRUITING"}
        locations = normalize(document(f"{PROTOCOL}contactsLocationsModule.locations", [place, {}])).locations
        assert locations == (Location(status="recruiting", latitude=45, longitude=-4.5), Location())

    @pytest.mark.parametrize(
        ("module", "where"),
        [
            ("conditionBrowseModule", "condition_terms"),
            ("interventionBrowseModule", "intervention_terms"),
        ],
    )
    def test_terms_of_the_registrys_indexing_are_read(self, module: str, where: str) -> None:
        terms = [{"id": "D1", "term": "One"}, {"id": "D2"}, {"term": "Three"}]
        read = document(f"{DERIVED}{module}", {"meshes": terms, "ancestors": terms[:1]})
        found = attribute(normalize(read), where)
        assert (found.concepts, found.ancestors) == ((MeshTerm("D1", "One"),),) * 2

    def test_documents_have_the_registrys_own_address(self) -> None:
        large = {
            "label": "Protocol",
            "date": "2024-03",
            "filename": "Prot_000.pdf",
            "size": 5,
            "hasSap": True,
        }
        (found,) = normalize(document("documentSection.largeDocumentModule.largeDocs", [large])).documents
        assert found.url == "https://cdn.clinicaltrials.gov/large-docs/01/NCT00000001/Prot_000.pdf"
        assert (found.date, found.size, found.has_analysis_plan) == (PartialDate("2024-03"), 5, True)

    def test_retractions_are_read_with_their_source(self) -> None:
        path = f"{PROTOCOL}referencesModule.references.0.retractions"
        (reference,) = normalize(document(path, [{"pmid": "1", "source": "Journal"}])).references
        assert reference.retractions == (("1", "Journal"),)

    def test_results_and_the_day_of_the_data_are_read(self) -> None:
        assert normalize(document("hasResults", True)).has_results
        assert not normalize(ID).has_results
        read = document(f"{DERIVED}miscInfoModule.versionHolder", "2026-02-01")
        assert normalize(read).release == "2026-02-01"

    def test_a_study_with_nothing_but_its_id_is_a_record(self) -> None:
        expected = TrialRecord("ctgov", "NCT00000001", record_url("NCT00000001"))
        assert normalize(ID) == expected
        assert expected.title == "NCT00000001"


class TestEnrollment:
    @pytest.mark.parametrize(
        ("info", "expected"),
        [
            ({"count": 28, "type": "ESTIMATED"}, (28, "estimated")),
            ({"count": 28, "type": "ANTICIPATED"}, (28, "estimated")),
            ({"count": 0, "type": "ACTUAL"}, (0, "actual")),
            ({"count": 99999999}, (None, None)),
            ({"type": "ACTUAL"}, (None, "actual")),
            ({}, (None, None)),
        ],
    )
    def test_absent_zero_and_the_sentinel_are_told_apart(
        self, info: dict[str, Any], expected: tuple[int | None, DateKind | None]
    ) -> None:
        design = normalize(document(f"{PROTOCOL}designModule.enrollmentInfo", info)).design
        assert (design.enrollment, design.enrollment_kind) == expected


class TestIds:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("NCT06141304", "NCT06141304"),
            ("nct06141304", "NCT06141304"),
            ("nct6141304", "NCT06141304"),
            ("NCT 06141304", "NCT06141304"),
            ("NCT-06141304", "NCT06141304"),
            ("NCT:06141304", "NCT06141304"),
            ("nct_6141304", "NCT06141304"),
            ("  NCT06141304\n", "NCT06141304"),
            ("NCT1", "NCT00000001"),
            ("NCT0000000001", "NCT00000001"),
            ("NCT123456789", None),
            ("06141304", None),
            ("NCT", None),
            ("NCT0614130X", None),
            ("xNCT06141304", None),
            ("NCT06141304 and more", None),
            ("EUCTR2010-000000-00", None),
            ("", None),
        ],
    )
    def test_every_way_to_write_an_id_has_one_form(self, written: str, expected: str | None) -> None:
        assert canonical_id(written) == expected

    @pytest.mark.parametrize("written", ["NCT1", "nct00000001", "NCT000000001", "EUCTR1", "NCT٠٠٠٠٠٠٠١"])
    def test_a_record_must_have_the_registrys_own_form(self, written: str) -> None:
        with pytest.raises(RecordError, match=r"nctId: .* is not NCT followed by eight digits"):
            normalize({"protocolSection": {"identificationModule": {"nctId": written}}})

    @pytest.mark.parametrize("empty", [{}, {"protocolSection": {}}, {"nctId": "NCT00000001"}])
    def test_what_has_no_id_is_no_study(self, empty: dict[str, Any]) -> None:
        with pytest.raises(RecordError, match="not a study object"):
            normalize(empty)

    @pytest.mark.parametrize(("number", "is_synthetic"), [(89_999_999, False), (90_000_000, True)])
    def test_numbers_that_the_registry_never_gives_are_synthetic(
        self, number: int, is_synthetic: bool
    ) -> None:
        assert normalize(study(f"NCT{number:08d}")).is_synthetic is is_synthetic


class TestWrongKinds:
    @pytest.mark.parametrize(
        ("path", "value", "said"),
        [
            ("protocolSection", [], "protocolSection: expected an object, found a list"),
            (f"{PROTOCOL}designModule", "x", "designModule: expected an object, found text"),
            (f"{PROTOCOL}descriptionModule.briefSummary", 5, "briefSummary: expected text, found a number"),
            (
                f"{PROTOCOL}descriptionModule.briefSummary",
                True,
                "briefSummary: expected text, found true or false",
            ),
            (
                f"{PROTOCOL}conditionsModule.conditions",
                "x",
                "conditions: expected a list of texts, found text",
            ),
            (
                f"{PROTOCOL}conditionsModule.conditions",
                [None],
                "conditions: expected a list of texts, found a list",
            ),
            (
                f"{PROTOCOL}designModule.enrollmentInfo.count",
                "5",
                "count: expected a whole number, found text",
            ),
            (
                f"{PROTOCOL}designModule.enrollmentInfo.count",
                5.5,
                "count: expected a whole number, found a number",
            ),
            (
                f"{PROTOCOL}designModule.enrollmentInfo.count",
                True,
                "count: expected a whole number, found true or false",
            ),
            (
                f"{PROTOCOL}contactsLocationsModule.locations.0.geoPoint.lat",
                "45",
                "lat: expected a number, found text",
            ),
            (
                f"{PROTOCOL}armsInterventionsModule.interventions",
                {},
                "interventions: expected a list of objects, found an object",
            ),
            ("hasResults", "yes", "hasResults: expected true or false, found text"),
        ],
    )
    def test_a_value_of_the_wrong_kind_names_its_field(self, path: str, value: object, said: str) -> None:
        wrong = {"protocolSection": value} if path == "protocolSection" else document(path, value)
        with pytest.raises(RecordError) as caught:
            normalize(wrong)
        assert str(caught.value) == said

    def test_null_is_a_missing_value(self) -> None:
        assert normalize(_merged(ID, {"derivedSection": None, "hasResults": None})) == normalize(ID)

    def test_fields_that_are_not_the_registrys_are_passed_over(self) -> None:
        read = _merged(ID, {"protocolSection": {"locations_nested": 5}, "modelPredictions": [1]})
        assert normalize(read) == normalize(ID)


class TestFingerprint:
    def test_the_day_of_the_data_is_left_out_and_nothing_else(self) -> None:
        one = study("NCT00000001", version="2026-01-01")
        assert fingerprint(one) == fingerprint(study("NCT00000001", version="2026-02-02"))
        assert fingerprint(one) != fingerprint(study("NCT00000001", title="Another"))
        assert one["derivedSection"]["miscInfoModule"] == {"versionHolder": "2026-01-01"}

    @pytest.mark.parametrize("derived", [None, [], {}, {"miscInfoModule": None}, {"miscInfoModule": "x"}])
    def test_odd_shapes_have_one_too(self, derived: object) -> None:
        assert fingerprint({"derivedSection": derived})


@pytest.mark.parametrize("name", ["ctgov.ndjson.gz", "ctgov_versions.ndjson.gz", "seeds.ndjson"])
def test_every_real_record_can_be_read(name: str) -> None:
    path = reference_file(f"data/{name}")
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            read = orjson.loads(line)
            record = normalize(read)
            identification = read["protocolSection"]["identificationModule"]
            assert record.registry_id == identification["nctId"]
            assert record.brief_title == (identification.get("briefTitle", "").strip() or None)
            assert len(record.locations) == len(
                read["protocolSection"].get("contactsLocationsModule", {}).get("locations", [])
            )
