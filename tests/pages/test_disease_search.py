"""The list of a disease says how its words were read, why each row is there, and what to try where nothing is found."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml.html import HtmlElement
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.conditions.mesh.read import open_mesh
from app.database.engine import open_engine
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.ingest.long_work.relink import relink_everything
from app.ingest.runs.sync import sync
from app.main import create_app
from app.registries import CTGOV
from app.settings import Settings
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conftest import TODAY, Browse, Ingest
from tests.factories import source, study

pytestmark = pytest.mark.slow

TRIALS = [
    study("NCT00000001", title="One", conditions=["Acute Myeloid Leukemia (AML)"], updated="2026-01-09"),
    study("NCT00000002", title="Two", conditions=["AML"], updated="2026-01-08"),
    study("NCT00000003", title="Three", conditions=["Acute Promyelocytic Leukemia"], updated="2026-01-07"),
    study("NCT00000004", title="Four", conditions=["Leukemia"], updated="2026-01-10"),
    study(
        "NCT00000005", title="Five", conditions=["Gout", "Leukemia"], status="COMPLETED", updated="2026-01-06"
    ),
    study("NCT00000006", title="Six, of aspirin", conditions=["Gout"], updated="2026-01-05"),
]


@pytest.fixture(autouse=True)
def _six_trials(ingest: Ingest, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    ingest(TRIALS)
    load(
        engine,
        tmp_path_factory,
        descriptor("Leukemia", "D007938", trees=["C04.557.337"], synonyms=["Leucocythaemia"]),
        descriptor("Leukemia, Myeloid, Acute", "D015470", trees=["C04.557.337.539.275"]),
        descriptor("Leukemia, Promyelocytic, Acute", "D015473", trees=["C04.557.337.539.275.700"]),
        descriptor("Gout", "D006073", trees=["C05.550.354"], synonyms=["Podagra"]),
        descriptor("Aspirin", "D001241", trees=["D02.455"], synonyms=["Acetylsalicylic acid"]),
    )


def load(engine: Engine, tmp_path_factory: pytest.TempPathFactory, *descriptors: object) -> None:
    file = open_mesh(mesh_file(tmp_path_factory.mktemp("mesh"), *descriptors))  # type: ignore[arg-type]  # all of one kind
    replace_vocabulary(engine, file, lambda *_: None)
    relink_everything(engine, lambda *_: None)


def text(page: HtmlElement, path: str) -> list[str]:
    return [" ".join(str(node.text_content()).split()) for node in page.cssselect(path)]


def titles(page: HtmlElement) -> list[str]:
    return text(page, ".hit-title")


def links(page: HtmlElement, path: str) -> dict[str, str]:
    return {
        " ".join(str(link.text_content()).split()): link.get("href") or "" for link in page.cssselect(path)
    }


def test_an_abbreviation_brings_the_condition_and_what_is_narrower(browse: Browse) -> None:
    page = browse.get("/trials?condition=AML")
    assert titles(page) == ["One", "Two", "Three"]
    assert text(page, "h1") == ["Acute myeloid leukemia"]
    assert text(page, ".meant span")[0] == "“AML” = Acute myeloid leukemia, + 1 narrower".replace(
        "“", ""
    ).replace("”", "")
    assert text(page, ".meant .small") == ["Conditions from MeSH 2026."]


def test_every_row_says_why_it_is_there(browse: Browse) -> None:
    page = browse.get("/trials?condition=acute+myeloid+leukemia&condition_match=related")
    assert list(zip(titles(page), text(page, ".why"), strict=True)) == [
        ("One", "In this list because of condition: Acute Myeloid Leukemia (AML)"),
        ("Two", "In this list because of synonym: AML"),
        ("Three", "In this list because of narrower: Acute promyelocytic leukemia"),
        ("Four", "In this list because of broader: Leukemia"),
        ("Five", "In this list because of broader: Leukemia"),
    ]


def test_the_expansion_is_switched_off_and_on_by_links(browse: Browse) -> None:
    usual = browse.get("/trials?condition=AML")
    alone = browse.get(links(usual, ".meant a.switch")["Without narrower"])
    assert titles(alone) == ["One", "Two"]
    assert links(alone, ".meant a.switch")["With 1 narrower"] == "/trials?condition=acute-myeloid-leukemia"
    broader = browse.get(links(usual, ".meant a.switch")["Also broader"])
    assert titles(broader) == ["One", "Two", "Three", "Four", "Five"]
    assert "Without broader" in links(broader, ".meant a.switch")


def test_the_form_keeps_how_conditions_are_matched(browse: Browse) -> None:
    page = browse.get("/trials?condition=AML&condition_match=exact&condition_all=gout")
    kept = {field.get("name"): field.get("value") for field in page.cssselect("#filters input[type=hidden]")}
    assert kept == {"condition_match": "exact", "condition_all": "gout"}


def test_several_conditions_are_alternatives_or_wanted_together(browse: Browse) -> None:
    any_of = browse.get("/trials?condition=gout&condition=leukemia")
    assert len(titles(any_of)) == 6
    together = browse.get(links(any_of, ".meant a.switch")["Only trials with all of them"])
    assert titles(together) == ["Five"]
    assert text(together, "h1") == ["Gout and Leukemia"]
    assert len(titles(browse.get(links(together, ".meant a.switch")["Trials with any of them"]))) == 6
    without_gout = next(url for chip, url in links(together, ".chips a").items() if "Gout" in chip)
    assert len(titles(browse.get(without_gout))) == 5


def test_words_are_widened_by_the_names_of_what_they_mean_and_quotes_switch_it_off(browse: Browse) -> None:
    page = browse.get("/trials?q=acetylsalicylic+acid")
    assert "Six, of aspirin" in titles(page)
    assert any("aspirin" in found.lower() for found in text(page, ".why mark"))
    alone = browse.get(links(page, ".meant a.switch")["Only “acetylsalicylic acid”"])
    assert titles(alone) == []


@pytest.mark.parametrize("q", ["nct1", "NCT00000001", "https://clinicaltrials.gov/ct2/show/NCT00000001"])
def test_a_registry_number_or_address_leads_to_the_trial(client: TestClient, q: str) -> None:
    answer = client.get("/trials", params={"q": q}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/trials/NCT00000001")
    by_htmx = client.get("/trials", params={"q": q}, headers={"HX-Request": "true"})
    assert by_htmx.headers["hx-redirect"] == "/trials/NCT00000001"


def test_syntax_that_does_not_fit_is_taken_as_words_and_says_so(browse: Browse) -> None:
    page = browse.get("/trials?q=(gout+AND")
    assert any("taken as plain words" in note for note in text(page, ".note"))


def test_a_misspelt_disease_finds_nothing_and_offers_the_right_one_with_its_count(browse: Browse) -> None:
    page = browse.get("/trials?condition=lukemia&status=recruiting")
    assert titles(page) == []
    offered = links(page, ".suggested a")
    assert "(4)" in text(page, ".suggested")[0]
    assert len(titles(browse.get(offered["Leukemia"]))) == 4


def test_misspelt_words_are_corrected(browse: Browse) -> None:
    page = browse.get("/trials?q=leukmia")
    assert "leukemia" in links(page, ".suggested a")


def test_a_known_disease_without_trials_says_that_it_is_known(
    browse: Browse, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    load(engine, tmp_path_factory, descriptor("Kuru", "D007729", trees=["C10.228"]))
    page = browse.get("/trials?condition=kuru")
    assert any("is a known condition" in note for note in text(page, ".note"))


def test_the_funnel_counts_what_each_filter_left_and_what_removing_it_gives(browse: Browse) -> None:
    page = browse.get("/trials?condition=gout&condition_all=AML&status=completed")
    rows = [text(row, "th, td") for row in page.cssselect(".empty tbody tr")]
    assert [(row[0], row[1]) for row in rows] == [
        ("Condition: Gout", "2"),
        ("Status: Completed", "1"),
        ("Condition: Acute myeloid leukemia", "0"),
    ]
    for row, link in zip(rows, page.cssselect(".empty tbody a"), strict=True):
        count = re.match(r"\d+", row[2])
        assert count
        assert len(titles(browse.get(link.get("href") or ""))) == int(count[0])


def test_a_long_list_offers_the_filters_that_split_it_best(browse: Browse, ingest: Ingest) -> None:
    assert not browse.get("/trials").cssselect(".splits")
    statuses = ["RECRUITING", "COMPLETED", "TERMINATED", "SUSPENDED"]
    ingest([study(status=statuses[number % 4]) for number in range(240)])
    page = browse.get("/trials")
    assert text(page, ".splits dt")[0] == "Status"
    first = page.cssselect(".splits a")[0]
    listed = browse.get((first.get("href") or "") + "&per_page=100")
    assert text(page, ".splits data")[0] in text(listed, ".said")[0]


def test_the_api_tells_the_reasons_too(client: TestClient) -> None:
    body = client.get("/api/v1/trials?condition=AML").json()
    assert [trial["reasons"][0]["label"] for trial in body["trials"]] == [
        "Acute Myeloid Leukemia (AML)",
        "AML",
        "Acute promyelocytic leukemia",
    ]


@pytest.fixture(scope="module")
def odd(empty_database: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., int]]:
    path = tmp_path_factory.mktemp("odd") / "trialmark.db"
    shutil.copy(str(empty_database), path)
    settings = Settings(database_url=f"sqlite:///{path}")
    engine = open_engine(settings)
    sync(engine, CTGOV, source(TRIALS), lambda *_: None)
    engine.dispose()
    with TestClient(create_app(settings, today=lambda: TODAY), raise_server_exceptions=False) as client:

        def ask(**parameters: str) -> int:
            answer = client.get("/trials", params=parameters)
            assert not re.search(r"sqlite|fts5|syntax error|Traceback", answer.text, re.IGNORECASE)
            return int(answer.status_code)

        yield ask


OPERATORS = st.sampled_from(
    [
        '"',
        "AND",
        "OR",
        "NOT",
        "NEAR(",
        "(",
        ")",
        "*",
        ":",
        "^",
        "-",
        "+",
        "title:",
        "'",
        "%",
        "\\",
        "\x00",
        ";--",
    ]
)
JUNK = (
    st.text(max_size=60)
    | st.lists(OPERATORS | st.text(max_size=5), max_size=30).map(" ".join)
    | st.just("x" * 3_000)
    | st.just('"(' * 1_500)
)


@hypothesis_settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(q=JUNK, condition=JUNK, sponsor=JUNK)
def test_junk_is_answered_in_words(odd: Callable[..., int], q: str, condition: str, sponsor: str) -> None:
    clean = {
        name: value.encode("utf-8", "ignore").decode()
        for name, value in (("q", q), ("condition", condition), ("sponsor", sponsor))
    }
    assert odd(**clean) in {200, 400}  # 400 where the address is longer than any search
