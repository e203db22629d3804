"""A record's words are linked to concepts, each with where and how it is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conditions.names.linking import (
    ABBREVIATION,
    KEYWORD,
    NAME,
    PART,
    QUALIFIED,
    STATED,
    SYNONYM,
    NamedConcept,
)
from tests.conditions.names.factories import linker

AML = "Acute Myeloid Leukemia"
LINKER = linker(
    AML,
    "Leukemia",
    "Acute Lymphocytic Leukemia",
    "Asthma",
    "Obesity",
    "Aortic Aneurysm",
    "Smoking",
    synonyms={"ANLL": AML, "Bronchial asthma": "Asthma", "Tobacco use": "Smoking"},
    abbreviations={"AML": AML, "ALL": "Acute Lymphocytic Leukemia", "AA": "Aortic Aneurysm"},
    broader={AML: "Leukemia", "Acute Lymphocytic Leukemia": "Leukemia"},
    behaviors=frozenset({"Smoking"}),
)


def links(*conditions: str, keywords: tuple[str, ...] = (), **defined: str) -> list[NamedConcept]:
    return LINKER.links(conditions, keywords, defined)


class TestStatedConditions:
    @pytest.mark.parametrize(
        ("condition", "mesh_id", "manner"),
        [
            ("leukemia, acute myeloid", AML, NAME),
            ("Bronchial asthma", "Asthma", SYNONYM),
            ("Severe asthma in children", "Asthma", QUALIFIED),
            ("AML", AML, ABBREVIATION),
            ("Relapsed AML", AML, ABBREVIATION),
            ("AMLs, refractory", AML, ABBREVIATION),
            ("Asthma education", "Asthma", PART),
        ],
    )
    def test_a_name_is_found_in_each_manner(self, condition: str, mesh_id: str, manner: str) -> None:
        assert links(condition) == [NamedConcept(mesh_id, STATED, manner, condition)]

    @pytest.mark.parametrize(
        "condition", ["Bone fracture", "Relapsed", "AML genetics", "Not all patients", "Of all ages", "XYZ"]
    )
    def test_other_words_name_nothing(self, condition: str) -> None:
        assert links(condition) == []

    def test_a_word_in_lower_case_is_no_abbreviation(self) -> None:
        assert links("all", "All relapsed") == []
        assert [link.mesh_id for link in links("ALL")] == ["Acute Lymphocytic Leukemia"]

    def test_a_concept_named_twice_is_linked_by_its_plainest_name(self) -> None:
        assert links("Relapsed AML", "ANLL", "Acute myeloid leukemia, refractory") == [
            NamedConcept(AML, STATED, SYNONYM, "ANLL")
        ]

    def test_a_part_counts_only_where_nothing_is_named_plainly(self) -> None:
        assert links("Asthma education", "Obesity") == [NamedConcept("Obesity", STATED, NAME, "Obesity")]
        assert [link.mesh_id for link in links("Asthma education", "Severe obesity")] == ["Obesity", "Asthma"]


class TestAbbreviations:
    def test_the_records_own_definition_beats_the_majority(self) -> None:
        assert [link.mesh_id for link in links("AA", AA="Asthma")] == ["Asthma"]
        assert [link.mesh_id for link in links("AA")] == ["Aortic Aneurysm"]

    def test_a_plural_is_looked_up_as_written_first(self) -> None:
        assert [link.mesh_id for link in links("AAs")] == ["Aortic Aneurysm"]
        assert [link.mesh_id for link in links("AAs", AAs="Obesity", AA="Asthma")] == ["Obesity"]


class TestKeywords:
    @pytest.mark.parametrize(
        ("keyword", "mesh_id", "manner"),
        [("Asthma", "Asthma", NAME), ("Bronchial asthma", "Asthma", SYNONYM)],
    )
    def test_a_keyword_that_is_a_name_counts(self, keyword: str, mesh_id: str, manner: str) -> None:
        for conditions in ((), ("Obesity",)):
            assert NamedConcept(mesh_id, KEYWORD, manner, keyword) in links(*conditions, keywords=(keyword,))

    @pytest.mark.parametrize(
        ("keyword", "manner"),
        [
            ("Relapsed acute myeloid leukemia", QUALIFIED),
            ("AML", ABBREVIATION),
            ("Leukemia (AML)", ABBREVIATION),
        ],
    )
    def test_one_that_holds_a_name_counts_where_it_narrows_what_is_stated(
        self, keyword: str, manner: str
    ) -> None:
        assert NamedConcept(AML, KEYWORD, manner, keyword) in links("Leukemia", keywords=(keyword,))
        assert NamedConcept(AML, KEYWORD, manner, keyword) in links(keywords=(keyword,))
        assert AML not in {link.mesh_id for link in links("Obesity", keywords=(keyword,))}

    @pytest.mark.parametrize("keyword", ["Asthma education", "AML genetics", "relapsed", "stage IV", ""])
    def test_other_keywords_name_nothing(self, keyword: str) -> None:
        assert links(keywords=(keyword,)) == []

    def test_a_stated_condition_stays_stated(self) -> None:
        assert links("Severe asthma", keywords=("Asthma",)) == [
            NamedConcept("Asthma", STATED, QUALIFIED, "Severe asthma")
        ]


class TestBehaviors:
    def test_a_behavior_that_is_the_whole_condition_is_one(self) -> None:
        assert links("Smoking") == [NamedConcept("Smoking", STATED, NAME, "Smoking")]
        assert links("Tobacco use") == [NamedConcept("Smoking", STATED, SYNONYM, "Tobacco use")]

    def test_a_behavior_beside_other_words_is_no_condition(self) -> None:
        assert links("Smoking in adults", "Smoking and asthma") == [
            NamedConcept("Asthma", STATED, QUALIFIED, "Smoking and asthma")
        ]

    def test_a_behavior_among_the_keywords_is_no_condition(self) -> None:
        assert links("Asthma", keywords=("Smoking", "Tobacco use, adult")) == links("Asthma")


@given(st.lists(st.text() | st.sampled_from(["Asthma", "AML", "smoking; obesity"])), st.lists(st.text()))
def test_each_concept_is_linked_once_and_by_words_of_the_record(
    conditions: list[str], keywords: list[str]
) -> None:
    found = LINKER.links(conditions, keywords, {})
    assert len({link.mesh_id for link in found}) == len(found)
    assert all(link.words in (conditions if link.source == STATED else keywords) for link in found)
