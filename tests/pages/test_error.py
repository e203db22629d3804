"""Error pages, whole and as fragments, say what went wrong and how to go on, and show nothing of the inside."""

from collections.abc import Iterator

import httpx2
import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.web.security import HEADERS
from tests.conftest import Browse

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
INSIDE = "the inside of the program"


@pytest.fixture
def log() -> Iterator[list[dict[str, object]]]:
    with capture_logs() as lines:
        yield lines  # type: ignore[misc]  # structlog's type is narrower


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, log: list[dict[str, object]]) -> None:
    """Make every page fail while it is built."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(INSIDE)

    for place in ("pages.trial_list.build", "pages.home.trial_rows", "api.trials.trial_rows"):
        monkeypatch.setattr(f"app.{place}", fail)


class TestPages:
    @pytest.mark.parametrize("htmx", [True, False])
    @pytest.mark.parametrize(
        "url", ["/nothing/here", "/trials/NCT00000001", "/static/no.css", "/trials/filter/x"]
    )
    def test_what_is_not_there_is_a_404_that_leads_on(self, browse: Browse, url: str, htmx: bool) -> None:
        page = browse.get(url, status=404, htmx=htmx)
        assert page.xpath("string(//h1)") == "Not found"
        assert {"/trials", "/"} <= set(page.xpath("//main//a/@href"))

    @pytest.mark.parametrize("htmx", [True, False])
    def test_a_search_that_cannot_be_read_is_a_400_with_the_rest_of_it(
        self, browse: Browse, htmx: bool
    ) -> None:
        page = browse.get("/trials?status=banana&phase=phase2", status=400, htmx=htmx)
        assert page.xpath("string(//h1)") == "This search cannot be read"
        assert "“banana” is not one of its values" in page.text_content()
        assert "/trials?phase=phase2" in page.xpath("//main//a/@href")

    @pytest.mark.parametrize("url", ["/", "/trials", "/trials/NCT00000001", "/healthz"])
    def test_a_wrong_method_is_a_405_that_says_which_are_right(self, client: TestClient, url: str) -> None:
        answer = client.post(url)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert "<h1>Method Not Allowed</h1>" in answer.text

    @pytest.mark.usefixtures("broken")
    @pytest.mark.parametrize("htmx", [True, False])
    @pytest.mark.parametrize("url", ["/", "/trials?q=%22%3E%3Cscript%3E&status=recruiting"])
    def test_a_failure_is_a_500_page_without_the_inside(self, browse: Browse, url: str, htmx: bool) -> None:
        page = browse.get(url, status=500, htmx=htmx)
        assert page.xpath("string(//h1)") == "Something went wrong"
        assert INSIDE not in page.text_content()
        assert page.xpath("//main//a[.='Try again']/@href") == [url]

    @pytest.mark.usefixtures("broken")
    def test_a_failure_is_logged_with_its_reason(
        self, client: TestClient, log: list[dict[str, object]]
    ) -> None:
        client.get("/trials")
        (line,) = [line for line in log if line["event"] == "failure"]
        assert INSIDE in str(line["exc_info"])

    def test_an_error_page_is_not_indexed_and_not_kept(self, browse: Browse, client: TestClient) -> None:
        page = browse.get("/nothing/here", status=404)
        assert page.xpath("string(//meta[@name='robots']/@content)") == "noindex"
        answer = client.get("/nothing/here")
        assert answer.headers["cache-control"] == "no-cache"
        assert "etag" not in answer.headers

    @pytest.mark.parametrize("path", ["/%E2%80%AE", "/a%00b", "//example.org/x", "/%FF", "/" + "x" * 9000])
    def test_odd_addresses_are_404_pages(self, browse: Browse, path: str) -> None:
        browse.get(path, status=404)


class TestApi:
    def test_a_bad_parameter_is_a_422_problem(self, client: TestClient) -> None:
        answer = client.get("/api/v1/trials?phase=banana")
        assert_problem(answer, 422)
        assert answer.json()["parameter"] == "phase"

    def test_an_unknown_address_is_a_404_problem(self, client: TestClient) -> None:
        assert_problem(client.get("/api/v1/banana"), 404)

    def test_a_wrong_method_is_a_405_problem_that_says_which_are_right(self, client: TestClient) -> None:
        answer = client.post("/api/v1/trials")
        assert_problem(answer, 405)
        assert "GET" in answer.headers["allow"]

    @pytest.mark.usefixtures("broken")
    def test_a_failure_is_a_500_problem_without_the_inside(self, client: TestClient) -> None:
        answer = client.get("/api/v1/trials")
        assert_problem(answer, 500)
        assert INSIDE not in answer.text


def assert_problem(answer: httpx2.Response, status: int) -> None:
    """Require a problem document (RFC 9457) with this status."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    assert answer.json()["detail"]


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/trials?status=banana", 400),
        ("POST", "/trials", 405),
        ("GET", "/trials", 500),
        ("GET", "/static/no.css", 404),
        ("GET", "/api/v1/trials?status=banana", 422),
        ("GET", "/api/v1/banana", 404),
        ("GET", "/api/v1/trials", 500),
    ],
)
def test_every_error_has_the_security_headers(
    client: TestClient, method: str, url: str, status: int, headers: dict[str, str]
) -> None:
    answer = client.request(method, url, headers=headers)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
