"""The conditions of a record: those it states, those the registry indexed it with, and all that are broader."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.conditions.mapping import ConditionLink, abbreviations_of, condition_links
from app.conditions.stored_vocabulary import load_vocabulary
from app.conditions.vocabulary import Vocabulary
from app.database.engine import reading
from app.record.trial import TrialRecord
from tests.conditions.factories import MESH, load_mesh, record_of


def links(record: TrialRecord, vocabulary: Vocabulary) -> dict[str, ConditionLink]:
    found = condition_links(record, abbreviations_of(record, vocabulary), vocabulary)
    assert len({link.slug for link in found}) == len(found)
    return {link.slug: link for link in found}


def sources(record: TrialRecord, vocabulary: Vocabulary) -> dict[str, str]:
    return {slug: link.source for slug, link in links(record, vocabulary).items()}


@pytest.fixture
def without_mesh(engine: Engine) -> Vocabulary:
    with reading(engine) as session:
        return load_vocabulary(session)


@pytest.fixture
def vocabulary(engine: Engine, tmp_path: Path) -> Vocabulary:
    load_mesh(engine, tmp_path, *MESH)
    with reading(engine) as session:
        return load_vocabulary(session)


class TestWithoutMesh:
    def test_stated_names_keep_their_own(self, without_mesh: Vocabulary) -> None:
        assert links(record_of("Asthma", "Back pain"), without_mesh) == {
            "asthma": ConditionLink("asthma", "Asthma", None, "stated", "name", "Asthma"),
            "back-pain": ConditionLink("back-pain", "Back pain", None, "stated", "name", "Back pain"),
        }

    def test_a_record_that_states_nothing_has_none(self, without_mesh: Vocabulary) -> None:
        assert links(record_of(), without_mesh) == {}

    def test_what_the_registry_indexed_is_known_from_then_on(self, without_mesh: Vocabulary) -> None:
        record = record_of(
            "AML",
            "Acute myeloid leukaemia",
            mesh=[("D015470", "Leukemia, Myeloid, Acute")],
            ancestors=[("D007938", "Leukemia")],
        )
        without_mesh.learn([record])
        found = links(record, without_mesh)
        assert {slug: (link.mesh_id, link.source) for slug, link in found.items()} == {
            "acute-myeloid-leukemia": ("D015470", "stated"),
            "aml": (None, "stated"),
            "leukemia": ("D007938", "broader"),
        }


class TestStated:
    def test_a_name_of_a_concept_is_the_concept(self, vocabulary: Vocabulary) -> None:
        found = links(record_of("acute nonlymphocytic leukaemia"), vocabulary)
        assert found["acute-myeloid-leukemia"] == ConditionLink(
            "acute-myeloid-leukemia",
            "Acute myeloid leukemia",
            "D015470",
            "stated",
            "synonym",
            "acute nonlymphocytic leukaemia",
        )
        assert "acute-nonlymphocytic-leukaemia" not in found

    def test_a_condition_that_is_no_concept_keeps_its_own_name(self, vocabulary: Vocabulary) -> None:
        found = links(record_of("Back pain"), vocabulary)
        assert found == {
            "back-pain": ConditionLink("back-pain", "Back pain", None, "stated", "name", "Back pain")
        }

    def test_a_condition_that_only_holds_a_name_is_the_concept_and_itself(
        self, vocabulary: Vocabulary
    ) -> None:
        found = links(record_of("Asthma education"), vocabulary)
        assert (found["asthma"].manner, found["asthma"].words) == ("part", "Asthma education")
        assert found["asthma-education"].mesh_id is None

    def test_a_condition_with_qualifiers_is_the_concept_alone(self, vocabulary: Vocabulary) -> None:
        found = links(record_of("Severe asthma"), vocabulary)
        assert [slug for slug, link in found.items() if link.source == "stated"] == ["asthma"]

    def test_the_name_of_a_concept_that_is_no_condition_is_that_concept(self, vocabulary: Vocabulary) -> None:
        assert links(record_of("Insulin"), vocabulary) == {
            "insulin": ConditionLink("insulin", "Insulin", "D007328", "stated", "name", "Insulin")
        }
        assert links(record_of("Insulin therapy"), vocabulary)["insulin-therapy"].mesh_id is None

    @pytest.mark.parametrize(
        "about",
        [
            {"title": "Acute myeloid leukemia (AML) in adults"},
            {"criteria": "AML (acute myeloid leukemia)"},
            {"keywords": ("Acute Myeloid Leukemia (AML)",)},
        ],
    )
    def test_an_abbreviation_means_what_the_record_says_anywhere(
        self, vocabulary: Vocabulary, about: dict[str, Any]
    ) -> None:
        record = record_of("Relapsed AML", **about)
        assert abbreviations_of(record, vocabulary) == {("AML", "D015470")}
        assert links(record, vocabulary)["acute-myeloid-leukemia"].source == "stated"

    def test_an_abbreviation_that_nobody_explains_keeps_its_own_name(self, vocabulary: Vocabulary) -> None:
        assert links(record_of("AML"), vocabulary).keys() == {"aml"}

    def test_an_abbreviation_of_mesh_needs_no_explanation(self, vocabulary: Vocabulary) -> None:
        assert links(record_of("ANLL"), vocabulary)["acute-myeloid-leukemia"].manner == "abbreviation"

    def test_keywords_come_after_what_is_stated(self, vocabulary: Vocabulary) -> None:
        record = record_of("Leukemia", keywords=("Asthma", "leukemia", "Smoking"))
        named = {slug: link.source for slug, link in links(record, vocabulary).items() if link.words}
        assert list(named.items()) == [("leukemia", "stated"), ("asthma", "keyword")]


class TestIndexed:
    def test_what_the_record_does_not_name_is_from_the_registry(self, vocabulary: Vocabulary) -> None:
        found = sources(record_of("Wheezing", mesh=[("D001249", "Asthma")]), vocabulary)
        assert (found["wheezing"], found["asthma"]) == ("stated", "mesh")

    def test_what_the_record_names_itself_stays_stated(self, vocabulary: Vocabulary) -> None:
        assert sources(record_of("Asthma", mesh=[("D001249", "Asthma")]), vocabulary)["asthma"] == "stated"

    def test_a_word_inside_the_name_of_another_condition_is_an_overlap(self, vocabulary: Vocabulary) -> None:
        both = [("D000081029", "Pulmonary Arterial Hypertension"), ("D006973", "Hypertension")]
        for conditions in (("Pulmonary Arterial Hypertension",), ("PAH",)):
            found = sources(record_of(*conditions, mesh=both), vocabulary)
            assert found["hypertension"] == "overlap"
        assert sources(record_of("Hypertension", mesh=both), vocabulary)["hypertension"] == "stated"

    def test_a_padded_id_is_the_same_concept(self, vocabulary: Vocabulary) -> None:
        padded = record_of("Blood disorder", mesh=[("D000015470", "Leukemia, Myeloid, Acute")])
        plain = record_of("Blood disorder", mesh=[("D015470", "Leukemia, Myeloid, Acute")])
        assert links(padded, vocabulary) == links(plain, vocabulary)
        assert links(padded, vocabulary)["acute-myeloid-leukemia"].mesh_id == "D015470"


class TestBroader:
    def test_broader_conditions_are_all_ancestors_in_every_tree_with_the_roots(
        self, vocabulary: Vocabulary
    ) -> None:
        found = links(record_of("Acute myeloid leukemia"), vocabulary)
        assert {slug for slug, link in found.items() if link.source == "broader"} == {
            "myeloid-leukemia",
            "leukemia",
            "neoplasms",
        }
        above = sources(record_of("Asthma"), vocabulary)
        assert above == {
            "asthma": "stated",
            "respiratory-tract-diseases": "broader",
            "immune-system-diseases": "broader",
        }

    def test_a_condition_that_is_stated_is_not_merely_broader(self, vocabulary: Vocabulary) -> None:
        found = sources(record_of("Acute myeloid leukemia", "Leukemia"), vocabulary)
        assert found["leukemia"] == "stated"

    def test_ancestors_given_by_the_registry_count_too(self, vocabulary: Vocabulary) -> None:
        record = record_of("Hay fever", mesh=[("D001249", "Asthma")], ancestors=[("D007938", "Leukemia")])
        assert sources(record, vocabulary)["leukemia"] == "broader"

    def test_a_concept_that_is_no_condition_has_no_broader_ones(self, vocabulary: Vocabulary) -> None:
        assert vocabulary.ancestors("D007328") == frozenset()

    def test_a_behavior_stands_under_behaviors(self, vocabulary: Vocabulary) -> None:
        assert vocabulary.ancestors("D012907") == {"D001520"}
