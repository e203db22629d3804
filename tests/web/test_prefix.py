"""The whole site works behind a proxy that shows it under a path: a crawler follows whatever a page holds."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from lxml import html
from lxml.html import HtmlElement

from tests.browser.server import Site, serving
from tests.factories import source, study
from tests.support.stripping_proxy import stripping_proxy

pytestmark = pytest.mark.slow

PREFIX = "/trials-browser"
_OF_A_KIND = 2
"""Number of pages fetched of one kind; all addresses on them are checked, and differ little."""
_ELSEWHERE = re.compile(r"#|https://(?:clinicaltrials\.gov|pubmed|example\.org)|mailto:|tel:")
_KINDS = {
    "/",
    "/about/data",
    "/api/v1/trials",
    "/conditions",
    "/conditions/*",
    "/static/*",
    "/trials",
    "/trials/*",
    "/trials/*/criteria.txt",
    "/trials/filter/*",
    "/trials/suggest",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    diseases = [("D001249", "Asthma"), ("D006073", "Gout"), ("D003920", "Diabetes Mellitus")]
    studies = [
        study(
            conditions=[f"Disease {number}", diseases[number % 3][1]],
            mesh=[diseases[number % 3]],
            countries=["France"] * (30 if number == 5 else 1),
            sponsor=f"Sponsor {number}",
        )
        for number in range(28)
    ]
    with serving(tmp_path_factory.mktemp("site"), [source(studies)], root_path=PREFIX) as site:
        yield site


@pytest.fixture(params=["prefix stripped", "prefix passed on"])
def origin(request: pytest.FixtureRequest, site: Site) -> Iterator[str]:
    if request.param == "prefix passed on":
        yield site.origin
        return
    with stripping_proxy(site.origin, PREFIX) as origin:
        yield origin


class Crawler:
    """Follows every link, form and asset to a few pages of each kind, and notes faults."""

    def __init__(self, origin: str) -> None:
        self.host = urlsplit(origin).netloc
        self.kinds = Counter[str]()
        self.faults: list[str] = []
        self._waiting: deque[str] = deque()

    def crawl(self, *starts: str) -> None:
        for start in starts:
            self._note("start", start)
        while self._waiting:
            address = self._waiting.popleft()
            self._visit(address, {})
            self._visit(address, {"HX-Request": "true", "HX-Request-Type": "partial"})

    def _visit(self, address: str, headers: dict[str, str]) -> None:
        connection = HTTPConnection(self.host, timeout=60)
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")  # pictures are among the assets
        connection.close()
        if answer.status not in {200, 303, 301, 307}:
            self.faults.append(f"{answer.status}: {address}")
        for name in ("Location", "HX-Redirect", "HX-Push-Url"):
            if target := answer.getheader(name):
                self._note(f"{name} of {address}", target)
        if (answer.getheader("Content-Type") or "").startswith("text/html"):
            for target in _addresses(html.document_fromstring(body)):
                self._note(address, urljoin(address, target) if target.startswith("?") else target)
        elif answer.getheader("Content-Type") == "application/json" and "/api/" in address:
            for target in re.findall(r'"(?:query|url)":"([^"]*)"', body):
                self._note(address, target)

    def _note(self, where: str, target: str) -> None:
        if _ELSEWHERE.match(target):
            return
        if not target.startswith(f"{PREFIX}/"):
            self.faults.append(f"{target} on {where}")
            return
        kind = _kind(target)
        if self.kinds[kind] < _OF_A_KIND:
            self.kinds[kind] += 1
            self._waiting.append(target.partition("#")[0])


def _addresses(document: HtmlElement) -> Iterator[str]:
    for name in ("href", "src", "hx-get", "data-link", "data-suggestions"):
        yield from map(str, document.xpath(f"//@*[name()='{name}']"))
    for form in document.forms:
        fields = [(name, value) for name, value in form.form_values() if name]
        yield f"{form.get('action')}?{urlencode(fields)}"


def _kind(address: str) -> str:
    """Return the page and the names of its parameters, as `/trials/*?sites`."""
    parts = urlsplit(address)
    path = re.sub(
        r"(?<=/(?:trials)/)NCT\d+|(?<=/conditions/)[^/?]+|(?<=/static/).+|(?<=/filter/)[^/?]+",
        "*",
        parts.path,
    )
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{path.removeprefix(PREFIX)}?{','.join(names)}"


def test_every_link_form_and_asset_leads_on_below_the_prefix(origin: str) -> None:
    crawler = Crawler(origin)
    crawler.crawl(
        f"{PREFIX}/",
        f"{PREFIX}/trials/",
        f"{PREFIX}/trials/suggest?q=asth",
        f"{PREFIX}/trials?q=nct10000001",
        f"{PREFIX}/trials?condition=nothing&status=recruiting",
        f"{PREFIX}/conditions?q=gout",
    )
    assert crawler.faults == []
    seen = {kind.partition("?")[0] for kind in crawler.kinds}
    assert {
        kind for kind in _KINDS if not any(re.fullmatch(kind.replace("*", r"\*.*"), one) for one in seen)
    } == set()


@pytest.mark.parametrize(
    "path", ["/nothing", "/trials/NCT99999999", "/trials?status=banana", "/trials?page=99"]
)
def test_pages_of_errors_lead_on_below_the_prefix(origin: str, path: str) -> None:
    connection = HTTPConnection(urlsplit(origin).netloc, timeout=60)
    connection.request("GET", f"{PREFIX}{path}")
    answer = connection.getresponse()
    document = html.document_fromstring(answer.read().decode())
    connection.close()
    assert answer.status in {400, 404}
    outside = [
        each
        for each in _addresses(document)
        if not each.startswith((f"{PREFIX}/", "#", "https://clinicaltrials.gov/"))
    ]
    assert outside == []


def test_a_page_that_is_known_is_not_sent_again(origin: str) -> None:
    connection = HTTPConnection(urlsplit(origin).netloc, timeout=60)
    connection.request("GET", f"{PREFIX}/trials")
    answer = connection.getresponse()
    answer.read()
    connection.request("GET", f"{PREFIX}/trials", headers={"If-None-Match": answer.getheader("ETag") or ""})
    assert connection.getresponse().status == 304
    connection.close()


class TestRequestLines:
    """Requests sent byte by byte, as no well-behaved client would."""

    @pytest.mark.parametrize(
        "request_line",
        [
            b"GET http://evil.example/trials/ HTTP/1.1\r\nHost: asked.example",
            b"GET http://evil.example/trials-browser/trials/ HTTP/1.1\r\nHost: asked.example",
            b"GET //evil.example/trials/ HTTP/1.1\r\nHost: asked.example",
            b"GET /trials-browser//evil.example/ HTTP/1.1\r\nHost: asked.example",
            b"GET /trials-browser//trials/ HTTP/1.1\r\nHost: asked.example",
            b"GET /trials/ HTTP/1.1\r\nHost: asked.example\r\nHost: evil.example",
            b"GET /trials/ HTTP/1.1\r\nHost: evil.example:80@asked.example",
            b"GET /trials/ HTTP/1.1\r\nHost: ev\xffil.example",
            b"GET /trials/?x=\xff\xfe HTTP/1.1\r\nHost: asked.example",
            b"GET /trials/\xe2\x80\xae HTTP/1.1\r\nHost: asked.example",
            b"GET /trials/ HTTP/1.1\r\nHost: asked.example\r\nX-Forwarded-Host: evil.example",
            b"GET /trials/ HTTP/1.1\r\nHost: asked.example\r\nX-Forwarded-Prefix: //evil.example",
            b"GET /trials/ HTTP/1.0",
        ],
    )
    def test_no_request_names_where_it_is_led(self, site: Site, request_line: bytes) -> None:
        head = _raw(site, request_line)
        status = int(head.split()[1])
        assert 200 <= status < 500
        location = re.search(rb"(?im)^location: *(.*?)\r$", head)
        if location:
            assert location[1].startswith(b"/trials-browser/")
        assert b"evil" not in (location[1] if location else b"")


def _raw(site: Site, request_line: bytes) -> bytes:
    """Return the head of the answer to a raw request."""
    connection = HTTPConnection(urlsplit(site.origin).netloc, timeout=60)
    connection.connect()
    assert connection.sock
    connection.sock.sendall(request_line + b"\r\nConnection: close\r\n\r\n")
    received = b""
    while chunk := connection.sock.recv(65_536):
        received += chunk
    connection.close()
    return received.partition(b"\r\n\r\n")[0] + b"\r\n"
