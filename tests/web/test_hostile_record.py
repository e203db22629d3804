"""A record that is hostile in every field harms no page, list, suggestion, export or program that reads it."""

import re
from typing import Any

import orjson
import pytest
import rispy  # type: ignore[import-untyped]  # the package carries no type information
from bibtexparser.entrypoint import parse_string
from lxml import html
from lxml.html import HtmlElement
from starlette.testclient import TestClient

from app.registries.ctgov.normalize import normalize
from app.text.visible import visible
from tests.conftest import Browse, Ingest
from tests.support.hostile_record import PAYLOAD, REGISTRY_ID, UNSEEN, hostile_study

pytestmark = pytest.mark.slow

TRIAL = f"/trials/{REGISTRY_ID}"
# Searches in the record's own words, so that each page says them again.
QUERIES = {
    "q": f"title {PAYLOAD}",
    "condition": f"Condition I19{PAYLOAD}",
    "sponsor": f"Sponsor G14{PAYLOAD}",
    "intervention_type": f"drug{PAYLOAD}",
}
LINKS = re.compile(
    r"/(?![/\\])|#|https://(?:images\.example|clinicaltrials\.gov|cdn\.clinicaltrials\.gov)(?:/|$)|mailto:[^?]*$|tel:\+?[0-9]+$"
)


@pytest.fixture(params=[True, False], ids=["everywhere", "words only"])
def hostile(request: pytest.FixtureRequest, ingest: Ingest) -> dict[str, Any]:
    study = hostile_study(in_lists=request.param)
    summary = ingest([study])
    assert (summary.new, summary.rejected) == (1, 0)
    return study


def pages_of(client: TestClient) -> list[str]:
    """Return every page that can show the record, with addresses found in the pages themselves."""
    fixed = ["/", "/trials", TRIAL, f"{TRIAL}?sites=Facility", "/conditions", "/about/data"]
    fixed += [f"/trials/filter/{facet}" for facet in ("condition", "sponsor", "country")]
    fixed += [f"/trials/suggest?q={words}" for words in ("cond", "spons", "acro", "interv", REGISTRY_ID)]
    fixed += ["/conditions?q=condition", "/trials?q=title", "/trials?q=alert", "/trials?q=click&view=x"]
    fixed += ["/trials/NCT00000665", f"/trials/{PAYLOAD[:20]}", "/conditions/nothing%E2%80%AEsuch"]
    document = html.document_fromstring(client.get("/trials").text)
    found = [str(link) for link in document.xpath("//a/@href") if str(link).startswith("/trials?")]
    document = html.document_fromstring(client.get("/conditions").text)
    found += [str(link) for link in document.xpath("//a/@href") if str(link).startswith("/conditions/")]
    return [*fixed, *found]


def check_harmless(markup: str, document: HtmlElement) -> None:
    assert not set(markup) & set(UNSEEN)
    assert {str(name) for name in document.xpath("//@*/../@*[starts-with(name(), 'on')]")} == set()
    scripts = document.xpath("//script[not(@src)]")
    assert all(script.get("type") == "application/ld+json" for script in scripts)
    assert document.xpath("//img | //iframe | //object | //embed | //base | //meta[@http-equiv]") == []
    bad = [link for link in document.xpath("//@href | //@src | //@action") if not LINKS.match(str(link))]
    assert bad == []


def test_no_page_runs_reorders_or_leads_astray(
    client: TestClient, browse: Browse, hostile: dict[str, Any]
) -> None:
    for url in pages_of(client):
        for htmx in (False, True):
            answer = client.get(url, headers={"HX-Request": "true"} if htmx else {})
            assert answer.status_code in {200, 400, 404}, url
            check_harmless(answer.text, html.document_fromstring(answer.text))
        if answer.status_code == 200:
            browse.get(url)


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("path", ["/trials", "/trials/filter/condition", "/trials/suggest", "/conditions"])
def test_no_page_says_unseen_what_an_address_asked(client: TestClient, path: str, name: str) -> None:
    for key in {name, "q", "within"}:
        answer = client.get(path, params={key: QUERIES[name]})
        assert answer.status_code in {200, 400}
        check_harmless(answer.text, html.document_fromstring(answer.text))


@pytest.mark.parametrize(
    "url", ["/api/v1/trials", "/api/v1/trials?q=title", "/api/v1/trials?status=a%E2%80%AEb"]
)
def test_programs_are_told_nothing_unseen(client: TestClient, hostile: dict[str, Any], url: str) -> None:
    answer = client.get(url)
    body = orjson.loads(answer.content)
    assert not set(answer.text) & set(UNSEEN)
    assert not set(repr(body)) & set(UNSEEN) - set("\\")
    assert "\\u202e" not in answer.text.lower()
    if answer.status_code == 200:
        assert [trial["registry_id"] for trial in body["trials"]] == [REGISTRY_ID]


def test_the_data_for_machines_is_json_of_visible_words(browse: Browse, hostile: dict[str, Any]) -> None:
    (script,) = browse.get(TRIAL).xpath("//script[@type='application/ld+json']")
    data = orjson.loads(script.text)
    assert data["identifier"][0]["value"] == REGISTRY_ID
    assert not set(str(data)) & set(UNSEEN)
    assert "<" not in script.text


