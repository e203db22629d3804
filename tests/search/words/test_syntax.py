"""The search syntax: what it means, and that no text is an error."""

import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.search.budget import MOST_WORDS
from app.search.words.syntax import parse, to_fts, words_in_order
from app.search.words.widening import Widening, widen, widenings, without_widening

TOKENIZER = "unicode61 remove_diacritics 2"

SYNTAX = (
    "AND",
    "OR",
    "NOT",
    "NEAR(a b)",
    "title:x",
    "(",
    ")",
    '"',
    "“",
    "”",
    "-",
    "*",
    "leuk*",
    "^a",
    "{a b}",
)
WORDS = ("non-small", "aspirin", "Crohn's", "-b", "+", "a.b", "Ménière", "me\u0301nie\u0300re", "β")

written = st.one_of(
    st.text(max_size=3_000),
    st.lists(st.sampled_from((*SYNTAX, *WORDS)), max_size=120).map(" ".join),
    st.text(alphabet='ab ()"*-ANDORT', max_size=200),
)


class Names:
    """A thesaurus of a few names."""

    known: ClassVar[dict[tuple[str, ...], tuple[str, tuple[str, ...]]]] = {
        ("lung", "cancer"): ("Lung neoplasms", ("pulmonary neoplasm",)),
        ("cancer",): ("Neoplasms", ("tumor",)),
        ("imatinib",): ("Imatinib", ("Gleevec", "STI-571")),
    }

    def find(self, words: Sequence[str]) -> Widening | None:
        for length in range(len(words), 0, -1):
            if known := self.known.get(tuple(words[:length])):
                return Widening(length, *known)
        return None


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE t USING fts5(x, y, tokenize = 'porter {TOKENIZER}')")
        database.execute(
            "INSERT INTO t VALUES ('lung cancer aspirin', 'leukemia'), ('aspirin', 'β non small'), ('a b', 'c')"
        )
        yield database


def fts(q: str) -> str:
    expression = parse(q).expression
    return to_fts(expression) if expression else ""


def widened(q: str) -> str:
    expression = parse(q).expression
    assert expression
    return to_fts(widen(expression, Names()))


@pytest.mark.parametrize(
    ("q", "meant"),
    [
        ("lung cancer", '("lung" AND "cancer")'),
        ("Lung lung LUNG", '"lung"'),
        ('"lung cancer"', '"lung cancer"'),
        ("“lung cancer”", '"lung cancer"'),
        ("non-small cell", '("non small" AND "cell")'),
        ("COVID-19", '"covid 19"'),
        ("Crohn's disease", '("crohn" AND "disease")'),
        ("leuk*", '"leuk"*'),
        ('"acute leuk"*', '"acute leuk"*'),
        ("aspirin OR heparin stroke", '("aspirin" OR ("heparin" AND "stroke"))'),
        ("(aspirin OR heparin) stroke", '(("aspirin" OR "heparin") AND "stroke")'),
        ("aspirin AND stroke", '("aspirin" AND "stroke")'),
        ("aspirin NOT stroke", '("aspirin" NOT "stroke")'),
        ("aspirin AND NOT stroke", '("aspirin" NOT "stroke")'),
        ("aspirin -stroke", '("aspirin" NOT "stroke")'),
        ("aspirin -stroke fever", '(("aspirin" AND "fever") NOT "stroke")'),
        ("aspirin -stroke -fever", '("aspirin" NOT ("stroke" OR "fever"))'),
        ('aspirin -"heart attack"', '("aspirin" NOT "heart attack")'),
        ("aspirin NOT (stroke OR fever)", '("aspirin" NOT ("stroke" OR "fever"))'),
    ],
)
def test_what_is_written_means(q: str, meant: str) -> None:
    assert fts(q) == meant
    assert not parse(q).is_taken_as_words


@pytest.mark.parametrize(
    ("q", "meant"),
    [
        ("aspirin and stroke", '("aspirin" AND "and" AND "stroke")'),
        ("title: aspirin", '("title" AND "aspirin")'),
        ("le*", '"le"'),
        ("YG1699 -01", '("yg1699" AND "01")'),
        ("3 - 5 years", '("3" AND "5" AND "years")'),
        ("NEAR(a b)", '("near" AND "a" AND "b")'),
    ],
)
def test_what_only_looks_like_syntax_is_words(q: str, meant: str) -> None:
    assert fts(q).replace("(", "").replace(")", "") == meant.replace("(", "").replace(")", "")


