"""The security headers stand on every answer."""

import re
from collections.abc import Iterator

import pytest
from lxml import html
from starlette.testclient import TestClient

from app.web.assets import asset_url
from app.web.security import HEADERS
from tests.conftest import Ingest
from tests.factories import study

pytestmark = pytest.mark.slow

ADDRESSES = [
    ("/", 200),
    ("/trials", 200),
    ("/trials?q=", 303),
    ("/trials?status=banana", 400),
    ("/trials/NCT00000001", 200),
    ("/trials/NCT00000001.json", 200),
    ("/trials/nct1", 301),
    ("/study/NCT00000001", 301),
    ("/trials/", 307),
    ("/nothing", 404),
    ("/about/data", 200),
    ("/api/v1/trials", 200),
    ("/api/v1/trials?page=x", 422),
    ("/healthz", 200),
    ("/readyz", 200),
    ("/robots.txt", 200),
    (asset_url("app.css"), 200),
    ("/static/icon.svg", 200),
    ("/static/none", 404),
]


@pytest.fixture(autouse=True)
def one_trial(ingest: Ingest) -> None:
    ingest([study("NCT00000001")])


@pytest.mark.parametrize(("url", "status"), ADDRESSES)
def test_every_answer_has_every_header_and_no_cookie(client: TestClient, url: str, status: int) -> None:
    answer = client.get(url, follow_redirects=False)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("url", ["/", "/trials/NCT00000001", asset_url("app.css")])
def test_an_unchanged_answer_has_them_too(client: TestClient, url: str) -> None:
    tag = client.get(url).headers["etag"]
    answer = client.get(url, headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_an_unchanged_answer_varies_as_the_page_does(client: TestClient) -> None:
    page = client.get("/trials")
    unchanged = client.get("/trials", headers={"If-None-Match": page.headers["etag"]})
    assert unchanged.headers["vary"] == page.headers["vary"]
    assert "Accept-Encoding" in page.headers["vary"]


def test_an_answer_for_htmx_is_not_kept_for_a_reader(client: TestClient) -> None:
    answer = client.get("/trials?q=nct1", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/trials/NCT00000001"
    assert "HX-Request" in answer.headers["vary"]


def directives() -> Iterator[tuple[str, list[str]]]:
    for directive in HEADERS["Content-Security-Policy"].split(";"):
        name, *sources = directive.split()
        yield name, sources


def test_the_policy_starts_from_nothing_and_allows_only_the_site_itself() -> None:
    policy = dict(directives())
    assert next(iter(policy.items())) == ("default-src", ["'none'"])
    assert {source for sources in policy.values() for source in sources} <= {"'none'", "'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]


def test_types_are_not_guessed_and_pages_are_not_framed() -> None:
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert HEADERS["X-Frame-Options"] == "DENY"
    assert HEADERS["Referrer-Policy"] in {"same-origin", "no-referrer", "strict-origin"}


STEERING = [
    "//evil.example/",
    "//evil.example/trials/",
    "/\\\\evil.example/trials/",
    "/trials//evil.example/",
    "/trials/%2F%2Fevil.example/",
    "/trials/?next=//evil.example",
    "/study/%2F%2Fevil.example",
    "/study/%5C%5Cevil.example",
    "/study/evil.example%0d%0aX: y",
    "/study/..%2F..%2F%2Fevil.example",
    "/study//evil.example",
    "/ct2/show/https:%2F%2Fevil.example",
    "/ct2/show/%0d%0aLocation:%20https:%2F%2Fevil.example",
    "/trials?q=https://evil.example/study/NCT00000001",
    "/trials?q=//evil.example",
    "/trials?q=&next=https://evil.example",
    "/conditions/%2F%2Fevil.example",
    "/trials/%C2%A0nct1",
]


@pytest.mark.parametrize("url", STEERING)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}])
def test_no_address_leads_off_the_site(client: TestClient, url: str, headers: dict[str, str]) -> None:
    answer = client.get(f"http://testserver{url}", headers=headers, follow_redirects=False)
    assert answer.status_code < 500
    for name in ("location", "hx-redirect", "hx-push-url"):
        target = answer.headers.get(name, "/")
        assert target.startswith("/")
        assert not target.startswith(("//", "/\\"))
    assert "x" not in answer.headers
    links = html.document_fromstring(answer.text or "<p>").xpath(
        "//@href | //@action | //*/@*[name()='hx-get']"
    )
    assert [link for link in links if re.match(r"[/\\]{2}|\w+:/*evil", str(link))] == []


@pytest.mark.parametrize("raw", [b"/trials?q=\xff\xfe", b"/trials/?\xe2\x80\xae", b"/nothing?\x80"])
def test_bytes_of_no_alphabet_in_a_query_are_no_failure(client: TestClient, raw: bytes) -> None:
    path, _, query = raw.partition(b"?")
    answer = client.get("/", extensions={"target": path + b"?" + query})
    assert answer.status_code < 500
