"""The vocabulary that a run keeps in memory, from the tables and from the concepts that records bring."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import col

from app.conditions.stored_vocabulary import load_vocabulary, store_concepts
from app.conditions.vocabulary import Explained, Vocabulary, meanings
from app.database.engine import reading, writing
from app.models import Concept, ConceptName
from tests.conditions.factories import MESH, concepts, load_mesh, named, names, record_of


def vocabulary_of(engine: Engine) -> Vocabulary:
    with reading(engine) as session:
        return load_vocabulary(session)


@pytest.fixture
def vocabulary(engine: Engine, tmp_path: Path) -> Vocabulary:
    load_mesh(engine, tmp_path, *MESH)
    return vocabulary_of(engine)


class TestLoading:
    def test_an_empty_database_has_no_concepts(self, engine: Engine) -> None:
        vocabulary = vocabulary_of(engine)
        assert not vocabulary.concepts
        assert not vocabulary.by_slug
        assert vocabulary.linker.lexicon.found_in("asthma") == ()

    def test_only_conditions_can_be_named(self, vocabulary: Vocabulary) -> None:
        lexicon = vocabulary.linker.lexicon
        assert lexicon.named("asthma") == ("D001249",)
        assert lexicon.named("insulin") == ()
        assert vocabulary.by_slug["insulin"] == "D007328"

    def test_roots_that_the_file_leaves_out_can_be_named(self, vocabulary: Vocabulary) -> None:
        assert vocabulary.linker.lexicon.named("neoplasm") == ("D009369",)

    def test_behaviors_are_told_from_disorders(self, vocabulary: Vocabulary) -> None:
        assert vocabulary.linker.behaviors == {"D012907"}

    def test_an_abbreviation_of_mesh_is_one_and_no_name(self, vocabulary: Vocabulary) -> None:
        assert vocabulary.linker.abbreviations == {"ANLL": "D015470"}
        assert vocabulary.abbreviations_of_mesh == {"ANLL"}
        assert vocabulary.linker.lexicon.named("ANLL") == ()

    def test_what_records_explain_is_known_by_its_majority(
        self, engine: Engine, vocabulary: Vocabulary
    ) -> None:
        with writing(engine) as session:
            session.add_all(
                [
                    named("D001014", "AA", "aa", "learned", 2),
                    named("D000506", "AA", "aa", "learned", 3),
                    named("D006973", "HT", "ht", "learned", 1),
                    named("D001249", "HT", "ht", "learned", 1),
                    named("D001249", "ANLL", "anll", "learned", 9),
                ]
            )
        found = vocabulary_of(engine)
        assert found.linker.abbreviations == {"AA": "D000506", "ANLL": "D015470"}
        assert found.abbreviations_of_mesh == {"ANLL"}


@given(st.dictionaries(st.sampled_from("ABC"), st.integers(1, 9), min_size=1))
def test_an_abbreviation_has_a_meaning_where_six_in_ten_trials_agree(counts: dict[str, int]) -> None:
    found = meanings(Explained("x", mesh_id, "X", count) for mesh_id, count in counts.items())
    agreed = [meaning for meaning, count in counts.items() if 10 * count >= 6 * sum(counts.values())]
    assert list(found.values()) == agreed


class TestLearning:
    def test_a_term_of_a_record_is_a_concept_from_then_on(self, engine: Engine) -> None:
        vocabulary = vocabulary_of(engine)
        record = record_of(
            mesh=[("D000015470", "Leukemia, Myeloid, Acute")], ancestors=[("D007938", "Leukemia")]
        )
        with writing(engine) as session:
            store_concepts(session, vocabulary.learn([record, record]))
        assert vocabulary.linker.lexicon.named("acute myeloid leukaemia") == ("D015470",)
        assert concepts(engine)["D015470"] == {
            "mesh_id": "D015470",
            "name": "Leukemia, Myeloid, Acute",
            "label": "Acute Myeloid Leukemia",
            "own_label": "Acute Myeloid Leukemia",
            "slug": "acute-myeloid-leukemia",
            "origin": "registry",
        }
        assert names(engine, "D015470") == {
            "Acute Myeloid Leukemia": "new",
            "Leukemia, Myeloid, Acute": "new",
        }
        again = vocabulary_of(engine)
        assert again.concepts == vocabulary.concepts
        assert again.by_slug == vocabulary.by_slug
        assert again.linker.own_names == vocabulary.linker.own_names

    def test_what_is_known_is_not_written_again(self, engine: Engine, vocabulary: Vocabulary) -> None:
        known = record_of(mesh=[("D001249", "Asthma, as it was called")])
        with writing(engine) as session:
            store_concepts(session, vocabulary.learn([known]))
            assert not session.execute(select(ConceptName).where(col(ConceptName.kind) == "new")).all()
        assert concepts(engine)["D001249"]["origin"] == "mesh"

    def test_an_unknown_id_with_the_name_of_a_concept_is_that_concept(
        self, engine: Engine, vocabulary: Vocabulary
    ) -> None:
        with writing(engine) as session:
            store_concepts(session, vocabulary.learn([record_of(mesh=[("D999999", "Asthma")])]))
        assert "D999999" not in vocabulary.concepts
        assert "D999999" not in concepts(engine)

    def test_two_concepts_of_one_name_have_two_addresses(
        self, engine: Engine, vocabulary: Vocabulary
    ) -> None:
        with writing(engine) as session:
            store_concepts(session, vocabulary.learn([record_of(mesh=[("D999999", "Insulin")])]))
        assert vocabulary.concepts["D999999"].slug == "insulin-d999999"
        assert vocabulary.linker.lexicon.named("Insulin") == ("D999999",)
        with reading(engine) as session:
            assert session.get(Concept, "D999999") is not None
