"""Limits of one request: what exceeds one is refused with a way on, what is just below it works."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.database.deadline import check_deadline
from app.database.engine import open_engine
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.search import budget
from app.search.budget import (
    LONGEST_PATH,
    LONGEST_QUERY_STRING,
    LONGEST_SEARCH,
    LONGEST_TEXT,
    MOST_PARAMETERS,
    MOST_PREFIXES,
    MOST_VALUES,
    MOST_WORDS,
)
from app.settings import Settings
from app.web.limits.turns import Turns
from tests.conftest import Browse, Ingest, warmed
from tests.factories import source, study

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]

PAGES = ["/trials", "/trials/filter/condition", "/trials/filter/status"]
ADDRESSES = ["/", *PAGES, "/trials/suggest", "/conditions", "/conditions/asthma", "/about/data"]
Parameters = list[tuple[str, str]]

TOO_MUCH: dict[str, tuple[Parameters, str]] = {
    "characters": ([("q", "cancer " * 500)], f"{LONGEST_TEXT:,}"),
    "one long word": ([("q", "x" * (LONGEST_TEXT + 1))], f"{LONGEST_TEXT:,}"),
    "prefixes": ([("q", " OR ".join(f"abc{n}*" for n in range(MOST_PREFIXES + 1)))], "words that end in *"),
    "phrases that end in *": (
        [("q", " OR ".join(f'"lung abc{n}*"' for n in range(MOST_PREFIXES // 2 + 1)))],
        "words that end in *",
    ),
    "values": (
        [(name, f"name {n}") for name in ("condition", "sponsor", "country") for n in range(MOST_VALUES)],
        "choices in all filters",
    ),
    "values with all": (
        [("condition", f"a {n}") for n in range(MOST_VALUES)]
        + [("condition_all", f"b {n}") for n in range(MOST_VALUES)]
        + [("sponsor", "c")],
        "choices in all filters",
    ),
    "address": (
        [("sponsor", "癌" * 99 + str(n)) for n in range(5)],
        f"{LONGEST_SEARCH:,}",
    ),
}
JUST_ALLOWED: dict[str, Parameters] = {
    "characters": [("q", "cancer " * (LONGEST_TEXT // 7))],
    "prefixes": [("q", " OR ".join(f"abc{n}*" for n in range(MOST_PREFIXES)))],
    "words": [("q", " OR ".join(f"word{n}" for n in range(3 * MOST_WORDS)))],
    "values": [(name, f"name {n}") for name in ("condition", "sponsor") for n in range(MOST_VALUES)],
    "together": [("condition_all", f"name {n}") for n in range(MOST_VALUES)],
    "a review's search": [
        (
            "q",
            # as a librarian writes it: synonyms, truncated words, phrases, two concepts, an exclusion
            (
                "(leukemia OR leukaemia OR leuk* OR lymphom* OR myelom* OR AML OR CLL OR ALL OR CML OR "
                '"bone marrow transplant*" OR "stem cell" OR blast* OR cytopen* OR neutropen* OR anemia OR anaemia OR '
                "transfus* OR thrombocyt* OR hematolog* OR haematolog*) AND (azacitidine OR venetoclax) NOT pediatric"
            ),
        ),
        ("per_page", "100"),
    ],
}


@pytest.fixture(scope="module")
def served(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Serve one application for all tests that leave it as it is."""
    path = tmp_path_factory.mktemp("limits") / "trialmark.db"
    shutil.copy(empty_database, path)
    settings = Settings(database_url=f"sqlite:///{path}")
    engine = open_engine(settings)
    studies = [study("NCT00000001", title="Aspirin for asthma"), study(conditions=["very " * 40 + "long"])]
    sync(engine, CTGOV, source(studies), lambda *_: None)
    engine.dispose()
    with warmed(settings) as client:
        yield client


@pytest.fixture
def client(served: TestClient) -> TestClient:
    return served


