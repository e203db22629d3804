"""The index of conditions, and the search for one by any of its names."""

from pathlib import Path

import pytest
from lxml.html import HtmlElement
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.conditions.mesh.read import open_mesh
from app.ingest.long_work.load_mesh import replace_vocabulary
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conftest import Browse, Ingest
from tests.factories import study

pytestmark = pytest.mark.slow


@pytest.fixture
def mesh(engine: Engine, tmp_path: Path) -> None:
    vocabulary = (
        descriptor("Neoplasms", "D009369", trees=["C04"]),
        descriptor("Leukemia", "D007938", trees=["C04.557"], synonyms=["Leucocythaemia"]),
        descriptor("Rabies", "D011818", trees=["C01.925"]),
    )
    replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, *vocabulary)), lambda *_: None)


@pytest.fixture
def some_trials(mesh: None, ingest: Ingest) -> None:
    ingest(
        [
            study(conditions=["Leukemia"]),
            study(conditions=["Leukemia", "Tired Legs"]),
            study(conditions=["Neoplasms"]),
            study(conditions=[]),
        ]
    )


def words(page: HtmlElement) -> str:
    return " ".join(page.text_content().split())


def found(browse: Browse, q: str) -> list[tuple[str, str]]:
    """Return the address of the link, and all that the line says."""
    items = browse.get(f"/conditions?q={q}").xpath("//ul[@class='values']/li")
    return [(item.xpath("string(.//a/@href)"), " ".join(item.text_content().split())) for item in items]


def test_the_top_levels_have_counts_and_what_is_frequent_below_them(
    browse: Browse, some_trials: None
) -> None:
    (branch,) = browse.get("/conditions").xpath("//ul[@class='branches']/li")
    assert branch.xpath(".//a/@href") == ["/conditions/neoplasms", "/conditions/leukemia"]
    assert branch.xpath(".//data/@value") == ["3", "2"]


def test_it_says_which_vocabulary_is_loaded(browse: Browse, some_trials: None) -> None:
    assert "come from MeSH 2026" in words(browse.get("/conditions"))


def test_without_a_vocabulary_it_says_that_records_give_the_conditions(
    browse: Browse, ingest: Ingest
) -> None:
    ingest([study(conditions=["Gout"])])
    page = browse.get("/conditions")
    assert "come from the indexing of the records themselves" in words(page)
    assert page.xpath("//ul[@class='branches']//a/@href") == ["/conditions/gout"]


def test_conditions_of_no_concept_are_counted_with_the_way_to_them(browse: Browse, some_trials: None) -> None:
    page = browse.get("/conditions")
    assert "1 more condition is not in this hierarchy" in words(page)
    assert page.xpath("//main//a[@href='/trials/filter/condition']")


def test_an_empty_database_says_how_to_fill_it(browse: Browse) -> None:
    page = browse.get("/conditions")
    assert "trialmark ingest ctgov" in words(page)
    assert "beside these" not in words(page)


def test_the_search_is_a_plain_form(browse: Browse, some_trials: None) -> None:
    (field,) = browse.get("/conditions?q=leuk").xpath("//form[@action='/conditions']//input")
    assert (field.get("name"), field.get("value")) == ("q", "leuk")


def test_a_condition_is_found_by_its_name_without_repeating_it(browse: Browse, some_trials: None) -> None:
    assert found(browse, "LEUK") == [("/conditions/leukemia", "Leukemia 2 trials")]


def test_the_other_name_that_was_found_is_shown(browse: Browse, some_trials: None) -> None:
    ((url, line),) = found(browse, "leucocyth")
    assert url == "/conditions/leukemia"
    assert line.lower() == "leukemia leucocythaemia 2 trials"


def test_a_name_of_no_concept_is_found_too(browse: Browse, some_trials: None) -> None:
    assert found(browse, "legs") == [("/conditions/tired-legs", "Tired Legs 1 trials")]


def test_nothing_found_says_so_and_offers_the_closest(browse: Browse, some_trials: None) -> None:
    page = browse.get("/conditions?q=leukemai")
    assert "No condition with trials is called “leukemai”. The closest:" in words(page)
    assert page.xpath("//ul[@class='values']//a/@href") == ["/conditions/leukemia"]


def test_a_disease_of_the_vocabulary_without_trials_is_offered_as_closest(
    browse: Browse, some_trials: None
) -> None:
    assert found(browse, "rabies") == [("/conditions/rabies", "Rabies 0 trials")]


def test_nothing_close_leads_to_the_search_of_all_trials(browse: Browse, some_trials: None) -> None:
    page = browse.get("/conditions?q=zz+zz")
    assert "Check the spelling" in words(page)
    assert page.xpath("//main//a/@href")[-1] == "/trials?q=zz+zz"


def test_at_most_a_hundred_are_shown(browse: Browse, ingest: Ingest) -> None:
    ingest([study(conditions=[f"Gout {number}" for number in range(101)])])
    page = browse.get("/conditions?q=gout")
    assert "101 conditions with “gout” in a name; the first 100 are shown." in words(page)
    assert len(page.xpath("//ul[@class='values']/li")) == 100


def test_searches_are_not_for_search_engines(browse: Browse, some_trials: None) -> None:
    noindex = "//meta[@name='robots'][@content='noindex']"
    assert browse.get("/conditions?q=leukemia").xpath(noindex)
    assert not browse.get("/conditions").xpath(noindex)


@pytest.mark.parametrize("q", ["%00", "%25", "'", '"', "%22%20OR%201", "<b>", "x" * 500, "ж", "-"])
def test_any_words_can_be_asked_for(browse: Browse, some_trials: None, q: str) -> None:
    browse.get(f"/conditions?q={q}")


def test_a_fragment_and_a_check_without_body_are_answered(
    browse: Browse, client: TestClient, some_trials: None
) -> None:
    browse.get("/conditions", htmx=True)
    answer = client.head("/conditions")
    assert (answer.status_code, answer.text) == (200, "")


def test_an_unchanged_page_is_304(client: TestClient, ingest: Ingest) -> None:
    tag = client.get("/conditions").headers["ETag"]
    assert client.get("/conditions", headers={"If-None-Match": tag}).status_code == 304
    ingest([study()])
    assert client.get("/conditions", headers={"If-None-Match": tag}).status_code == 200
