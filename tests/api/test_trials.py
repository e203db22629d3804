"""The list as JSON: the same query, results and words as on the page."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.index.facets import FACETS
from tests.conftest import Browse, Ingest
from tests.factories import study


@pytest.fixture(autouse=True)
def three_trials(ingest: Ingest) -> None:
    ingest(
        [
            study("NCT00000001", title="One", conditions=["Gout"], updated="2026-03-01"),
            study("NCT00000002", title="Two", status="COMPLETED", updated="2026-02-01"),
            study("NCT00000003", title="Three", status=None, enrollment=None, updated="2026-01-01"),
        ]
    )


def asked(client: TestClient, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/v1/trials{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    return body


def test_every_trial_comes_in_the_order_of_the_page(client: TestClient) -> None:
    body = asked(client)
    assert [trial["registry_id"] for trial in body["trials"]] == [
        f"NCT0000000{number}" for number in (1, 2, 3)
    ]
    assert (body["query"], body["total"], body["page"], body["per_page"]) == ("/trials", 3, 1, 25)


def test_a_trial_has_its_address_and_the_words_of_the_list(client: TestClient) -> None:
    first = asked(client)["trials"][0]
    assert first["url"] == "/trials/NCT00000001"
    assert (first["title"], first["status"], first["status_label"]) == ("One", "recruiting", "Recruiting")
    assert (first["conditions"], first["sponsor"]) == (["Gout"], "A University")


@pytest.mark.parametrize(
    "query", ["?condition=gout", "?status=COMPLETED&status=not-stated", "?q=two", "?condition=no+such"]
)
def test_a_filter_finds_what_the_page_finds(client: TestClient, browse: Browse, query: str) -> None:
    page = browse.get(f"/trials{query}")
    assert [trial["url"] for trial in asked(client, query)["trials"]] == page.xpath("//article//h2/a/@href")


def test_every_facet_is_counted(client: TestClient) -> None:
    facets = asked(client)["facets"]
    assert list(facets) == [facet.name for facet in FACETS]
    assert facets["status"] == [
        {"value": "recruiting", "label": "Recruiting", "count": 1},
        {"value": "completed", "label": "Completed", "count": 1},
        {"value": "not-stated", "label": "Not stated", "count": 1},
    ]


def test_pages_are_cut_as_asked(client: TestClient, ingest: Ingest) -> None:
    ingest([study() for _ in range(20)], name="more")
    body = asked(client, "?per_page=10&page=3")
    assert (body["total"], len(body["trials"]), body["page"]) == (23, 3, 3)


def test_the_address_of_the_query_is_canonical(client: TestClient) -> None:
    assert (
        asked(client, "?phase=PHASE2&status=recruiting&q=")["query"]
        == "/trials?status=recruiting&phase=phase2"
    )


@pytest.mark.parametrize("parameter", ["status=banana", "page=0", "per_page=7", "sort=up"])
def test_a_value_that_cannot_be_meant_is_a_problem_that_names_it(client: TestClient, parameter: str) -> None:
    answer = client.get(f"/api/v1/trials?{parameter}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["parameter"] == parameter.split("=", maxsplit=1)[0]


def test_its_description_names_every_filter_and_every_field(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    assert list(description["paths"]) == ["/api/v1/trials"]
    get = description["paths"]["/api/v1/trials"]["get"]
    assert {parameter["name"] for parameter in get["parameters"]} >= {facet.name for facet in FACETS}
    described = description["components"]["schemas"]["TrialModel"]["properties"]
    assert set(asked(client)["trials"][0]) == set(described)
