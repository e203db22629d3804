"""Corrections of words by one edit."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.database.engine import open_engine, reading
from app.index.words import words_of
from app.search.suggest.spelling import corrected, readings, variants
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

pytestmark = pytest.mark.slow

WORDS = st.text("abcdefgh0123456789", max_size=12)


@pytest.fixture
def some_words(ingest: Ingest) -> None:
    ingest(
        [
            study(conditions=["Leukemia", "Diabetes Mellitus", "Gout", "Myopia"], sponsor="Myers Institute"),
            study(conditions=["Acute Leukemia", "Myalgia"], sponsor="Sjögren Fund"),
        ]
    )


def distance(one: str, other: str) -> int:
    """Return the edits between two words by the textbook's table; a swap of neighbors is one edit."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i, a in enumerate(one, start=1):
        for j, b in enumerate(other, start=1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]


@given(WORDS)
def test_every_variant_is_one_edit_away(word: str) -> None:
    assert {distance(word, variant) for variant in variants(word)} == {1}


@given(WORDS, st.data())
def test_no_edit_is_forgotten(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word)))
    length = data.draw(st.integers(0, 2))
    other = word[:place] + data.draw(st.text("abc019", max_size=2)) + word[place + length :]
    assert (other in variants(word)) == (distance(word, other) == 1)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("lekemia", "leukemia"),
        ("leukaemia", "leukemia"),
        ("luekemia", "leukemia"),
        ("leukemja", "leukemia"),
        ("xleukemia", "leukemia"),
        ("diabtes", "diabetes"),
        ("myopi", "myopia"),
        ("sjogrn", "sjogren"),
        ("Sjögrenn", "sjogren"),
    ],
)
@pytest.mark.usefixtures("some_words")
def test_a_word_with_one_mistake_is_corrected(engine: Engine, typed: str, known: str) -> None:
    with reading(engine) as session:
        assert corrected(session, [typed, "acute"]) == [known, "acute"]


@pytest.mark.parametrize(
    "words",
    [["leukemia"], ["Leukemia", "ACUTE"], ["gou"], ["gut"], ["lkmia"], ["qqqqqqqq"], [], ["Sjögren"], ["+"]],
)
@pytest.mark.usefixtures("some_words")
def test_known_short_and_hopeless_words_are_not_corrected(engine: Engine, words: Sequence[str]) -> None:
    with reading(engine) as session:
        assert corrected(session, words) is None


@pytest.mark.usefixtures("some_words")
def test_of_several_words_the_one_that_most_suggestions_have_comes_first(engine: Engine) -> None:
    with reading(engine) as session:
        assert readings(session, "acote") == ["acute"]
        assert readings(session, "leukemia") == ["leukemia"]
        assert readings(session, "xmyopia") == ["myopia"]


@pytest.mark.usefixtures("some_words")
def test_a_word_not_yet_finished_may_begin_a_known_one_with_a_mistake(engine: Engine) -> None:
    with reading(engine) as session:
        assert readings(session, "lekem", is_begun=True) == ["leukem"]
        assert readings(session, "lekem") == []


@given(st.text(max_size=60))
def test_words_are_plain_whatever_is_typed(typed: str) -> None:
    assert all(word.isalnum() for word in words_of(typed))


@given(typed=st.lists(st.text(min_size=1, max_size=60), max_size=3))
def test_whatever_is_typed_can_be_asked_about(typed: list[str], empty_engine: Engine) -> None:
    with reading(empty_engine) as session:
        assert corrected(session, typed) is None


@pytest.fixture(scope="module")
def empty_engine(empty_database: Path) -> Iterator[Engine]:
    engine = open_engine(Settings(database_url=f"sqlite:///{empty_database}"), read_only=True)
    yield engine
    engine.dispose()
