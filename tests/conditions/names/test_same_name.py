"""Spelling variants of a name share a key; other names do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conditions.names.same_name import (
    canonical_mesh_id,
    is_filler,
    key_of,
    key_of_tokens,
    natural_order,
    tokens_of,
)

ASCII_WORDS = st.lists(st.from_regex(r"[A-Za-z0-9]{1,12}('s)?", fullmatch=True), max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("asthma", "ASTHMA"),
        ("Ménière Disease", "meniere disease"),
        ("Sjögren Syndrome", "SJÖGREN SYNDROME"),
        ("Crohn Disease", "Crohn's disease"),
        ("Crohn Disease", "Crohn\N{RIGHT SINGLE QUOTATION MARK}s Disease"),
        ("Graves Disease", "Graves' disease"),
        ("Hodgkins lymphoma", "Hodgkin's Lymphoma"),
        ("Non-Small-Cell Lung Cancer", "Non-small cell lung cancer"),
        ("Non-Hodgkin Lymphoma", "Non Hodgkin lymphoma"),
        ("Non-Hodgkin Lymphoma", "Nonhodgkin lymphoma"),
        ("Pre-Eclampsia", "Preeclampsia"),
        ("Post-traumatic stress", "posttraumatic stress"),
        ("hyper tension", "Hypertension"),
        ("Esophageal Neoplasms", "Oesophageal neoplasm"),
        ("Leukemia", "leukaemia"),
        ("Tumor", "tumours"),
        ("Goiter", "goitre"),
        ("Hospitalization", "hospitalisation"),
        ("Metastasized cancer", "metastasised cancers"),
        ("Sulfur poisoning", "sulphur poisoning"),
        ("Disc herniation", "disk herniation"),
        ("Disc herniation", "herniated disc"),
        ("Hemoglobinopathies", "haemoglobinopathy"),
        ("Metastasis", "metastases"),
        ("Abscess", "abscesses"),
        ("Wounds and Injuries", "wound injury"),
        ("Leukemia, Myeloid, Acute", "acute myeloid leukemia"),
        ("Breast Cancer", "Cancer of the breast"),
        ("Lung (cancer)", "cancer; lung"),
        ("Diabetes Mellitus, Type 2", "Type II diabetes mellitus"),
        ("Melanoma stage 4", "Stage IV melanoma"),
        ("Type 2 diabetes", "type2diabetes"),
        ("COVID-19", "COVID19"),
        ("HER2", "HER-2"),
        ("Asthma, unspecified", "asthma"),
    ],
)
def test_variants_of_a_name_share_a_key(name: str, variant: str) -> None:
    assert key_of(name) == key_of(variant)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Allergic rhinitis", "Non-allergic rhinitis"),
        ("Hypertension", "Hypotension"),
        ("Hepatitis B", "Hepatitis C"),
        ("Type 1 diabetes", "Type 2 diabetes"),
        ("Diabetes Mellitus", "Diabetes Insipidus"),
        ("Factor V", "Factor 5"),
        ("IV iron", "4 iron"),
        ("Arthritis", "Arthrosis"),
        ("Sinusitis", "Sinus"),
        ("Virus", "Vir"),
        ("Pain", "Paint"),
        ("Leukemia", "Acute leukemia"),
        ("Asthma", "Asthma asthma"),
    ],
)
def test_other_names_have_other_keys(name: str, other: str) -> None:
    assert key_of(name) != key_of(other)


def test_words_that_only_join_others_make_no_name() -> None:
    assert key_of("of the") == key_of("") == key_of(" - ; ") == ""


def test_tokens_keep_their_order_and_the_fillers() -> None:
    assert tokens_of("Cancers of the Lung, stage II") == ("cancer", "of", "the", "lung", "stage", "2")


@given(st.text())
def test_any_text_has_a_key_of_single_words_in_order(text: str) -> None:
    words = key_of(text).split(" ") if key_of(text) else []
    assert words == sorted(words)
    assert not any(is_filler(word) or word.split() != [word] for word in words)


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert key_of_tokens(key_of(text).split()) == key_of(text)


@given(st.text().flatmap(lambda text: st.tuples(st.just(text), st.permutations(tokens_of(text)))))
def test_the_order_of_the_words_makes_no_difference(example: tuple[str, list[str]]) -> None:
    text, shuffled = example
    assert key_of_tokens(shuffled) == key_of(text)


@given(ASCII_WORDS)
def test_case_and_what_stands_between_words_make_no_difference(text: str) -> None:
    assert key_of(text) == key_of(text.upper()) == key_of(f" {text.replace(' ', '  ')}. ")


@given(ASCII_WORDS)
def test_fillers_make_no_difference(text: str) -> None:
    assert key_of(f"the {text} of") == key_of(text)


@pytest.mark.parametrize(
    ("term", "natural"),
    [
        ("Leukemia, Myeloid, Acute", "Acute Myeloid Leukemia"),
        ("Asthma", "Asthma"),
        ("46, XX Disorders", "46, XX Disorders"),
        (
            "Congenital, Hereditary, and Neonatal Diseases and Abnormalities",
            "Congenital, Hereditary, and Neonatal Diseases and Abnormalities",
        ),
        ("1,4-dioxane", "1,4-dioxane"),
        ("Lupus, ", "Lupus"),
    ],
)
def test_commas_are_undone_where_they_turn_a_name_around(term: str, natural: str) -> None:
    assert natural_order(term) == natural


@given(st.text())
def test_any_text_has_a_natural_order(text: str) -> None:
    natural_order(text)


@pytest.mark.parametrize(
    ("mesh_id", "canonical"),
    [
        ("D000015470", "D015470"),
        ("D015470", "D015470"),
        ("D000066399", "D066399"),
        ("D000086382", "D000086382"),
        ("C000015470", "C000015470"),
        ("D00001547x", "D00001547x"),
        ("D0000154700", "D0000154700"),
        ("", ""),
    ],
)
def test_a_padded_id_of_mesh_is_read_as_what_it_is(mesh_id: str, canonical: str) -> None:
    assert canonical_mesh_id(mesh_id) == canonical


@given(st.text() | st.from_regex(r"D\d{6,10}", fullmatch=True))
def test_a_canonical_id_stays(mesh_id: str) -> None:
    assert canonical_mesh_id(canonical_mesh_id(mesh_id)) == canonical_mesh_id(mesh_id)