@pytest.mark.parametrize("what", TOO_MUCH)
def test_a_search_that_asks_for_too_much_is_refused_with_one_that_does_not(
    browse: Browse, client: TestClient, what: str
) -> None:
    parameters, words = TOO_MUCH[what]
    for path, htmx in product(PAGES, (True, False)):
        page = browse.get(f"{path}?{urlencode(parameters)}", status=400, htmx=htmx)
        assert page.xpath("string(//h1)") == "This search asks for too much"
        assert words in page.xpath("string(//main//p)")
        (nearest,) = page.xpath("//main//a[starts-with(., 'As much of this search')]/@href")
        assert client.get(nearest).status_code == 200
        assert {"/trials", "/"} <= set(page.xpath("//main//a/@href"))


@pytest.mark.parametrize("what", TOO_MUCH)
def test_the_api_names_the_limit(client: TestClient, what: str) -> None:
    parameters, words = TOO_MUCH[what]
    answer = client.get(f"/api/v1/trials?{urlencode(parameters)}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert answer.json()["limit"]


@pytest.mark.parametrize("what", JUST_ALLOWED)
def test_what_is_just_below_a_limit_works(client: TestClient, what: str) -> None:
    for path in (*PAGES, "/api/v1/trials"):
        answer = client.get(f"{path}?{urlencode(JUST_ALLOWED[what])}")
        assert answer.status_code == 200
        assert len(answer.content) < 1_000_000


@pytest.mark.parametrize(
    "query_string",
    ["q=" + "cancer+" * 8_500, "condition=a&" * (MOST_PARAMETERS + 1), "a&" * 30_000],
    ids=["bytes", "parameters", "both"],
)
def test_a_long_address_is_refused_wherever_it_leads(client: TestClient, query_string: str) -> None:
    for path in (*ADDRESSES, "/trials/NCT00000001", "/trials/NCT00000001.json", "/healthz"):
        answer = client.get(f"{path}?{query_string}")
        assert answer.status_code == 400, path
        assert "This search asks for too much" in answer.text
        assert len(answer.content) < 20_000


def test_the_refusal_of_a_long_address_leads_to_its_beginning(browse: Browse) -> None:
    page = browse.get("/trials?q=" + "cancer+" * 8_500, status=400)
    (nearest,) = page.xpath("//main//a[starts-with(., 'As much of this search')]/@href")
    assert nearest == "/trials?q=" + "+".join(["cancer"] * MOST_WORDS)


def test_an_address_of_the_greatest_length_is_read(client: TestClient) -> None:
    for most, status in ((LONGEST_QUERY_STRING, 200), (LONGEST_QUERY_STRING + 1, 400)):
        assert client.get("/trials?ignored=" + "x" * (most - len("ignored="))).status_code == status
    assert client.get("/trials?" + "&".join(["a=b"] * MOST_PARAMETERS)).status_code == 200


@pytest.mark.parametrize("start", ["/", "/conditions/", "/trials/", "/trials/filter/", "/study/"])
def test_a_path_longer_than_any_of_ours_is_no_page(browse: Browse, start: str) -> None:
    browse.get(start + "a" * LONGEST_PATH, status=404)


def test_a_condition_with_the_longest_address_has_a_page(browse: Browse) -> None:
    (address,) = browse.get("/conditions?q=very+long").xpath("//main//a[starts-with(., 'very very')]/@href")
    browse.get(address)


def test_a_head_request_is_answered_as_a_get_without_the_page(client: TestClient) -> None:
    for path in ("/", "/trials", "/trials/NCT00000001", "/api/v1/trials", "/trials/suggest"):
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (200, b""), path


def test_every_limit_is_written_down_for_administrators() -> None:
    document = (ROOT / "docs/operations/limits.md").read_text(encoding="utf-8")
    limits = {name: value for name, value in vars(budget).items() if name.isupper()}
    assert limits
    missing = {name for name, value in limits.items() if f"| {value:,g} |" not in document}
    assert missing == set()


class TestTime:
    """A page has a tenth of a second here, and statements or loops would go on for ever."""

    ENDLESS = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT json_group_array(i) FROM n WHERE i < 0 AND :match <> ''"
    )

    @pytest.fixture
    def client(self, settings: Settings, ingest: Ingest) -> Iterator[TestClient]:
        ingest([study(title="Aspirin for asthma")])
        with warmed(settings.model_copy(update={"request_seconds": 0.1})) as client:
            yield client

    @pytest.fixture
    def endless_statement(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.search.words.text._FIND", self.ENDLESS)

    @pytest.fixture
    def endless_loop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def go_on(*_: Any) -> None:
            while True:
                check_deadline()

        monkeypatch.setattr("app.search.words.text.matching_trials", go_on)

    @pytest.fixture(params=["endless_statement", "endless_loop"])
    def endless(self, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue(request.param)

    @pytest.mark.usefixtures("endless")
    @pytest.mark.parametrize("htmx", [False, True])
    def test_a_search_that_takes_too_long_is_a_503_page_with_narrower_ones(
        self, browse: Browse, htmx: bool
    ) -> None:
        address = "/trials?q=one+two+three+four+five+six+lung*&country=france&per_page=100"
        page = browse.get(address, status=503, htmx=htmx)
        assert page.xpath("string(//h1)") == "This search took too long"
        assert "stopped after 0.1 seconds" in page.xpath("string(//main//p)")
        links = dict(zip(page.xpath("//main//li/a/text()"), page.xpath("//main//li/a/@href"), strict=True))
        assert links["Without the words"] == "/trials?country=france&per_page=100"
        assert "lung*" not in links["With whole words, without *"]
        assert "Only the words “one two three four five”" in links

    @pytest.mark.usefixtures("endless")
    def test_the_api_says_so_in_a_problem(self, client: TestClient) -> None:
        answer = client.get("/api/v1/trials?q=asthma")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "took too long" in answer.json()["detail"]

    def test_the_next_requests_are_answered_on_the_same_connections(
        self, client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr("app.search.words.text._FIND", self.ENDLESS)
            assert [client.get(f"/trials?q=asthma{n}").status_code for n in range(3)] == [503] * 3
        app: Any = client.app
        unhurried = settings.model_copy(update={"request_seconds": 600})
        app.state.trialmark = replace(app.state.trialmark, settings=unhurried)
        assert [client.get(f"/trials?q=asthma&page={n}").status_code for n in (1, 2, 1)] == [200, 404, 200]
        assert client.get("/readyz").status_code == 200


class TestTurns:
    HEAVY = "/trials?q=" + "+OR+".join(f"word{n}" for n in range(40))

    @pytest.fixture
    def full(self, client: TestClient) -> Iterator[None]:
        """Take all turns, and let nobody wait."""
        app: Any = client.app
        turns = app.state.turns
        app.state.turns = Turns(at_once=0, most_waiting=0, longest_wait=0)
        yield
        app.state.turns = turns

    @pytest.mark.usefixtures("full")
    @pytest.mark.parametrize("htmx", [False, True])
    def test_a_heavy_search_without_a_turn_is_a_503_page_that_says_when_to_come_again(
        self, browse: Browse, client: TestClient, htmx: bool
    ) -> None:
        page = browse.get(self.HEAVY, status=503, htmx=htmx)
        assert page.xpath("string(//h1)") == "Too many searches at once"
        assert page.xpath("//main//a[.='Try again']/@href") == [self.HEAVY]
        assert client.get(self.HEAVY).headers["retry-after"] == "10"

    @pytest.mark.usefixtures("full")
    def test_the_api_says_so_in_a_problem(self, client: TestClient) -> None:
        answer = client.get(self.HEAVY.replace("/trials", "/api/v1/trials"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.usefixtures("full")
    def test_light_pages_need_no_turn(self, client: TestClient) -> None:
        words = [
            "/trials?q=acute+myeloid+leukemia&status=recruiting",
            "/trials?q=leuk*+OR+lymphom*",
        ]
        for url in (*ADDRESSES, *words, "/trials/NCT00000001"):
            assert client.get(url).status_code == 200, url
