import gzip
import json
import re
import unicodedata
from collections.abc import Iterator
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.prose import line, prose
from tests.support.reference_data import reference_file

pytestmark = pytest.mark.slow

MARKDOWN_FIELDS = {"briefSummary", "detailedDescription", "description", "eligibilityCriteria"}
SEED_REGIMEN = (
    "Participants will receive Ino±DLI regimen:\n\n"
    "* ① InO induction dose: 0.8mg/m2;\n* ② If CR was reached;\n"
    "* ③DLI dose: CD3 positive cells 1x10\\^7/kg;\n* Lumbar puncture: once a month."
)
TAG = re.compile(r"<[^>]*>")


def visible(html: str) -> str:
    return unescape(TAG.sub("", html))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("WBC \\>100 and \\[i.e. 10\\~20\\]", "WBC >100 and [i.e. 10~20]"),
        ("a\\_b\\*c \\& d\\.", "a_b*c & d."),
        ("no escape before a letter: \\d", "no escape before a letter: \\d"),
        ("  two\n lines\t and  spaces ", "two lines and spaces"),
        ("5 < 6 & <b>bold</b>", "5 < 6 & <b>bold</b>"),
        ("*not* Markdown, 2 * 3 * 4, snake_case_name", "*not* Markdown, 2 * 3 * 4, snake_case_name"),
        ("left\u202eright\u2066 \u2069end\x00\x1b", "leftright end"),
        ("crying 😭 family 👩\u200d👧", "crying 😭 family 👩\u200d👧"),
        ("", ""),
    ],
)
def test_a_line_loses_its_escapes_and_controls_and_nothing_else(source: str, shown: str) -> None:
    assert line(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("ANC ≥1.0x10\\^9/L", "ANC ≥1.0x10⁹/L"),
        ("10^-5 and 10\\^12", "10⁻⁵ and 10¹²"),
        ("75 mg/m\\^2, /mm^3, kg/m^2", "75 mg/m², /mm³, kg/m²"),
        ("(height)^2", "(height)²"),
        ("3\\*10\\^9/l≤white cell≤10\\*10\\^9/l", "3*10⁹/l≤white cell≤10*10⁹/l"),
        ("1.0×10⁹/L", "1.0×10⁹/L"),
    ],
)
def test_an_exponent_the_source_writes_is_raised(source: str, shown: str) -> None:
    assert line(source) == shown
    assert visible(prose(source)) == shown


@pytest.mark.parametrize(
    "source",
    [
        "100×109/L",
        "1.0 x 109/L",
        "10E9",
        "38^ o C",
        "38^oC",
        "infection^",
        "^177Lu",
        "kg^0.75",
        "x^1/2",
        "10^10^2",
        "10^1234",
        "https://example.org/a^2",
        "`m^2`",
    ],
)
def test_what_is_no_plain_exponent_stays_as_written(source: str) -> None:
    assert line(source) == source
    assert visible(prose(source)) == source.strip("`")
    assert "<data" not in prose(source)


def test_the_source_of_an_exponent_stays_beside_it() -> None:
    assert prose("10\\^9/L") == '<p><data value="10^9">10⁹</data>/L</p>'
    assert '<data value="10^9">10⁹</data>' in prose("* 10^9/L\n* **10^9**")


def test_bullets_on_lines_of_their_own_become_a_list() -> None:
    html = prose(SEED_REGIMEN)
    assert html.count("<li>") == 4
    assert "<li>① InO" in html
    assert "\\" not in html
    assert prose("Doses:\n• one\n• two").count("<li>") == 2


def test_blank_lines_part_paragraphs_and_line_breaks_stay() -> None:
    assert prose("one\ntwo\n\n \nthree") == "<p>one<br>\ntwo</p>\n<p>three</p>"
    assert prose("*one*\ntwo\n\nthree") == "<p><em>one</em><br>\ntwo</p>\n<p>three</p>"


