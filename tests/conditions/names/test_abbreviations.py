"""Abbreviations are learned from texts that give the long form, which must be a name with their letters in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conditions.names.abbreviations import abbreviations_in, defined_by, explanations_in, is_abbreviation
from tests.conditions.names.factories import lexicon

NAMES = lexicon(
    "Acute Myeloid Leukemia",
    "Multiple Sclerosis",
    "Diabetes Mellitus",
    "Type 2 Diabetes Mellitus",
    "Asthma",
    "Systemic Scleroderma",
    "Non-Hodgkin Lymphoma",
    "Tuberculosis",
)


def defined(text: str) -> list[tuple[str, str]]:
    return list(defined_by(explanations_in(text), NAMES))


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("Acute Myeloid Leukemia (AML)", "AML", "Acute Myeloid Leukemia"),
        ("AML (acute myeloid leukemia)", "AML", "Acute Myeloid Leukemia"),
        ("in patients with relapsed acute myeloid leukaemia ( AML ) who", "AML", "Acute Myeloid Leukemia"),
        ("acute myeloid leukemias (AMLs)", "AML", "Acute Myeloid Leukemia"),
        ("Type 2 Diabetes Mellitus (T2DM)", "T2DM", "Type 2 Diabetes Mellitus"),
        ("Systemic scleroderma (SSc)", "SSc", "Systemic Scleroderma"),
        ("Non-Hodgkin's lymphoma (NHL)", "NHL", "Non-Hodgkin Lymphoma"),
        ("Tuberculosis (TB)", "TB", "Tuberculosis"),
        ("MS(multiple sclerosis)", "MS", "Multiple Sclerosis"),
    ],
)
def test_the_long_form_may_stand_before_or_behind(text: str, short: str, long: str) -> None:
    assert defined(text) == [(short, long)]


def test_the_longest_name_that_fits_is_meant() -> None:
    assert defined("type 2 diabetes mellitus (TDM)") == [("TDM", "Type 2 Diabetes Mellitus")]
    assert defined("type 2 diabetes mellitus (DM)") == [("DM", "Diabetes Mellitus")]


@pytest.mark.parametrize(
    "text",
    [
        "Acute myeloid leukemia (see Table)",
        "Acute myeloid leukemia (Table)",
        "Acute myeloid leukemia (Adults)",
        "Acute myeloid leukemia (aml)",
        "Multiple sclerosis (MRC)",
        "Acute myeloid leukemia (MDS)",
        "Acute myeloid leukemia (AMLX)",
        "Acute myeloid leukemia AML",
        "Multiple sclerosis and its course (MS)",
        "Leukemia, acute myeloid (AML)",
        "Another disease (AD)",
        "Type II diabetes mellitus (T2DM)",
        "AML ()",
        "(AML)",
        "AML (in adults)",
        "Tuberculosis (BT)",
    ],
)
def test_other_parentheses_define_nothing(text: str) -> None:
    assert defined(text) == []


def test_a_name_of_several_concepts_leaves_it_open_which_is_meant() -> None:
    names = lexicon("Multiple Sclerosis", synonyms={"Multiple sclerosis": "Disseminated Sclerosis"})
    assert set(defined_by(explanations_in("multiple sclerosis (MS)"), names)) == {
        ("MS", "Multiple Sclerosis"),
        ("MS", "Disseminated Sclerosis"),
    }


@given(st.text(alphabet="AMLaml ()-'s\N{RIGHT SINGLE QUOTATION MARK}\N{SNOWMAN}2") | st.text())
def test_any_text_may_be_looked_through(text: str) -> None:
    for short, mesh_id in defined(text):
        assert is_abbreviation(short)
        assert short in text
        assert mesh_id
    assert all(word in text for word in abbreviations_in(text))


@pytest.mark.parametrize(
    ("word", "is_one"),
    [("AML", True), ("SSc", True), ("T2DM", True), ("NSCLCs", True), ("Asthma", False), ("all", False)],
)
def test_an_abbreviation_has_two_capitals(word: str, is_one: bool) -> None:
    assert is_abbreviation(word) == is_one


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("Relapsed AML in adults", ["AML"]),
        ("AML, MDS", ["AML", "MDS"]),
        ("AML (FLT3-ITD)", ["AML", "FLT3-ITD"]),
        ("AML/MDS", ["AML", "MDS"]),
        ("AML MDS", ["AML", "MDS"]),
        ("ACUTE MYELOID LEUKEMIA", []),
        ("RELAPSED AML IN ADULTS", []),
        ("Of all ages", []),
    ],
)
def test_a_phrase_in_capitals_throughout_holds_no_abbreviation(phrase: str, found: list[str]) -> None:
    assert abbreviations_in(phrase) == found