@pytest.mark.parametrize(
    "q",
    [
        '"lung cancer',
        "(lung cancer",
        "lung cancer)",
        "lung AND",
        "OR lung",
        "NOT lung",
        "-lung cancer",
        "lung OR NOT b",
        "lung AND OR cancer",
        'lung ""',
        "lung ()",
        "(" * 50 + "lung" + ")" * 50,
        "(NOT lung) cancer",
    ],
)
def test_what_is_not_well_formed_is_taken_as_words_and_says_so(q: str) -> None:
    parsed = parse(q)
    assert parsed.is_taken_as_words
    assert not parsed.is_plain
    assert '"lung"' in fts(q)
    assert " OR " not in fts(q)
    assert " NOT " not in fts(q)


@pytest.mark.parametrize("q", ["", "  ", "?!", '"', "()", "🤒"])
def test_without_a_word_there_is_nothing_to_search_for(q: str) -> None:
    assert parse(q).expression is None


def test_only_words_alone_are_plain() -> None:
    assert parse("non-small cell").is_plain
    for q in ('"lung"', "leuk*", "a OR b", "a -b", "(a) b", "a AND b"):
        assert not parse(q).is_plain


def test_the_words_beyond_the_longest_query_are_left_out_and_it_says_so() -> None:
    words = [f"w{number}" for number in range(MOST_WORDS + 6)]
    assert fts(" ".join(words)).count('"') == 2 * MOST_WORDS
    assert parse(" ".join(words)).is_cut
    assert not parse(" ".join(words[:MOST_WORDS])).is_cut
    assert len(words_in_order(fts("-".join(words)))) == MOST_WORDS


def test_a_run_of_words_that_names_something_is_widened_and_its_words_still_match() -> None:
    assert widened("lung cancer imatinib") == (
        '((("lung" AND "cancer") OR "pulmonary neoplasm") AND ("imatinib" OR "gleevec" OR "sti 571"))'
    )


def test_quoted_words_and_words_left_out_are_not_widened() -> None:
    assert widened('"lung cancer"') == '"lung cancer"'
    assert widened("aspirin NOT imatinib") == '("aspirin" NOT "imatinib")'


def test_words_with_an_operator_between_them_are_no_run() -> None:
    assert widened("lung AND cancer") == '("lung" AND ("cancer" OR "tumor"))'


@pytest.mark.parametrize(
    ("q", "without"),
    [
        ("lung cancer women", '"lung cancer" women'),
        ("women (lung, cancer OR fever)", 'women ("lung, cancer" OR fever)'),
        ("AND lung cancer", 'and "lung cancer"'),
        ('lung cancer "women', '"lung cancer" women'),
    ],
)
def test_quotes_around_a_run_switch_its_widening_off(q: str, without: str) -> None:
    parsed = parse(q)
    assert parsed.expression
    (found,) = widenings(widen(parsed.expression, Names()))
    assert found.label == "Lung neoplasms"
    assert without_widening(parsed, found) == without
    again = parse(without).expression
    assert again
    assert not list(widenings(widen(again, Names())))


@hypothesis_settings(max_examples=400, deadline=None)
@given(q=written)
def test_no_text_is_an_error_and_no_match_is_one(index: sqlite3.Connection, q: str) -> None:
    parsed = parse(q)
    if parsed.expression:
        for expression in (parsed.expression, widen(parsed.expression, Names())):
            index.execute("SELECT rowid FROM t WHERE t MATCH ?", (to_fts(expression),)).fetchall()


def test_the_deepest_expression_is_one_that_the_index_can_read(index: sqlite3.Connection) -> None:
    q = "a"
    for _ in range(8):
        q = f"b OR c d NOT ({q})"
    assert not parse(q).is_taken_as_words
    index.execute("SELECT rowid FROM t WHERE t MATCH ?", (fts(q),)).fetchall()


@hypothesis_settings(max_examples=300, deadline=None)
@given(q=written)
def test_widening_never_loses_a_hit(index: sqlite3.Connection, q: str) -> None:
    expression = parse(q).expression
    if expression:
        before, after = (
            set(index.execute("SELECT rowid FROM t WHERE t MATCH ?", (to_fts(one),)))
            for one in (expression, widen(expression, Names()))
        )
        assert before <= after


@hypothesis_settings(max_examples=300, deadline=None)
@given(
    text=st.text(st.characters(max_codepoint=0x24F) | st.sampled_from("\u0301\u0308\u0327αβЖ中"), max_size=60)
)
def test_words_are_split_as_the_index_splits_them(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE t USING fts5(x, tokenize = '{TOKENIZER}')")
        database.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
        database.execute("INSERT INTO t VALUES (?)", (text.replace("\0", " "),))
        stored = [term for (term,) in database.execute("SELECT term FROM v ORDER BY offset")]
    assert [folded(word) for word in words_in_order(text)] == [folded(term) for term in stored]


def folded(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
