"""The suggestions of the search box: a fragment for the script, a page of links for whoever opens the address."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml.html import HtmlElement
from starlette.testclient import TestClient

from tests.conftest import Browse, Ingest
from tests.factories import study


@pytest.fixture(autouse=True)
def some_trials(ingest: Ingest) -> None:
    identification = {"nctId": "NCT01230001", "briefTitle": "A <b>bold</b> trial", "acronym": "GOAL"}
    ingest(
        [
            study(conditions=["Gout"], interventions=[("DRUG", "Goserelin")], sponsor="Gowan Trust"),
            study(conditions=["Gout", "R&D <Stress>"], interventions=[]),
            study("NCT01230001", conditions=["Asthma"], identificationModule=identification),
        ]
    )


def links(page: HtmlElement) -> list[tuple[str, str]]:
    return [
        (" ".join(link.text_content().split()), link.get("href"))
        for link in page.xpath("//ul[@id='suggested']//a")
    ]


GO = [
    ("Gout Disease, 2 trials in all", "/trials?condition=gout"),
    ("Goserelin Drug, 1 trial in all", "/trials?q=Goserelin"),
    ("Gowan Trust Sponsor, 1 trial in all", "/trials?sponsor=gowan-trust"),
    ("GOAL A <b>bold</b> trial Trial, NCT01230001", "/trials/NCT01230001"),
]


@pytest.mark.parametrize("htmx", [True, False])
def test_suggestions_are_links_with_their_kind_and_count(browse: Browse, htmx: bool) -> None:
    assert links(browse.get("/trials/suggest?q=go", htmx=htmx)) == GO


def test_each_link_leads_to_as_many_trials_as_it_says(browse: Browse) -> None:
    for words, url in GO[:3]:
        said = browse.get(url).xpath("string(//p[@class='said']/b)")
        assert words.removesuffix(" in all").endswith(said)
    browse.get(GO[3][1])


def test_a_registry_id_says_its_title_and_itself_once(browse: Browse) -> None:
    page = browse.get("/trials/suggest?q=nct01230")
    assert links(page) == [("NCT01230001 A <b>bold</b> trial Trial", "/trials/NCT01230001")]


def test_signs_in_names_are_text(browse: Browse) -> None:
    page = browse.get("/trials/suggest?q=stress")
    assert links(page) == [("R&D <Stress> Disease, 1 trial in all", "/trials?condition=r-d-stress")]


def test_the_page_leads_on_to_the_search_for_the_words(browse: Browse) -> None:
    for words in ("go", "nothing like it"):
        page = browse.get(f"/trials/suggest?q={words.replace(' ', '+')}")
        (link,) = page.xpath("//main//a[starts-with(., 'Search the full text')]")
        assert link.get("href") == f"/trials?q={words.replace(' ', '+')}"
        assert page.xpath("string(//input[@id='q']/@value)") == words


def test_without_words_the_page_says_what_to_do(browse: Browse) -> None:
    for url in ("/trials/suggest", "/trials/suggest?q=", "/trials/suggest?q=+"):
        assert "Type a disease" in browse.get(url).text_content()


def test_the_answer_is_kept_for_a_moment_by_the_browser_alone(client: TestClient) -> None:
    answer = client.get("/trials/suggest?q=go")
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert "HX-Request" in answer.headers["vary"]


def test_it_is_not_for_search_engines(browse: Browse) -> None:
    assert browse.get("/trials/suggest?q=go").xpath("//meta[@name='robots']/@content") == ["noindex"]


@pytest.mark.parametrize(
    "q",
    [
        "%00",
        "%FF",
        "<script>",
        '"',
        "*",
        "a" * 3000,
        "%F0%9F%98%80go",
        "go%22*",
        "NEAR(a",
        "%ED%A0%80",
        "&q=go",
    ],
)
def test_odd_input_is_answered(browse: Browse, q: str) -> None:
    browse.get(f"/trials/suggest?q={q}")


@given(q=st.text(max_size=200))
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_whatever_is_asked_is_answered(client: TestClient, q: str) -> None:
    assert client.get("/trials/suggest", params={"q": q}).status_code == 200


def test_the_search_box_is_plain_until_a_script_makes_more_of_it(browse: Browse) -> None:
    page = browse.get("/trials")
    (box,) = page.xpath("//input[@id='q']")
    assert box.get("role") is None
    (popup,) = page.xpath("//*[@id='suggestions']")
    assert popup.get("hidden") is not None
    assert len(popup) == 0
