"""The names that a phrase holds: a whole name, the longest names inside it, and the words beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conditions.names.phrases import Finding, Lexicon, is_modifier, keys_in, stands_alone
from app.conditions.names.same_name import key_of
from tests.conditions.names.factories import lexicon

SMALL = lexicon(
    "Asthma",
    "Obesity",
    "Leukemia",
    "Acute Myeloid Leukemia",
    "Kidney Failure",
    "Prostate Cancer",
    "Lung Cancer",
    "Hypertension",
    "Pulmonary Hypertension",
    "Allergic Rhinitis",
    "Rhinitis",
    "Disease",
    "Infection",
    "Neoplasms",
    "Acute Disease",
    "Recurrence",
    "Pancreatic Cyst",
)


def found(phrase: str, names: Lexicon = SMALL) -> dict[str, bool]:
    """Return each name found, and whether it is all that its part of the phrase says."""
    return {finding.mesh_id: finding.is_whole for finding in names.found_in(phrase)}


class TestWholeNames:
    def test_a_phrase_that_is_a_name_is_that_and_nothing_inside_it(self) -> None:
        assert SMALL.found_in("acute MYELOID leukaemias") == (Finding("Acute Myeloid Leukemia", 0, True),)

    def test_a_name_of_several_concepts_names_each(self) -> None:
        shared = Lexicon([("nash", "D1"), ("nash", "D2"), ("nash", "D1")])
        assert shared.named("NASH") == ("D1", "D2")
        assert shared.found_in("NASH") == (Finding("D1", 0, True), Finding("D2", 0, True))

    @pytest.mark.parametrize("phrase", ["", "of the", ";", "\N{SNOWMAN}", "0"])
    def test_an_empty_phrase_holds_no_name(self, phrase: str) -> None:
        assert Lexicon([("", "D1")]).found_in(phrase) == ()
        assert Lexicon([("", "D1")]).named(phrase) == ()

    def test_a_name_that_is_learned_later_is_found_in_a_phrase_asked_about_before(self) -> None:
        names = Lexicon([("asthma", "D1")])
        assert names.found_in("Severe asthma with obesity") == (Finding("D1", 1, True),)
        names.add("obesity", "D2")
        assert {finding.mesh_id for finding in names.found_in("Severe asthma with obesity")} == {"D1", "D2"}


class TestQualifiers:
    @pytest.mark.parametrize(
        "phrase",
        [
            "Severe asthma",
            "Asthma in children",
            "Asthma; persistent",
            "Uncontrolled moderate-to-severe asthma",
            "Refractory/relapsed asthma",
            "Asthma, stage II",
        ],
    )
    def test_words_that_narrow_leave_the_name_whole(self, phrase: str) -> None:
        assert found(phrase) == {"Asthma": True}

    @pytest.mark.parametrize("phrase", ["Asthma education", "Knowledge of asthma", "Brittle asthma"])
    def test_other_words_make_the_name_a_part(self, phrase: str) -> None:
        assert found(phrase) == {"Asthma": False}

    def test_the_surest_name_comes_first(self) -> None:
        ordered = [
            finding.mesh_id for finding in SMALL.found_in("Obesity clinic, acute myeloid leukemia, asthma")
        ]
        assert ordered == ["Acute Myeloid Leukemia", "Asthma", "Obesity"]

    def test_a_name_found_whole_and_as_a_part_is_whole(self) -> None:
        assert found("Asthma education; asthma") == {"Asthma": True}


class TestSegments:
    @pytest.mark.parametrize(
        "phrase",
        ["Asthma and obesity", "Asthma, obesity", "Asthma (obesity)", "Asthma/obesity", "asthma or obesity"],
    )
    def test_each_part_of_a_phrase_names_its_own(self, phrase: str) -> None:
        assert found(phrase) == {"Asthma": True, "Obesity": True}

    def test_what_stands_in_one_part_does_not_qualify_another(self) -> None:
        assert found("Asthma education and obesity") == {"Asthma": False, "Obesity": True}

    @pytest.mark.parametrize(
        "phrase",
        ["Asthma due to obesity", "Asthma with obesity", "Asthma in obesity", "Asthma secondary to obesity"],
    )
    def test_what_a_condition_is_due_to_is_a_part(self, phrase: str) -> None:
        assert found(phrase) == {"Asthma": True, "Obesity": False}

    def test_the_second_of_two_complements_is_one_too(self) -> None:
        assert found("Asthma with obesity and hypertension") == {
            "Asthma": True,
            "Obesity": False,
            "Hypertension": False,
        }

    def test_a_comma_ends_a_complement(self) -> None:
        assert found("Asthma with obesity, hypertension") == {
            "Asthma": True,
            "Obesity": False,
            "Hypertension": True,
        }

    def test_a_name_across_a_break_is_found(self) -> None:
        assert found("Leukemia, Acute (Myeloid), relapsed") == {"Acute Myeloid Leukemia": True}


class TestWordsOfNames:
    def test_the_longest_name_takes_its_words(self) -> None:
        assert found("Relapsed acute myeloid leukemia") == {"Acute Myeloid Leukemia": True}
        assert found("Severe pulmonary hypertension") == {"Pulmonary Hypertension": True}

    def test_a_word_left_over_still_counts(self) -> None:
        assert found("Pulmonary hypertension, hypertension") == {
            "Pulmonary Hypertension": True,
            "Hypertension": True,
        }

    def test_other_words_may_stand_between_those_of_a_name(self) -> None:
        assert found("Pancreatic mucinous cyst") == {"Pancreatic Cyst": False}
        assert found("Kidney acute failure") == {"Kidney Failure": True}

    def test_a_name_does_not_reach_across_the_parts_of_a_phrase(self) -> None:
        assert found("Pancreatic juice; liver cyst") == {}

    def test_words_of_a_name_must_stand_together_in_a_part_of_many_words(self) -> None:
        assert found("Pancreatic juice and other fluid of every kind seen near one large cyst") == {}

    def test_a_prefix_makes_another_word(self) -> None:
        assert found("Severe non-allergic rhinitis") == {"Rhinitis": False}
        assert found("Severe allergic rhinitis") == {"Allergic Rhinitis": True}

    @pytest.mark.parametrize("word", ["carcinoma", "adenocarcinoma", "tumours", "neoplasm", "malignancy"])
    def test_mesh_calls_carcinomas_cancer(self, word: str) -> None:
        assert found(f"Metastatic prostate {word}") == {"Prostate Cancer": True}

    def test_one_carcinoma_may_be_of_two_places(self) -> None:
        assert found("Lung carcinoma, prostate") == {"Lung Cancer": True, "Prostate Cancer": False}

    def test_one_word_alone_is_not_read_as_cancer(self) -> None:
        assert Lexicon([(key_of("cancer"), "Cancer")]).found_in("Severe carcinoma") == ()


class TestWordsThatSayNothing:
    @pytest.mark.parametrize("phrase", ["Disc disease", "Neoplasms of unknown sort", "Wound infection rate"])
    def test_generic_names_are_left_out_beside_other_names(self, phrase: str) -> None:
        assert found(phrase) == {}

    def test_a_generic_name_with_modifiers_alone_counts(self) -> None:
        assert found("Severe infection; stroke") == {"Infection": True}

    def test_a_modifier_that_is_a_name_is_none_in_a_phrase(self) -> None:
        assert found("Asthma, recurrence rate") == {"Asthma": True}
        assert lexicon("Child").found_in("Child, healthy") == ()

    @pytest.mark.parametrize("phrase", ["relapsed", "Stage IV", "Adults with newly diagnosed", ""])
    def test_modifiers_alone_are_told_from_names(self, phrase: str) -> None:
        assert is_modifier(phrase)
        assert not is_modifier(f"{phrase} asthma")


@pytest.mark.parametrize(
    ("phrase", "word", "is_alone"),
    [
        ("Relapsed AML", "AML", True),
        ("AML in adults", "AML", True),
        ("AML, genetics", "AML", True),
        ("AML genetics", "AML", False),
        ("Acute leukemia (AML)", "AML", True),
        ("Relapsed", "AML", False),
        ("T2DM patients", "T2DM", True),
    ],
)
def test_a_word_stands_alone_beside_modifiers(phrase: str, word: str, is_alone: bool) -> None:
    assert stands_alone(phrase, word) == is_alone


@given(st.text())
def test_any_text_may_be_looked_through(text: str) -> None:
    for finding in SMALL.found_in(text):
        assert finding.mesh_id
    assert key_of(text) in keys_in(text)


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("Lung Cancer; Kidney; Chronic Disease", "Chronic kidney disease"),
        ("Hepatitis A", "Hepatitis"),
        ("Hepatitis", "Hepatitis A"),
    ],
)
def test_a_name_is_not_made_of_words_that_belong_apart(phrase: str, name: str) -> None:
    assert not any(finding.is_whole for finding in Lexicon([(key_of(name), "D1")]).found_in(phrase))
