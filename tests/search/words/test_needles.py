"""Words and phrases are found in plain text in all their forms."""

import pytest

from app.search.words.needles import Needle


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("stroke", "after strokes"),
        ("therapy", "two therapies"),
        ("study", "studies"),
        ("lung cancer", "of lung cancers, small"),
        ("sti 571", "sti-571"),
        ("d", "vitamin d"),
        ("art", "heart or art"),
    ],
)
def test_forms_of_a_word_and_of_a_phrase_are_told(phrase: str, text: str) -> None:
    assert Needle.of(phrase.split()).is_in(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("art", "heart"),
        ("d", "dose"),
        ("lung cancer", "cancer of the lung"),
        ("lung", "lunchtime"),
        ("gout", ""),
    ],
)
def test_other_words_are_not(phrase: str, text: str) -> None:
    assert not Needle.of(phrase.split()).is_in(text)
