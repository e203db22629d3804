"""Conditions in their trees, with a vocabulary and without: labels, broader and narrower ones, and search by name."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import Engine, event, select
from sqlmodel import col

from app.conditions.mesh.read import open_mesh
from app.database.engine import reading, writing
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.models import Condition, ConditionBroader
from app.search.condition_tree import ConditionTree, Counted, KnownCondition, Name
from app.search.counts.catalogue import Catalogues
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conftest import Ingest
from tests.factories import study

pytestmark = pytest.mark.slow

VOCABULARY = (
    descriptor("Neoplasms", "D009369", trees=["C04"]),
    descriptor("Neoplasms by Histologic Type", "D009370", trees=["C04.557"]),
    descriptor("Leukemia", "D007938", trees=["C04.557.337"], synonyms=["Leucocythaemia", "Leucocythaemias"]),
    descriptor(
        "Leukemia, Myeloid, Acute",
        "D015470",
        trees=["C04.557.337.539"],
        synonyms=["Acute Myelocytic Leukemia", "Acute Myelocytic Leukemias", "Myelocytic Leukemia, Acute"],
        permuted=["Leukemias, Acute Myeloid"],
        tagged=[("ANLL", "ABB")],
    ),
    descriptor("Kidney Diseases", "D007674", trees=["C12.050", "C04.557.900"], synonyms=["Renal Disease"]),
    descriptor("Rabies", "D011818", trees=["C01.925.500"]),
    descriptor("RNA Virus Infections", "D012327", trees=["C01.925"]),
    descriptor("Influenza, Human", "D007251", trees=["C01.925.620"]),
    descriptor("Aspirin", "D001241", trees=["D02.455"]),
)

Look = Callable[[], ConditionTree]


@pytest.fixture
def look(engine: Engine) -> Iterator[Look]:
    with reading(engine) as session:
        yield lambda: ConditionTree(session, Catalogues().current(session))


@pytest.fixture
def mesh(engine: Engine, tmp_path: Path) -> None:
    replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, *VOCABULARY)), lambda *_: None)


@pytest.fixture
def tree(mesh: None, ingest: Ingest, look: Look) -> ConditionTree:
    ingest(
        [
            study(conditions=["Acute Myeloid Leukemia (AML)", "Tired Legs"]),
            study(conditions=["Leukemia"]),
            study(conditions=["Kidney Diseases"]),
            study(conditions=["Human Influenza"]),
        ]
    )
    return look()


def known(tree: ConditionTree, slug: str) -> KnownCondition:
    found = tree.known(slug)
    assert found
    return found


def slugs(found: Sequence[Counted]) -> list[str]:
    return [condition.slug for condition in found]


class TestPlaces:
    def test_only_the_nearest_broader_conditions_are_broader(self, tree: ConditionTree) -> None:
        assert slugs(tree.broader(known(tree, "acute-myeloid-leukemia"))) == ["leukemia"]
        assert tree.broader(known(tree, "neoplasms")) == []

    def test_a_condition_in_two_places_has_a_broader_one_in_each(self, tree: ConditionTree) -> None:
        kidney = known(tree, "kidney-diseases")
        assert slugs(tree.broader(kidney)) == ["neoplasms-by-histologic-type", "urogenital-diseases"]

    def test_narrower_conditions_stand_directly_below_with_most_trials_first(
        self, tree: ConditionTree
    ) -> None:
        assert tree.narrower(known(tree, "neoplasms-by-histologic-type")) == [
            Counted("leukemia", "Leukemia", 2),
            Counted("kidney-diseases", "Kidney diseases", 1),
        ]
        assert slugs(tree.narrower(known(tree, "neoplasms"))) == ["neoplasms-by-histologic-type"]

    def test_a_broader_condition_has_it_among_its_narrower_ones(self, tree: ConditionTree) -> None:
        for slug in tree.postings:
            for broader in tree.broader(known(tree, slug)):
                assert slug in slugs(tree.narrower(known(tree, broader.slug)))

    def test_behavior_outside_the_trees_of_conditions_stands_under_nothing(
        self, engine: Engine, tmp_path: Path, ingest: Ingest, look: Look
    ) -> None:
        emotions = descriptor("Emotions", "D004644", trees=["F01.470"])
        anxiety = descriptor("Anxiety", "D001007", trees=["F01.470.132"])
        replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, emotions, anxiety)), lambda *_: None)
        indexed = [("D001007", "Anxiety"), ("D004644", "Emotions")]
        ingest([study(mesh=indexed), study(mesh=indexed[1:])])
        tree = look()
        assert known(tree, "anxiety").count == 1
        assert tree.broader(known(tree, "anxiety")) == []

    def test_a_concept_without_trials_has_the_nearest_above_it_that_have_some(
        self, tree: ConditionTree
    ) -> None:
        rabies = known(tree, "rabies")
        assert (rabies.count, rabies.mesh_id) == (0, "D011818")
        assert slugs(tree.broader(rabies)) == ["rna-virus-infections"]
        assert tree.narrower(rabies) == []

    def test_a_condition_of_no_concept_stands_alone(self, tree: ConditionTree) -> None:
        legs = known(tree, "tired-legs")
        assert legs == KnownCondition("tired-legs", "Tired Legs", "", 1)
        assert tree.broader(legs) == tree.narrower(legs) == []
        assert tree.names(legs) == []
        assert tree.without_concept == 1

    @pytest.mark.parametrize("slug", ["aspirin", "not-stated", "nothing", ""])
    def test_what_is_no_condition_is_not_known(self, tree: ConditionTree, slug: str) -> None:
        assert tree.known(slug) is None

    def test_conditions_above_each_other_hide_neither(self, ingest: Ingest, engine: Engine) -> None:
        ingest([study(conditions=["Gout"]), study(conditions=["Pain"]), study(conditions=["Stiffness"])])
        with writing(engine) as session:
            rows = session.execute(select(col(Condition.slug), col(Condition.id))).all()
            ids = {slug: number or 0 for slug, number in rows}
            pairs = [("gout", "pain"), ("gout", "stiffness"), ("pain", "stiffness"), ("stiffness", "pain")]
            session.add_all(
                ConditionBroader(condition_id=ids[low], broader_id=ids[high]) for low, high in pairs
            )
        with reading(engine) as session:
            tree = ConditionTree(session, Catalogues().current(session))
            assert slugs(tree.broader(known(tree, "gout"))) == ["pain", "stiffness"]
            assert slugs(tree.narrower(known(tree, "pain"))) == ["gout", "stiffness"]


class TestNames:
    def test_each_name_is_shown_once_and_not_inverted_with_abbreviations_first(
        self, tree: ConditionTree
    ) -> None:
        assert [name.text.lower() for name in tree.names(known(tree, "acute-myeloid-leukemia"))] == [
            "aml",
            "anll",
            "acute myelocytic leukemia",
        ]

    def test_an_abbreviation_that_records_explain_says_in_how_many(self, tree: ConditionTree) -> None:
        assert tree.names(known(tree, "acute-myeloid-leukemia"))[0] == Name("AML", 1)

    def test_a_name_that_is_only_known_inverted_is_shown_inverted(
        self, engine: Engine, tmp_path: Path, look: Look
    ) -> None:
        odd = descriptor("Gout", "D006073", trees=["C05.550"], synonyms=["Podagra, Great, Toe"])
        replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, odd)), lambda *_: None)
        tree = look()
        assert [name.text.lower() for name in tree.names(known(tree, "gout"))] == ["podagra, great, toe"]


class TestTopLevels:
    def test_top_levels_are_the_roots_that_trials_have_with_what_is_frequent_below(
        self, tree: ConditionTree
    ) -> None:
        assert tree.vocabulary == "MeSH 2026"
        assert [(top.condition.label, top.condition.count) for top in tree.top_levels()] == [
            ("Infections", 1),
            ("Neoplasms", 3),
            ("Urogenital diseases", 1),
        ]
        assert slugs(tree.top_levels()[1].narrower) == [
            "leukemia",
            "acute-myeloid-leukemia",
            "kidney-diseases",
        ]

    def test_without_a_vocabulary_top_levels_are_those_without_broader_ones(
        self, ingest: Ingest, look: Look
    ) -> None:
        above = [("D012140", "Respiratory Tract Diseases"), ("D001982", "Bronchial Diseases")]
        ingest([study(mesh=[("D001249", "Asthma")], ancestors=above), study(conditions=["Gout"])])
        tree = look()
        assert tree.vocabulary == ""
        assert [(slugs([top.condition]), slugs(top.narrower)) for top in tree.top_levels()] == [
            (["bronchial-diseases"], ["asthma"]),
            (["respiratory-tract-diseases"], ["asthma"]),
        ]

    def test_without_any_hierarchy_top_levels_are_the_most_frequent_conditions(
        self, ingest: Ingest, look: Look
    ) -> None:
        ingest([study(conditions=["Gout"]), study(), study(), study(conditions=[])])
        assert [top.condition for top in look().top_levels()] == [
            Counted("asthma", "Asthma", 2),
            Counted("gout", "Gout", 1),
        ]

    def test_an_empty_database_has_no_top_levels(self, look: Look) -> None:
        assert look().top_levels() == []


class TestFinding:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("leukemia", ["leukemia", "acute-myeloid-leukemia"]),
            ("leuk", ["leukemia", "acute-myeloid-leukemia"]),
            ("LEUKEMIA acute", ["acute-myeloid-leukemia"]),
            ("leukaemias", ["leukemia", "acute-myeloid-leukemia"]),
            ("AML", ["acute-myeloid-leukemia"]),
            ("renal", ["kidney-diseases"]),
            ("disease of the kidneys", ["kidney-diseases"]),
            ("tired", ["tired-legs"]),
            ("egs", []),
            ("rabies", []),
            ("aspirin", []),
        ],
    )
    def test_words_begin_words_of_any_name(self, tree: ConditionTree, words: str, found: list[str]) -> None:
        assert slugs([each.condition for each in tree.find(words)]) == found

    def test_the_name_that_was_found_is_told(self, tree: ConditionTree) -> None:
        (found,) = tree.find("renal")
        assert found.name.lower() == "renal disease"

    def test_an_exact_name_comes_before_conditions_with_more_trials(self, ingest: Ingest, look: Look) -> None:
        ingest(
            [study(conditions=["Gout of Toe"]), study(conditions=["Gout of Toe"]), study(conditions=["Gout"])]
        )
        assert slugs([each.condition for each in look().find("gout")]) == ["gout", "gout-of-toe"]

    @pytest.mark.parametrize(
        ("words", "closest"),
        [
            ("leukemai", "leukemia"),
            ("relapsed acute myeloid leukemia", "acute-myeloid-leukemia"),
            ("leukemia of snails", "leukemia"),
            ("rabies", "rabies"),
        ],
    )
    def test_words_that_find_nothing_have_a_closest_name(
        self, tree: ConditionTree, words: str, closest: str
    ) -> None:
        assert tree.find(words) == []
        assert slugs(tree.closest(words))[0] == closest

    @pytest.mark.parametrize("words", ["zzzz", "%", "the", "'"])
    def test_nothing_may_be_close(self, tree: ConditionTree, words: str) -> None:
        assert tree.closest(words) == []

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
    @given(words=strategies.text(min_size=1, max_size=40))
    def test_any_words_can_be_asked_for(self, tree: ConditionTree, words: str) -> None:
        tree.find(words)
        assert len(tree.closest(words)) <= 5


def test_a_few_statements_are_enough(tree: ConditionTree, engine: Engine) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    leukemia = known(tree, "leukemia")
    tree.broader(leukemia), tree.narrower(leukemia), tree.names(leukemia)
    assert len(statements) <= 5
    statements.clear()
    tree.top_levels(), tree.find("leukemia")
    assert len(statements) <= 2
