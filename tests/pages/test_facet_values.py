"""The page of all values of a long filter, with a search among them."""

from urllib.parse import urlencode

import pytest

from tests.conftest import Browse, Ingest
from tests.factories import study


@pytest.fixture(autouse=True)
def some_trials(ingest: Ingest) -> None:
    ingest(
        [
            study(conditions=["Gout"], status="RECRUITING"),
            study(conditions=["Acute Gout", "Asthma"], status="RECRUITING"),
            study(conditions=["Asthma"], status="COMPLETED"),
            study(conditions=[], status="COMPLETED"),
        ]
    )


def values(browse: Browse, url: str) -> list[tuple[str, str]]:
    page = browse.get(url)
    return [
        (item.xpath("string(a)").strip(), item.xpath("string(data)"))
        for item in page.xpath("//ul[@class='values']/li")
    ]


def test_values_come_by_count_then_by_name_with_the_missing_last(browse: Browse) -> None:
    assert values(browse, "/trials/filter/condition") == [
        ("Asthma", "2"),
        ("Acute Gout", "1"),
        ("Gout", "1"),
        ("Not stated", "1"),
    ]


def test_counts_are_those_under_the_other_filters(browse: Browse) -> None:
    assert values(browse, "/trials/filter/condition?status=recruiting") == [
        ("Acute Gout", "1"),
        ("Asthma", "1"),
        ("Gout", "1"),
    ]


def test_a_link_adds_the_value_to_the_search_at_hand(browse: Browse) -> None:
    page = browse.get("/trials/filter/condition?status=recruiting&q=trial")
    expected = "/trials?q=trial&condition=gout&status=recruiting"
    assert page.xpath("//ul[@class='values']//a[.='Gout']/@href") == [expected]
    assert page.xpath("//a[.='Back to the list']/@href") == ["/trials?q=trial&status=recruiting"]


@pytest.mark.parametrize("within", ["gout", "GOUT", "ou", "  gout  "])
def test_the_search_within_takes_words_in_any_case(browse: Browse, within: str) -> None:
    found = values(browse, f"/trials/filter/condition?within={within}")
    assert [label for label, _ in found] == ["Acute Gout", "Gout"]


def test_all_words_must_be_in_the_value_in_any_order(browse: Browse) -> None:
    assert values(browse, "/trials/filter/condition?within=gout+acute") == [("Acute Gout", "1")]


def test_a_selected_value_stays_and_can_be_taken_away(browse: Browse) -> None:
    page = browse.get("/trials/filter/condition?condition=asthma&within=gout")
    (selected,) = page.xpath("//a[@aria-current='true']")
    assert selected.get("href") == "/trials"
    assert "Remove" in selected.text_content()


def test_the_form_carries_the_search_at_hand(browse: Browse) -> None:
    page = browse.get("/trials/filter/sponsor?status=recruiting&condition=asthma")
    hidden = page.xpath("//form[@class='within']/input[@type='hidden']")
    assert [(field.get("name"), field.get("value")) for field in hidden] == [
        ("condition", "asthma"),
        ("status", "recruiting"),
    ]


def test_of_very_many_values_the_first_are_shown(browse: Browse, ingest: Ingest) -> None:
    ingest([study(conditions=[f"Condition {number}" for number in range(350)])])
    assert len(values(browse, "/trials/filter/condition")) == 300
    assert "354 values; the first 300 are shown." in browse.get("/trials/filter/condition").text_content()


@pytest.mark.parametrize("name", ["banana", "trial", "q", "%00", "x" * 500])
def test_an_unknown_filter_is_a_404(browse: Browse, name: str) -> None:
    browse.get(f"/trials/filter/{name}", status=404)


def test_a_value_that_cannot_be_meant_is_a_400(browse: Browse) -> None:
    page = browse.get("/trials/filter/condition?status=banana", status=400)
    assert "“status”" in page.text_content()


@pytest.mark.parametrize("within", ["%00", "%FF", "<script>", '"', "a" * 3000, "\u202e"])
def test_whatever_is_typed_within_is_answered(browse: Browse, within: str) -> None:
    browse.get(f"/trials/filter/condition?within={within}")


def test_a_long_search_leaves_room_for_fewer_values(browse: Browse, ingest: Ingest) -> None:
    """Every link repeats the search, and the page must stay under 1 MB."""
    ingest([study(conditions=[f"Condition {number}" for number in range(350)])])
    url = "/trials/filter/condition?" + urlencode({"q": "trial " + "\N{TEST TUBE}" * 300})
    shown = values(browse, url)
    assert 100 < len(shown) < 300
    assert f"the first {len(shown)} are shown." in browse.get(url).text_content()
    assert len(browse.client.get(url).content) < 1_000_000
