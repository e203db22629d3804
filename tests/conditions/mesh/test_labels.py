"""Labels read as people write conditions: natural word order, sentence case, proper nouns kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conditions.mesh.labels import Labels, in_natural_order
from app.conditions.mesh.read import Descriptor, descriptors, open_mesh
from app.conditions.mesh.roots import ROOTS
from tests.conditions.mesh.factories import descriptor
from tests.support.reference_data import reference_file


def label(one: Descriptor, *others: Descriptor) -> str:
    labels = Labels()
    for each in (one, *others):
        labels.learn(each)
    return labels.label_of(one)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Leukemia, Myeloid, Acute", "Acute myeloid leukemia"),
        ("Breast Neoplasms", "Breast neoplasms"),
        ("COVID-19", "COVID-19"),
        ("HIV Infections", "HIV infections"),
        ("Lymphoma, Large B-Cell, Diffuse", "Diffuse large B-cell lymphoma"),
        ("Hepatitis B, Chronic", "Chronic hepatitis B"),
        ("Glycogen Storage Disease Type II", "Glycogen storage disease type II"),
        ("von Willebrand Diseases", "von Willebrand diseases"),
        ("Neoplasms, Germ Cell and Embryonal", "Germ cell and embryonal neoplasms"),
        ("Metabolism, Inborn Errors", "Inborn errors of metabolism"),
        ("Epidermitis, Exudative, of Swine", "Exudative epidermitis of swine"),
        ("46, XX Disorders of Sex Development", "46, XX disorders of sex development"),
        ("N,N-Dimethyltryptamine", "N,N-dimethyltryptamine"),
        ("19-Iodocholesterol", "19-Iodocholesterol"),
        ("Infant, Premature, Diseases", "Premature infant diseases"),
        ("West Nile Fever", "West Nile fever"),
        ("Helicobacter Infections", "Helicobacter infections"),
        ("Escherichia coli Infections", "Escherichia coli infections"),
    ],
)
def test_a_name_becomes_what_people_write(name: str, expected: str) -> None:
    factors = [descriptor(f"Willebrand Factor {number}", tagged=[("Willebrand", "EPO")]) for number in "12"]
    assert label(descriptor(name), *factors) == expected


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.number)
def test_a_root_keeps_the_order_of_its_words(root: tuple[str, str, str]) -> None:
    assert label(descriptor(root[2])).lower() == root[2].lower()


class TestProperNouns:
    def test_a_word_found_only_in_terms_tagged_as_names_keeps_its_capital(self) -> None:
        fabry = descriptor("Lipidosis, Fabry", tagged=[("Fabry Lipidosis", "EPO")])
        assert label(fabry, descriptor("Lipidosis"), descriptor("Lipidosis, Other")) == "Fabry lipidosis"

    def test_a_word_found_mostly_in_other_terms_loses_its_capital(self) -> None:
        tagged = descriptor("Fabry Anemia Complex", tagged=[("Fabry Anemia Complex", "EPO")])
        others = [descriptor(f"Anemia Complex {number}") for number in range(9)]
        assert label(tagged, *others) == "Fabry anemia complex"

    def test_a_possessive_is_a_name_unless_it_is_known_as_a_word(self) -> None:
        assert label(descriptor("Injury, Bankart's")) == "Bankart's injury"
        assert label(descriptor("Silo Farmer's Lung")) == "Silo farmer's lung"

    def test_a_word_that_is_also_a_surname_follows_its_own_descriptor(self) -> None:
        syndrome = descriptor("Parkinson White Syndrome", tagged=[("Parkinson White Syndrome", "EPO")])
        matter = descriptor("Large White Matter")
        assert label(syndrome, matter).endswith("White syndrome")
        assert label(matter, syndrome) == "Large white matter"


class TestOrder:
    def test_a_term_of_the_same_words_is_preferred_to_turning_the_name_around(self) -> None:
        name = descriptor("Fetal Membranes, Rupture", synonyms=["Rupture of Fetal Membranes", "Leak"])
        assert in_natural_order(name) == "Rupture of Fetal Membranes"

    def test_a_term_with_other_words_is_not_the_name(self) -> None:
        name = descriptor("Leukemia, Myeloid, Acute", synonyms=["ANLL", "Acute Nonlymphocytic Leukemia"])
        assert in_natural_order(name) == "Acute Myeloid Leukemia"

    def test_a_narrower_term_is_not_the_name(self) -> None:
        name = descriptor("Rupture, Fetal", narrower=["Rupture of the Fetal"])
        assert in_natural_order(name) == "Fetal Rupture"


@given(st.text("Aab, -'1é", min_size=1).filter(lambda text: bool(text.strip(", "))))
def test_a_label_has_the_letters_of_the_name_in_some_order(name: str) -> None:
    def letters(text: str) -> list[str]:
        return sorted(character for character in text.lower() if character.isalnum())

    assert letters(label(descriptor(name))) == letters(name)


def test_real_labels_read_well() -> None:
    expected = {
        "D006689": "Hodgkin disease",
        "D000544": "Alzheimer disease",
        "D003424": "Crohn disease",
        "D014842": "von Willebrand diseases",
        "D010300": "Parkinson disease",
        "D003924": "Type 2 diabetes mellitus",
        "D004314": "Down syndrome",
        "D012514": "Kaposi sarcoma",
        "D014927": "Wolff-Parkinson-White syndrome",
        "D008881": "Migraine disorders",
        "D020388": "Duchenne muscular dystrophy",
        "D015430": "Weight gain",
        "D029424": "Chronic obstructive pulmonary disease",
        "D012373": "Rocky Mountain spotted fever",
        "D000086382": "COVID-19",
        "D005902": "Open-angle glaucoma",
    }
    file = open_mesh(reference_file("data/mesh_desc2022.xml.gz"))
    labels, found = Labels(), {}
    for one in descriptors(file, lambda _: None):
        labels.learn(one)
        if one.mesh_id in expected:
            found[one.mesh_id] = one
    assert {mesh_id: labels.label_of(one) for mesh_id, one in found.items()} == expected
