"""Other names of diseases and drugs widen a search, from the condition vocabulary."""

import pytest
from sqlalchemy import Engine, event, insert

from app.conditions.names.same_name import key_of
from app.database.engine import reading, writing
from app.models import Concept, ConceptName, ConceptTree, table_of
from app.search.words import text
from app.text.slugs import slug_of
from tests.conftest import Ingest
from tests.factories import study


def learn(
    engine: Engine, label: str, *names: tuple[str, str], tree: str = "C04.557", mesh_id: str = ""
) -> None:
    """Add a concept to the vocabulary; names are (kind, text)."""
    mesh_id = mesh_id or f"D{abs(hash(label)) % 10**6:06d}"
    rows = [
        {
            "slug": slug_of(name),
            "mesh_id": mesh_id,
            "text": name,
            "key": key_of(name),
            "kind": kind,
            "count": 0,
        }
        for kind, name in (("name", label), *names)
    ]
    with writing(engine) as session:
        concept = {
            "mesh_id": mesh_id,
            "name": label,
            "label": label,
            "slug": slug_of(label),
            "origin": "mesh",
        }
        session.execute(insert(table_of(Concept)), [concept])
        if tree:
            session.execute(
                insert(table_of(ConceptTree)), [{"number": f"{tree}.{mesh_id}", "mesh_id": mesh_id}]
            )
        session.execute(insert(table_of(ConceptName)), rows)


@pytest.fixture
def names(engine: Engine) -> None:
    learn(
        engine,
        "Acute myeloid leukemia",
        ("synonym", "Acute myelogenous leukemia"),
        ("synonym", "Leukemia, Acute Myelogenous"),
        ("synonym", "Leukemia, Myeloid, Acute"),
        ("synonym", "ANLL"),
        ("abbreviation", "AML"),
        ("learned", "AM"),
    )
    learn(engine, "Acute lymphoblastic leukemia", ("abbreviation", "ALL"))
    learn(engine, "Leukemia", ("synonym", "Leucocythemia"))
    learn(engine, "Imatinib", ("synonym", "Gleevec"), ("synonym", "STI-571"), tree="D03.438")
    learn(engine, "Vitamin A", ("synonym", "Retinol"), tree="D02")
    learn(engine, "Vitamins", ("synonym", "Micronutrients"), tree="D27")
    learn(engine, "Therapeutics", ("synonym", "Treatment"), ("synonym", "Therapy"), tree="E02")


def widened(engine: Engine, q: str) -> dict[str, tuple[str, ...]]:
    with reading(engine) as session:
        return {one.written: one.names for one in text.meaning_of(session, q).widened}


def test_a_drug_is_widened_to_its_other_names(engine: Engine, names: None) -> None:
    assert widened(engine, "imatinib in children") == {"imatinib": ("Gleevec", "STI-571")}


def test_the_longest_name_wins_and_permuted_names_are_said_once(engine: Engine, names: None) -> None:
    assert widened(engine, "acute myeloid leukemia relapse") == {
        "acute myeloid leukemia": ("AML", "ANLL", "Acute myelogenous leukemia")
    }


def test_a_name_is_known_in_other_spellings_and_orders(engine: Engine, names: None) -> None:
    assert "leukaemia" in widened(engine, "leukaemia relapse")
    assert "Leukemia" in widened(engine, "leukaemia relapse")["leukaemia"]
    assert "myeloid leukaemias, acute".replace(",", "") in widened(engine, "myeloid leukaemias, acute")


def test_quoted_words_are_not_widened(engine: Engine, names: None) -> None:
    assert widened(engine, '"imatinib" children') == {}
    assert widened(engine, "children NOT imatinib") == {}


@pytest.mark.parametrize(
    "q", ["all patients with fever", "patients who are all well", "aml relapse", "ALL PATIENTS"]
)
def test_an_abbreviation_in_a_sentence_is_a_word_unless_it_is_in_capitals(
    engine: Engine, names: None, q: str
) -> None:
    assert widened(engine, q) == {}


@pytest.mark.parametrize("q", ["ALL in children", "ALL", "all"])
def test_an_abbreviation_in_capitals_or_alone_is_a_disease(engine: Engine, names: None, q: str) -> None:
    assert list(widened(engine, q).values()) == [("Acute lymphoblastic leukemia",)]


def test_what_is_neither_disease_nor_drug_is_not_widened(engine: Engine, names: None) -> None:
    assert widened(engine, "treatment") == {}


def test_a_letter_that_makes_another_thing_is_not_forgotten(engine: Engine, names: None) -> None:
    assert widened(engine, "vitamin deficiency") == {"vitamin": ("Micronutrients",)}
    assert widened(engine, "vitamin A") == {"vitamin A": ("Retinol",)}


def test_a_name_of_two_things_says_neither(engine: Engine, names: None) -> None:
    learn(engine, "First thing", ("synonym", "Twofold"), mesh_id="D100001")
    learn(engine, "Second thing", ("synonym", "Twofold"), mesh_id="D100002")
    assert widened(engine, "twofold") == {}


def test_a_common_word_is_no_other_name(ingest: Ingest, engine: Engine) -> None:
    learn(engine, "Butorphanol", ("synonym", "Beforal"), ("synonym", "Stadol"), tree="D03")
    ingest([study(title="Before an operation") for _ in range(120)])
    assert widened(engine, "butorphanol pain") == {"butorphanol": ("Stadol",)}
    assert widened(engine, "beforal and after") == {}


def test_names_are_capped_and_the_shortest_stay(engine: Engine) -> None:
    learn(engine, "Rare disease", *(("synonym", f"Syndrome {'x' * (number + 1)}") for number in range(60)))
    (found,) = widened(engine, "rare disease").values()
    assert len(found) == 40
    assert found[0] == "Syndrome x"


def test_widening_finds_more_and_the_words_themselves_anywhere(
    ingest: Ingest, engine: Engine, names: None
) -> None:
    ingest(
        [
            study("NCT00000001", title="Gleevec"),
            study("NCT00000002", title="Imatinib"),
            study("NCT00000003", title="Myeloid disease", criteria="Acute leukemia"),
            study("NCT00000004", title="Acute myelogenous leukemia"),
        ]
    )
    with reading(engine) as session:
        assert len(text.search(session, "imatinib")) == 2
        assert len(text.search(session, '"imatinib"')) == 1
        assert len(text.search(session, "acute myeloid leukemia")) == 2


def test_all_runs_of_a_query_are_looked_up_together(engine: Engine, names: None) -> None:
    statements: list[str] = []
    with reading(engine) as session:
        listener = (
            engine,
            "before_cursor_execute",
            lambda _c, _cu, statement, *_: statements.append(statement),
        )
        event.listen(*listener)
        text.meaning_of(session, "imatinib leukemia (gleevec OR acute myeloid leukemia) vitamin A")
        event.remove(*listener)
    assert len([one for one in statements if "SELECT" in one]) == 2
