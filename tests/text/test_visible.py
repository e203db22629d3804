"""Characters that a reader cannot see are taken out of texts, and no others."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.visible import runs_right_to_left, visible, visible_words

HIDDEN = [
    *"\x00\x07\x08\x1b\x7f\x80\x9b",  # controls, including those of a terminal
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",  # embeddings, overrides, isolates
    *"\u200e\u200f\u061c",  # marks
    *"\u200b\u2060\u2063\u206a\ufeff\ufff9\ufffe",
    "\U000e0041",  # a tag
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_a_hidden_character_goes(hidden: str) -> None:
    assert visible(f"be{hidden}fore{hidden}") == "before"


@pytest.mark.parametrize(
    "text",
    [
        "Größe ≥ 10⁹/L, 5\u00a0mg\u2009± 2 – “µ”",
        "ניסוי קליני של טיפול בילדים",
        "تجربة سريرية (2024)",
        "می\u200cخواهم",  # Persian, with a joiner
        "👩\u200d⚕️ 🇫🇷",
        "癌症\u3000治療",
        "A\tB\n\nC",
    ],
)
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"], ids=ascii)
def test_every_kind_of_line_end_is_a_new_line(end: str) -> None:
    assert visible(f"one{end}two") == "one\ntwo"


def test_half_a_character_is_shown_as_one_that_cannot_be_read() -> None:
    assert visible("a\ud800b\udfff") == "a\ufffdb\ufffd"


@settings(deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_a_text_holds_nothing_that_reorders_it_and_can_be_sent(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    shown.encode()
    directions = {unicodedata.bidirectional(character) for character in shown}
    assert not directions & {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    assert not set(shown) & set("\u200e\u200f\u061c")
    assert {c for c in shown if unicodedata.category(c) == "Cc"} <= set("\t\n")


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn"]), max_size=60))
def test_letters_signs_and_numbers_of_any_script_stay(text: str) -> None:
    kept = text.replace("\u2028", "\n").replace("\u2029", "\n")
    assert visible(text) == kept


def test_words_are_one_line_cut_where_they_get_too_long() -> None:
    assert visible_words("  one\x00two\nthree \u202efour ") == "one two three four"
    assert visible_words("one two", 5) == "one t"


def test_scripts_are_told_by_their_direction() -> None:
    assert [runs_right_to_left(text) for text in ("ניסוי", "Trial تجربة", "𐤀", "ܐ")] == [True] * 4
    assert [runs_right_to_left(text) for text in ("Trial", "Größe", "癌症", "Ω", "")] == [False] * 5
