"""The service knows its own address, and no `Host` header decides it."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.main import OWN_NAMES, create_app
from app.settings import Settings
from app.web.addresses import Addresses
from tests.conftest import Ingest
from tests.factories import study
from tests.support.deployment import deployed
from tests.support.routes import routes

pytestmark = pytest.mark.slow

PUBLIC = "https://hospital.example/trials-browser"
EVIL = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
SWAP = {"HX-Request": "true"}
PAGES = [
    "/",
    "/trials",
    "/trials?q=asthma",
    "/trials?condition=nothing-such",
    "/trials/NCT00000001",
    "/trials/NCT00000001.ris",
    "/trials/NCT00000001.bib",
    "/trials/NCT00000001/criteria.txt",
    "/trials/filter/condition",
    "/trials/suggest?q=asth",
    "/conditions",
    "/conditions/asthma",
    "/about/data",
    "/api/v1/trials",
    "/robots.txt",
    "/nothing",
    "/trials?status=banana",
]
REDIRECTS = {
    "/trials/": "/trials",
    "/conditions/?q=a": "/conditions?q=a",
    "/trials/nct1": "/trials/NCT00000001",
    "/study/NCT00000001": "/trials/NCT00000001",
    "/ct2/show/NCT00000001": "/trials/NCT00000001",
    "/trials?q=&sort=": "/trials",
    "/trials?q=nct1": "/trials/NCT00000001",
    "/static": "/static/",
}


@pytest.fixture(autouse=True)
def one_trial(ingest: Ingest) -> None:
    ingest([study("NCT00000001", title="Of asthma")])


def targets(client: TestClient) -> dict[str, str]:
    """Return where old and sloppy addresses lead when asked under another host."""
    answers = {url: client.get(url, headers=EVIL, follow_redirects=False) for url in REDIRECTS}
    return {url: answer.headers["location"] for url, answer in answers.items()}


class TestWithoutAPublicAddress:
    def test_redirects_are_paths(self, client: TestClient) -> None:
        assert targets(client) == REDIRECTS

    def test_pages_name_the_host_only_where_a_path_would_not_do(self, client: TestClient) -> None:
        naming = {
            url for url in PAGES if "asked.example" in client.get(url, headers={"Host": "asked.example"}).text
        }
        assert naming == {"/trials/NCT00000001", "/trials/NCT00000001.ris", "/trials/NCT00000001.bib"}
        page = client.get("/trials/NCT00000001", headers={"Host": "asked.example"}).text
        assert '<link rel="canonical" href="/trials/NCT00000001">' in page
        assert '"url":"/trials/NCT00000001"' in page

    def test_what_proxies_say_of_a_host_is_not_believed(self, client: TestClient) -> None:
        for url in PAGES:
            assert "evil" not in client.get(url, headers={**EVIL, "Host": "asked.example"}).text


class TestWithAPublicAddress:
    @pytest.fixture
    def public(self, settings: Settings) -> Iterator[TestClient]:
        with deployed(settings, "hospital.example", base_url=PUBLIC, allowed_hosts="*") as client:
            yield client

    @pytest.mark.parametrize("headers", [EVIL, EVIL | SWAP], ids=["whole", "fragment"])
    def test_another_host_appears_nowhere(self, public: TestClient, headers: dict[str, str]) -> None:
        for url in (*PAGES, *REDIRECTS):
            answer = public.get(url, headers=headers, follow_redirects=False)
            assert answer.status_code < 500
            assert "evil" not in answer.text + str(answer.headers)

    def test_redirects_are_paths_with_the_prefix(self, public: TestClient) -> None:
        assert targets(public) == {url: f"/trials-browser{target}" for url, target in REDIRECTS.items()}

    def test_htmx_is_told_addresses_with_the_prefix(self, public: TestClient) -> None:
        pushed = public.get("/trials?status=RECRUITING", headers=SWAP)
        assert pushed.headers["hx-push-url"] == "/trials-browser/trials?status=recruiting"
        jump = public.get("/trials?q=nct1", headers=SWAP)
        assert jump.headers["hx-redirect"] == "/trials-browser/trials/NCT00000001"

    def test_what_leaves_the_page_has_the_public_address(self, public: TestClient) -> None:
        trial = f"{PUBLIC}/trials/NCT00000001"
        page = public.get("/trials/NCT00000001").text
        assert f'<link rel="canonical" href="{trial}">' in page
        assert f'<meta property="og:url" content="{trial}">' in page
        assert f'"url":"{trial}"' in page
        assert f'data-link="{trial}"' in page
        assert page.count(f"\n{trial}\n") == 2  # the card, shown and to copy
        assert f"Accessed 20 Nov 2026. {trial}" in page or f" {trial}<" in page
        assert f"UR  - {trial}\r\n" in public.get("/trials/NCT00000001.ris").text
        assert f"url = {{{trial}}}" in public.get("/trials/NCT00000001.bib").text
        assert f'<link rel="canonical" href="{PUBLIC}/">' in public.get("/").text
        assert (
            f'data-link="{PUBLIC}/trials?status=recruiting"' in public.get("/trials?status=recruiting").text
        )

    def test_programs_are_told_addresses_with_the_prefix(self, public: TestClient) -> None:
        answer = public.get("/api/v1/trials?q=asthma").json()
        assert answer["query"] == "/trials-browser/trials?q=asthma"
        assert [trial["url"] for trial in answer["trials"]] == ["/trials-browser/trials/NCT00000001"]
        assert "Disallow: /trials-browser/api/\n" in public.get("/robots.txt").text

    def test_a_failure_leads_back_to_where_it_was(
        self, public: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr("app.pages.about_data._rejected_count")
        answer = public.get("/trials-browser/about/data?a=b", headers=EVIL)
        assert answer.status_code == 500
        assert 'href="/trials-browser/about/data?a=b"' in answer.text
        assert "evil" not in answer.text

    def test_a_damaged_file_leads_nowhere_else(self, public: TestClient, settings: Settings) -> None:
        settings.database_path.write_bytes(b"no database" * 1_000)
        answer = public.get("/trials-browser/trials?q=new", headers=EVIL)
        assert answer.status_code >= 500
        links = re.findall(r'(?:href|action|src)="([^"#]+)"', answer.text)
        assert [link for link in links if not link.startswith(("/trials-browser/", f"{PUBLIC}/"))] == []
        assert "evil" not in answer.text


class TestPrefixes:
    @pytest.mark.parametrize("changes", [{"base_url": PUBLIC}, {"root_path": "/trials-browser"}])
    def test_a_path_is_the_same_page_with_the_prefix_and_stripped(
        self, settings: Settings, changes: dict[str, str]
    ) -> None:
        with deployed(settings, "hospital.example", **changes) as client:
            for url in PAGES:
                stripped, passed_on = client.get(url), client.get(f"/trials-browser{url}")
                assert (passed_on.status_code, passed_on.text) == (stripped.status_code, stripped.text)

    def test_the_start_page_needs_no_slash(self, settings: Settings) -> None:
        with deployed(settings, "hospital.example", root_path="/trials-browser") as client:
            for url in ("/", "/trials-browser", "/trials-browser/"):
                answer = client.get(url, follow_redirects=False)
                assert answer.status_code == 200
                assert 'href="/trials-browser/"' in answer.text
            # An address that only begins like the prefix does not have the prefix.
            assert client.get("/trials-browsers/trials").status_code == 404

    def test_a_prefix_may_be_one_of_our_own_names(self, settings: Settings) -> None:
        """Such a proxy must strip the prefix and say so, for `/trials` could be the list as well as the prefix."""
        stripped = {"X-Forwarded-Prefix": "/trials"}
        with deployed(settings, "hospital.example", root_path="/trials") as client:
            assert "<h1>Find a clinical trial" in client.get("/trials").text
            assert 'id="results"' in client.get("/trials/trials").text
            assert 'id="results"' in client.get("/trials", headers=stripped).text
            assert 'id="title"' in client.get("/trials/NCT00000001", headers=stripped).text
            answer = client.get("/trials/nct1", headers=stripped, follow_redirects=False)
            assert answer.headers["location"] == "/trials/trials/NCT00000001"

    def test_what_a_reader_says_of_a_prefix_changes_nothing(self, settings: Settings) -> None:
        said = {"X-Forwarded-Prefix": "/evil"}
        for changes in (dict[str, str](), {"root_path": "/trials-browser"}, {"root_path": "/trials"}):
            with deployed(settings, "hospital.example", **changes) as client:
                plain, answer = client.get("/trials"), client.get("/trials", headers=said)
            assert answer.text == plain.text

    def test_every_first_name_that_a_prefix_may_share_is_known(self, settings: Settings) -> None:
        firsts = {path.split("/")[1] for path, _ in routes(create_app(settings))}
        assert firsts - OWN_NAMES == {""}


class TestWriting:
    @pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "///x", "/\\/x"])
    def test_a_path_never_names_a_host(self, path: str) -> None:
        for addresses in (Addresses(), Addresses(prefix="/x"), Addresses("https://h.example", "")):
            written = addresses.path(path)
            assert written.startswith(("/evil", "/x"))
            assert addresses.public(path).startswith(("/evil", "/x", "https://h.example/"))

    @pytest.mark.parametrize("elsewhere", ["https://example.org/", "#who", "mailto:a@example.org", ""])
    def test_other_addresses_stay_as_they_are(self, elsewhere: str) -> None:
        assert Addresses(prefix="/x").path(elsewhere) == elsewhere

    @pytest.mark.parametrize(
        "path", ["/", "/trials", "/trials?q=a%2F", "/trials/NCT1#sites", "/static/a.css?v=1"]
    )
    def test_without_a_prefix_a_path_is_written_as_it_is(self, path: str) -> None:
        assert Addresses().path(path) == Addresses().public(path) == path