def test_nested_lists_and_tables_are_shown_as_such() -> None:
    assert prose("1. a\n\n   * b\n2. c").count("<li>") == 3
    assert "<td>1</td>" in prose("| a | b |\n|---|---|\n| 1 | 2 |")
    assert '<ol start="4">' in prose("4. four")


def test_a_heading_is_a_strong_paragraph() -> None:
    assert prose("# Rationale\n\ntext") == "<p><strong>Rationale</strong></p>\n<p>text</p>"
    assert not re.search(r"<h\d", prose("Rationale\n=====\n\n*a*\n---\n\n###### six"))


@pytest.mark.parametrize(
    "source", ["> 18 years *old*", "    * 5 mg", "[1]: Smith 2019, *NEJM*", "3*4 and 5*6"]
)
def test_markdown_that_would_swallow_a_sign_is_text(source: str) -> None:
    without_emphasis = re.sub(r"\*(\w+)\*$", r"\1", source)
    assert visible(prose(source)).split() in (without_emphasis.split(), ["5", "mg"])


def test_html_in_the_text_is_shown_not_run() -> None:
    for source in ("</script><script>alert(1)</script>", "*a* <img src=x onerror=alert(1)>", "<!-- *a* -->"):
        html = prose(source)
        assert not re.search(r"<(?!/?(?:p|em)>)", html)
        assert visible(html).strip() == source.replace("*a*", "a")


def test_only_web_links_are_links() -> None:
    html = prose("[a](https://example.org 'x') <http://example.org/b>")
    assert html.count('rel="noopener nofollow"') == 2
    assert "title=" not in html
    for address in ("javascript:alert(1)", "data:text/html,x", "/relative", "JaVaScRiPt:x", "mailto:a@b.org"):
        assert "<a" not in prose(f"[a]({address})")
    assert "<img" not in prose("![a](https://example.org/a.png)")


def test_characters_that_reorder_text_are_taken_out_and_the_text_stays() -> None:
    assert prose("a\u202eb\u2067c\x00d") == "<p>abcd</p>"
    assert prose("*a*\u202eb\ud800") == "<p><em>a</em>b\ufffd</p>"


def test_the_converters_list_separator_is_not_shown() -> None:
    assert prose("1. a\n\n<!-- -->\n\n1. b").count("<ol>") == 2
    assert "--" not in prose("1. a\n\n<!-- -->\n\n1. b")


def test_text_without_markup_never_reaches_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.text.prose._MARKDOWN", None)
    assert prose("Age \\> 18 years; 10\\^9/L (a & b), <5%\n\nSecond.").count("<p>") == 2


@given(st.text())
def test_any_text_gives_clean_html(source: str) -> None:
    html = prose(source)
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= {
        *("p", "br", "hr", "ul", "ol", "li", "pre", "strong", "em", "code", "a", "data"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    html.encode()
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00]", html + line(source))


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\^"), min_size=1))
def test_a_line_without_escapes_or_carets_is_shown_as_it_is(source: str) -> None:
    assert line(source) == source


HOSTILE = [
    *("a", "*a ", "_a_ ", "[", "[a](", "![", "\\*", "<a", "&a", "`a``"),
    *("- a\n", "  * a\n", "|-", "|a\n|-\n", "10^9 "),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_megabyte_that_tempts_the_parser_keeps_its_letters(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert prose(text).striptags().count("a") == text.count("a")


def registry_texts() -> Iterator[str]:
    path = reference_file("data/ctgov.ndjson.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for study in lines:
            yield from markdown_in(json.loads(study))


def markdown_in(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from markdown_in(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from markdown_in(part, name)
    elif isinstance(value, str) and name in MARKDOWN_FIELDS:
        yield value


def test_every_word_of_every_real_record_is_shown_and_no_escape() -> None:
    for source in registry_texts():
        html = prose(source)
        assert words(TAG.sub("", html)) == words(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", source))
        assert "\\" not in html or "\\" in line(source)


def words(text: str) -> list[str]:
    """Return letters only: numbers of a list are the browser's, and exponents change their characters."""
    while text != (text := unescape(text)):
        pass
    return re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", text))
