"""A page that was sent is sent again, but only where it would be the very same."""

from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.web.edition import Edition, entity_tag
from app.web.page_cache import PageCache
from tests.conftest import Ingest, engine_of
from tests.factories import study

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 20)
FRAGMENT = {"HX-Request": "true"}
PLAIN = {"Accept-Encoding": "identity"}


class Site:
    """Pages behind a cache that say how many were made before them; the revision can be set."""

    def __init__(self, most_bytes: int = 100_000) -> None:
        self.version: int | None = 1
        self.made_in = "a"
        self.day = DAY
        self.shown: int | None = None
        """Revision of the data that the pages are made of, where it is another one."""
        self._made = count(1)
        routes = [
            Route(path, self._page, methods=["GET", "HEAD"]) for path in ("/page", "/other", "/line\nbreak")
        ]
        routes += [Route("/untagged", self._untagged), Route("/streamed", self._streamed)]
        routes += [Route("/missing", self._missing)]
        cache = PageCache(Starlette(routes=routes), edition=self.edition, most_bytes=most_bytes)
        self.client = TestClient(cache)

    def edition(self) -> Edition | None:
        return None if self.version is None else Edition(self.version, self.made_in, self.day)

    def get(self, url: str = "/page", **headers: str) -> str:
        return self.client.get(
            url, headers={name.replace("_", "-"): text for name, text in headers.items()}
        ).text

    def _tagged(self, request: Request) -> dict[str, str]:
        return {"ETag": entity_tag(request, Edition(self.shown or self.version or 0, self.made_in, self.day))}

    def _page(self, request: Request) -> Response:
        size = int(request.query_params.get("size", 10))
        return Response(f"{next(self._made)}".ljust(size), headers=self._tagged(request))

    def _untagged(self, _request: Request) -> Response:
        return Response(f"{next(self._made)}")

    def _streamed(self, request: Request) -> Response:
        return StreamingResponse(iter([f"{next(self._made)}", " ", "more"]), headers=self._tagged(request))

    def _missing(self, request: Request) -> Response:
        return Response(f"{next(self._made)}", 404, headers=self._tagged(request))


@pytest.fixture
def site() -> Site:
    return Site()


class TestWhatIsSentAgain:
    def test_the_same_address_is_sent_again(self, site: Site) -> None:
        first, again = site.client.get("/page?a=1"), site.client.get("/page?a=1")
        assert again.content == first.content
        assert again.headers == first.headers

    @pytest.mark.parametrize("url", ["/untagged", "/streamed", "/missing"])
    def test_only_whole_pages_with_a_tag_are_kept(self, site: Site, url: str) -> None:
        assert site.get(url) != site.get(url)

    def test_nothing_is_sent_again_while_the_edition_is_unknown(self, site: Site) -> None:
        first = site.get()
        site.version = None
        assert site.get() != first
        site.version = 1
        assert site.get() == first

    def test_a_head_request_gets_no_body(self, site: Site) -> None:
        first = site.get()
        assert site.client.head("/page").content == b""
        assert site.get() == first

    def test_a_page_whose_data_changed_while_it_was_made_is_not_kept(self, site: Site) -> None:
        site.shown = 2
        newer = site.get()
        site.shown = 1
        assert site.get() != newer


class TestWhatTellsPagesApart:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({}, {"url": "/other"}),
            ({}, {"url": "/page?a=1"}),
            ({"url": "/page?a=1"}, {"url": "/page?a=2"}),
            ({"url": "/line%0Abreak"}, {"url": "/line%0Abreak?x"}),
            ({}, {"HX_Request": "true"}),
            ({}, {"Host": "other.example"}),
            ({}, {"Accept_Encoding": "identity"}),
        ],
    )
    def test_address_reader_host_and_encoding_tell_pages_apart(
        self, site: Site, one: dict[str, str], other: dict[str, str]
    ) -> None:
        assert site.get(**one) != site.get(**other)
        assert site.get(**one) == site.get(**one)

    def test_data_tell_pages_apart(self, site: Site) -> None:
        first = site.get()
        site.version = 2
        assert site.get() != first

    def test_two_databases_of_the_same_revision_are_told_apart(self, site: Site) -> None:
        first = site.get()
        site.made_in = "b"
        assert site.get() != first
        site.made_in = "a"
        assert site.get() == first

    def test_the_day_tells_pages_apart_also_when_the_clock_is_set_back(self, site: Site) -> None:
        first = site.get()
        for days in (1, -1, 4_000):
            site.day = DAY + timedelta(days=days)
            assert site.get() != first
        site.day = DAY
        assert site.get() == first


class TestHowMuchIsKept:
    def test_the_least_recently_used_page_goes(self) -> None:
        site = Site(most_bytes=1_000)
        urls = [f"/page?n={number}&size=40" for number in range(25)]
        first, second = (site.get(url) for url in urls[:2])
        for url in urls[2:]:
            site.get(url)
            assert site.get(urls[0]) == first
        site.get("/page?n=another&size=40")
        assert site.get(urls[0]) == first
        assert site.get(urls[1]) != second

    def test_a_page_that_would_drive_out_many_is_not_kept(self) -> None:
        site = Site(most_bytes=1_000)
        assert site.get("/page?size=40") == site.get("/page?size=40")
        assert site.get("/page?size=200") != site.get("/page?size=200")


class TestTheApplication:
    PAGES = (
        "/",
        "/trials",
        "/trials?status=recruiting",
        "/trials/NCT00000001",
        "/conditions",
        "/trials/filter/sponsor",
    )

    @pytest.mark.parametrize("url", PAGES)
    @pytest.mark.parametrize("headers", [{}, FRAGMENT, PLAIN])
    def test_a_page_sent_again_asks_nothing_of_the_database(
        self, client: TestClient, ingest: Ingest, url: str, headers: dict[str, str]
    ) -> None:
        ingest([study("NCT00000001")])
        first = client.get(url, headers=headers)
        statements: list[str] = []
        event.listen(engine_of(client), "before_cursor_execute", lambda *call: statements.append(call[2]))
        again = client.get(url, headers=headers)
        assert (again.status_code, again.content) == (200, first.content)
        assert first.headers.pop("x-request-id") != again.headers.pop("x-request-id")
        assert again.headers == first.headers
        assert statements == []
