"""An answer is a page or a fragment, and 304 where the browser has it already."""

from datetime import date
from functools import partial

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

pytestmark = pytest.mark.slow

SWAP = {"HX-Request": "true", "HX-Request-Type": "partial"}
RESTORE = {"HX-History-Restore-Request": "true", "HX-Request-Type": "full"}


class TestFragments:
    @pytest.mark.parametrize(
        ("headers", "is_fragment"),
        [
            ({}, False),
            (SWAP, True),
            ({"HX-Request": "true"}, True),
            ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
            ({"HX-Request": "false", "HX-Request-Type": "partial"}, False),
            ({"HX-Request-Type": "partial"}, False),
            (RESTORE, False),
            (RESTORE | {"HX-Request": "true"}, False),
            (SWAP | {"HX-History-Restore-Request": "true"}, False),
            ({"X-Requested-With": "XMLHttpRequest"}, False),
        ],
    )
    @pytest.mark.parametrize("url", ["/trials", "/", "/about/data", "/nothing", "/trials?status=banana"])
    def test_only_a_swap_gets_a_fragment(
        self, client: TestClient, headers: dict[str, str], is_fragment: bool, url: str
    ) -> None:
        markup = client.get(url, headers=headers).text
        assert ("<!doctype html>" in markup) is not is_fragment
        assert ("<html" in markup) is not is_fragment
        assert markup.count("<title>") == markup.count("<main") == 1

    def test_caches_are_told_what_tells_them_apart(self, client: TestClient) -> None:
        for url in ("/trials", "/nothing", "/"):
            vary = {name.strip() for name in client.get(url).headers["vary"].split(",")}
            assert {"HX-Request", "HX-Request-Type", "HX-History-Restore-Request"} <= vary

    def test_a_page_without_a_swap_has_no_word_for_the_address_bar(self, client: TestClient) -> None:
        assert "hx-push-url" not in client.get("/trials?status=RECRUITING").headers
        assert "hx-push-url" in client.get("/trials?status=RECRUITING", headers=SWAP).headers


class TestEntityTags:
    def tag(self, client: TestClient, url: str = "/trials", **headers: str) -> str:
        return client.get(url, headers=headers).headers["etag"]

    def test_the_same_page_has_the_same_tag(self, client: TestClient) -> None:
        assert self.tag(client) == self.tag(client)

    def test_address_host_kind_and_data_tell_pages_apart(self, client: TestClient, ingest: Ingest) -> None:
        tags = [
            self.tag(client),
            self.tag(client, "/trials?page=1"),
            self.tag(client, "/"),
            self.tag(client, Host="other.example"),
            self.tag(client, **SWAP),
        ]
        ingest([study()])
        tags.append(self.tag(client))
        assert len(set(tags)) == len(tags)

    def test_another_day_and_other_code_are_other_pages(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tags = []
        for day, code in ((1, "one"), (2, "one"), (2, "two")):
            monkeypatch.setattr("app.web.edition.code_version", partial(str, code))
            with TestClient(create_app(settings, today=partial(date, 2026, 1, day))) as client:
                tags.append(self.tag(client))
        assert len(set(tags)) == 3

    @pytest.mark.parametrize("form", ["{tag}", '"x", {tag}', '{tag}, "x"', "{strong}"])
    def test_a_known_tag_is_answered_304_without_a_body(self, client: TestClient, form: str) -> None:
        tag = self.tag(client)
        known = form.format(tag=tag, strong=tag.removeprefix("W/"))
        answer = client.get("/trials", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert answer.headers["cache-control"] == "no-cache"

    @pytest.mark.parametrize("known", ["", '"x"', "W/", "garbage,,,"])
    def test_an_unknown_tag_gets_the_page(self, client: TestClient, known: str) -> None:
        assert client.get("/trials", headers={"If-None-Match": known}).status_code == 200

    @pytest.mark.parametrize("url", ["/trials?status=banana", "/trials?page=999", "/trials/NCT00000001"])
    def test_errors_have_no_tag(self, client: TestClient, url: str) -> None:
        assert "etag" not in client.get(url).headers

    def test_a_tag_of_the_page_is_not_one_of_the_fragment(self, client: TestClient) -> None:
        answer = client.get("/trials", headers=SWAP | {"If-None-Match": self.tag(client)})
        assert answer.status_code == 200