def test_citations_are_one_record_of_visible_words(client: TestClient, hostile: dict[str, Any]) -> None:
    ris, bib = (client.get(f"{TRIAL}.{ending}").text for ending in ("ris", "bib"))
    assert not set(ris + bib) & set(UNSEEN)
    (entry,) = rispy.loads(ris)
    assert entry["type_of_reference"] == "DBASE"
    assert ris.count("ER  - ") == ris.count("\r\nER  - \r\n") == 1 or ris.splitlines().count("ER  - ") == 1
    library = parse_string(bib)
    assert (len(library.entries), library.failed_blocks) == (1, [])


def test_texts_to_take_along_have_no_hidden_character(client: TestClient, hostile: dict[str, Any]) -> None:
    assert not set(client.get(f"{TRIAL}/criteria.txt").text) & set(UNSEEN)
    page = html.document_fromstring(client.get(TRIAL).text)
    card = page.xpath("string(//pre[@id='card'])")
    assert card
    assert not set(card) & set(UNSEEN)


def test_only_the_stored_document_is_as_received(client: TestClient, hostile: dict[str, Any]) -> None:
    assert client.get(f"{TRIAL}.json").json() == hostile


def test_what_is_no_link_stays_as_text(client: TestClient, hostile: dict[str, Any]) -> None:
    page = html.document_fromstring(client.get(TRIAL).text)
    text = " ".join(page.text_content().split())
    for words in ("registry.example@evil.example", "1-800-CANCER", "ann@example.org?bcc=evil@evil.example"):
        assert words in text
    links = [str(link) for link in page.xpath("//a/@href") if not str(link).startswith("/")]
    assert [link for link in links if "evil" in link or link.startswith(("mailto:", "tel:"))] == []


@pytest.mark.parametrize(
    "name",
    [
        "../a.pdf",
        "a/b.pdf",
        "..\\a.pdf",
        "%2e%2e/a.pdf",
        "a..pdf",
        ".pdf",
        "a?b",
        "a#b",
        "//evil.example/a",
    ],
)
def test_the_name_of_a_document_is_no_path(name: str) -> None:
    study = hostile_study(in_lists=False)
    study["documentSection"]["largeDocumentModule"]["largeDocs"][0]["filename"] = name
    (document,) = normalize(study).documents
    assert (document.filename, document.url) == (visible(name), None)


@pytest.mark.parametrize("name", ["Prot_SAP_000.pdf", "Prot SAP (1)-2.pdf", "ICF_001.PDF"])
def test_a_document_with_a_plain_name_has_its_address(name: str) -> None:
    study = hostile_study(in_lists=False)
    study["documentSection"]["largeDocumentModule"]["largeDocs"][0]["filename"] = name
    (document,) = normalize(study).documents
    folder = f"https://cdn.clinicaltrials.gov/large-docs/66/{REGISTRY_ID}"
    assert document.url == f"{folder}/{name.replace(' ', '%20').replace('(', '%28').replace(')', '%29')}"


class TestRightToLeft:
    TITLE, SPONSOR = "מחקר קליני בסוכרת (שלב 2)", "مستشفى الجامعة"

    @pytest.fixture(autouse=True)
    def trial(self, ingest: Ingest) -> None:
        study = hostile_study(in_lists=False)
        protocol = study["protocolSection"]
        protocol["identificationModule"] |= {"briefTitle": f"\u202b{self.TITLE}\u202c", "acronym": "סוכרת"}
        protocol["sponsorCollaboratorsModule"]["leadSponsor"]["name"] = self.SPONSOR
        protocol["descriptionModule"]["briefSummary"] = f"{self.TITLE}\n\nIn English."
        ingest([study])

    def test_titles_and_names_are_whole_and_leave_their_neighbors_in_place(self, browse: Browse) -> None:
        row = browse.get("/trials").xpath("//h2[@class='hit-title']")[0]
        assert row.xpath("string(.//bdi)") == self.TITLE
        page = browse.get(TRIAL)
        assert page.xpath("string(//h1[@id='title']/bdi)") == self.TITLE
        assert page.xpath("string(//title)").startswith(self.TITLE)
        assert self.SPONSOR in page.xpath("//bdi/text()")
        assert self.SPONSOR in browse.get("/trials/filter/sponsor").xpath("//li//bdi/text()")
        assert self.SPONSOR in browse.get("/trials").xpath("//label/bdi/text()")

    def test_they_are_found_and_exported_in_their_letters(self, client: TestClient) -> None:
        assert client.get("/api/v1/trials?q=סוכרת").json()["trials"][0]["title"] == self.TITLE
        assert f"TI  - {self.TITLE}" in client.get(f"{TRIAL}.ris").text


def test_the_payload_is_what_it_should_be() -> None:
    assert set(UNSEEN) <= set(PAYLOAD)
    assert not set(visible(PAYLOAD)) & set(UNSEEN)
