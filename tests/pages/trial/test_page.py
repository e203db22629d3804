"""The trial page over HTTP: its addresses, what a reader finds on it, and the harmlessness of any record."""

import gzip
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml.html import HtmlElement
from sqlalchemy import Engine, event
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.database.engine import open_engine
from app.ingest.runs.sync import sync
from app.record import code_lists
from app.registries import CTGOV
from app.settings import Settings
from tests.conftest import Browse, Ingest, engine_of, warmed
from tests.factories import source, study
from tests.support.reference_data import reference_file

pytestmark = pytest.mark.slow

SEEDS = ("NCT06141304", "NCT06075238", "NCT05744440", "NCT06861348", "NCT06389305")

# Enums of the registry with an underscore, and the single words among them that no sentence has in capitals.
RAW_ENUM = re.compile(
    r"\b(?:[A-Z]+(?:_[A-Z]+)+|RECRUITING|INTERVENTIONAL|OBSERVATIONAL|PARALLEL|TREATMENT|CROSSOVER|NONE)\b"
)
ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]")
PYTHON_NONE = re.compile(r"\bNone\b(?! \(open label\)| retained)")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Silence the log, for failures are asserted on."""
    with capture_logs():
        yield


def visible(page: HtmlElement) -> str:
    """Return the text that a reader sees; the criteria as received are left out, folded away and raw on purpose."""
    for hidden in page.xpath("//details[@class='source'] | //script | //head | //title"):
        hidden.drop_tree()
    return " ".join(page.text_content().split())


def facts(page: HtmlElement) -> dict[str, str]:
    """Return every label with its first value."""
    return {
        " ".join(label.text_content().split()): " ".join(
            label.xpath("string(following-sibling::dd[1])").split()
        )
        for label in page.xpath("//dt")
    }


class TestAddresses:
    @pytest.fixture(autouse=True)
    def one_trial(self, ingest: Ingest) -> None:
        module = {"nctId": "NCT00012345", "briefTitle": "A  trial", "nctIdAliases": ["NCT00000777"]}
        ingest([study("NCT00012345", identificationModule=module)])

    def test_title_heading_and_canonical_address_name_the_trial(self, browse: Browse) -> None:
        page = browse.get("/trials/NCT00012345")
        assert page.xpath("string(//title)") == "A trial (NCT00012345) · Trialmark"
        assert page.xpath("string(//h1)") == "A trial"
        assert page.xpath("string(//link[@rel='canonical']/@href)").endswith("/trials/NCT00012345")
        assert "NCT00012345" in page.xpath("string(//main//header)")

    @pytest.mark.parametrize(
        "address",
        [
            "/trials/nct00012345",
            "/trials/NCT12345",
            "/trials/NCT%2000012345",
            "/trials/NCT00000777",
            "/trials/nct777",
            "/study/NCT00012345",
            "/study/nct12345",
            "/study/NCT00000777",
            "/ct2/show/NCT00012345",
        ],
    )
    def test_every_way_to_write_the_id_leads_to_one_address(self, client: TestClient, address: str) -> None:
        answer = client.get(address, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, "/trials/NCT00012345")

    @pytest.mark.parametrize("address", ["/study/NCT99999999", "/ct2/show/nct99999999"])
    def test_a_registry_address_of_an_unknown_trial_leads_to_the_page_that_says_so(
        self, client: TestClient, address: str
    ) -> None:
        answer = client.get(address, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, "/trials/NCT99999999")

    @pytest.mark.parametrize("htmx", [True, False])
    @pytest.mark.parametrize("written", ["NCT00012346", "nct12354", "NCT00102345"])
    def test_an_unknown_id_names_near_ones_and_the_registry(
        self, browse: Browse, written: str, htmx: bool
    ) -> None:
        page = browse.get(f"/trials/{written}", status=404, htmx=htmx)
        links = page.xpath("//main//a/@href")
        assert "/trials/NCT00012345" in links
        canonical = CTGOV.canonical_id(written)
        assert f"https://clinicaltrials.gov/study/{canonical}" in links
        assert canonical in page.xpath("string(//main)")

    @pytest.mark.parametrize(
        "written", ["banana", "NCT", "NCT123456789", "%00", "%F0%9F%92%8A", "x" * 5000, "..%2f..%2fetc"]
    )
    def test_what_is_no_id_is_a_404_page(self, browse: Browse, written: str) -> None:
        page = browse.get(f"/trials/{written}", status=404)
        assert "/trials" in page.xpath("//main//a/@href")

    def test_the_json_is_the_document_as_received(self, client: TestClient, ingest: Ingest) -> None:
        line = b'{"hasResults":false,  "protocolSection":{"identificationModule":{"nctId":"NCT00000042"}},"x":1.50}'
        ingest([line])
        answer = client.get("/trials/NCT00000042.json")
        assert (answer.headers["content-type"], answer.content) == ("application/json", line)
        assert client.get("/trials/nct42.json").content == line
        assert client.get("/trials/NCT00000777.json").json()["protocolSection"]

    def test_the_json_of_an_unknown_trial_is_a_404(self, client: TestClient) -> None:
        assert client.get("/trials/NCT00000043.json").status_code == 404

    def test_head_answers_as_get_without_the_body(self, client: TestClient) -> None:
        answer = client.head("/trials/NCT00012345")
        assert (answer.status_code, answer.content) == (200, b"")

    def test_a_fragment_is_the_same_page_without_its_head(self, browse: Browse) -> None:
        page = browse.get("/trials/NCT00012345", htmx=True)
        assert page.xpath("string(//h1)") == "A trial"
        assert not page.xpath("//link[@rel='stylesheet']")

    def test_an_unchanged_page_is_304_until_the_trial_changes(
        self, client: TestClient, ingest: Ingest
    ) -> None:
        tag = client.get("/trials/NCT00012345").headers["ETag"]
        assert client.get("/trials/NCT00012345", headers={"If-None-Match": tag}).status_code == 304
        ingest([study("NCT00012345", title="Another", updated="2026-09-01")])
        assert "Another" in client.get("/trials/NCT00012345", headers={"If-None-Match": tag}).text


class TestSeeds:
    @pytest.mark.parametrize("registry_id", SEEDS)
    def test_nothing_raw_is_left_in_the_text(self, browse_real: Browse, registry_id: str) -> None:
        assert_readable(browse_real.get(f"/trials/{registry_id}"))

    def test_the_five_numbers_stand_beside_their_labels(self, browse_real: Browse) -> None:
        shown = facts(browse_real.get("/trials/NCT06141304"))
        assert shown["participants, planned"] == "28"
        assert shown["site"] == "1"
        assert shown["arm"] == "1"
        assert shown["months, planned"] == "22"
        assert shown["participants per site per month, planned"] == "1.3"

    @pytest.mark.parametrize(
        ("registry_id", "texts"),
        [
            (
                "NCT06141304",
                [
                    "Active, not recruiting",
                    "Plerixafor",
                    "1 Sep 2023, actual",
                    "1 Jul 2025, planned",
                    "AMD3100",
                ],
            ),
            ("NCT06075238", ["Not yet recruiting", "blinatumomab", "10⁹", "Chengdu"]),
            ("NCT05744440", ["Early phase 1", "allogenic NK cells", "×109/L"]),
            ("NCT06861348", ["Status not stated", "10⁷", ">100", "①", "③"]),
            ("NCT06389305", ["Parallel groups", "CIK cell", "[i.e.", "213"]),
        ],
    )
    def test_a_reader_finds_what_the_record_says(
        self, browse_real: Browse, registry_id: str, texts: list[str]
    ) -> None:
        text = visible(browse_real.get(f"/trials/{registry_id}"))
        assert [wanted for wanted in texts if wanted not in text] == []

    @pytest.mark.parametrize(
        ("registry_id", "inclusion", "exclusion"),
        [
            ("NCT06141304", 6, 11),
            ("NCT06075238", 10, 12),
            ("NCT05744440", 8, 13),
            ("NCT06389305", 7, 16),
        ],
    )
    def test_every_criterion_can_be_linked_to(
        self, browse_real: Browse, registry_id: str, inclusion: int, exclusion: int
    ) -> None:
        page = browse_real.get(f"/trials/{registry_id}")
        assert page.xpath("count(//li[starts-with(@id, 'inclusion-')])") == inclusion
        assert page.xpath("count(//li[starts-with(@id, 'exclusion-')])") == exclusion

    @pytest.mark.parametrize("registry_id", SEEDS[1:])
    def test_what_a_seed_does_not_state_is_said_to_be_not_stated(
        self, browse_real: Browse, registry_id: str
    ) -> None:
        shown = facts(browse_real.get(f"/trials/{registry_id}"))
        for label in ("Ages", "Start", "Primary completion", "Study completion", "Last verified"):
            assert shown[label] == "Not stated"

    @pytest.mark.parametrize("registry_id", SEEDS)
    def test_a_missing_contact_and_site_status_are_said(self, browse_real: Browse, registry_id: str) -> None:
        text = visible(browse_real.get(f"/trials/{registry_id}"))
        assert "No contact listed in the registry." in text
        assert "Status not stated" in text

    def test_a_month_shows_no_day(self, browse: Browse, ingest: Ingest) -> None:
        status = {"statusVerifiedDate": "2023-11", "startDateStruct": {"date": "2023-09"}}
        ingest([study("NCT00000001", statusModule=status)])
        shown = facts(browse.get("/trials/NCT00000001"))
        assert (shown["Last verified"], shown["Start"]) == ("Nov 2023", "Sep 2023")


def assert_readable(page: HtmlElement) -> None:
    text = visible(page)
    assert RAW_ENUM.findall(text) == []
    assert ESCAPE.findall(text) == []
    assert PYTHON_NONE.findall(text) == []


class TestRealRecords:
    @pytest.mark.parametrize("part", range(4))
    def test_all_of_them_are_whole_pages_without_raw_words(self, browse_real: Browse, part: int) -> None:
        for registry_id in sorted(real_documents())[part::4]:
            text = visible(browse_real.get(f"/trials/{registry_id}"))
            assert ESCAPE.findall(text) == [], registry_id
            assert raw_values() & set(re.findall(r"\w+", text)) == set(), registry_id
            assert not PYTHON_NONE.search(text) or "None" in str(real_documents()[registry_id]), registry_id


@cache
def raw_values() -> set[str]:
    """Return the registry's enums of several words, which no sentence contains by chance."""
    lists = [known for known in vars(code_lists).values() if isinstance(known, code_lists.CodeList)]
    return {term.value.upper().replace("-", "_") for known in lists for term in known if "-" in term.value}


@cache
def real_documents() -> dict[str, dict[str, Any]]:
    with gzip.open(reference_file("data/ctgov.ndjson.gz")) as lines:
        documents = [orjson.loads(line) for line in lines]
    return {document["protocolSection"]["identificationModule"]["nctId"]: document for document in documents}


HOSTILE = '</script><script>alert(1)</script>" onmouseover="alert(1)" \' & <img src=x onerror=alert(1)> \u202egnp.exe'


class TestHostileRecords:
    @pytest.fixture
    def hostile(self, ingest: Ingest, browse: Browse) -> HtmlElement:
        record = study("NCT00000001", conditions=[HOSTILE], countries=[HOSTILE])
        _everywhere(record["protocolSection"], HOSTILE)
        record["protocolSection"]["referencesModule"] = {
            "references": [{"citation": HOSTILE, "pmid": HOSTILE, "type": HOSTILE}],
            "seeAlsoLinks": [
                {"url": "javascript:alert(1)", "label": HOSTILE},
                {"url": f"https://example.org/{HOSTILE}", "label": "quoted"},
            ],
            "availIpds": [{"id": HOSTILE, "type": HOSTILE, "url": "data:text/html,x", "comment": HOSTILE}],
        }
        record["protocolSection"]["contactsLocationsModule"]["centralContacts"] = [
            {"name": HOSTILE, "role": HOSTILE, "phone": HOSTILE, "email": HOSTILE}
        ]
        assert ingest([record]).new == 1
        return browse.get("/trials/NCT00000001")

    def test_no_markup_of_a_record_becomes_markup_of_the_page(self, hostile: HtmlElement) -> None:
        assert not hostile.xpath("//img | //*[@onerror] | //*[@onmouseover]")
        assert not hostile.xpath("//script[not(starts-with(@src, '/static/'))][not(@type)]")
        assert "</script><script>alert(1)</script>" in hostile.xpath("string(//h1)")

    def test_only_web_addresses_are_links(self, hostile: HtmlElement) -> None:
        schemes = {href.split(":")[0] for href in hostile.xpath("//a/@href") if re.match(r"[a-z]+:", href)}
        assert schemes <= {"https", "http", "mailto", "tel"}

    def test_nothing_reorders_the_text_that_follows_it(self, hostile: HtmlElement) -> None:
        for folded in hostile.xpath("//details[@class='source']"):
            folded.drop_tree()
        assert "\u202e" not in hostile.xpath("string(//body)")

    def test_lists_and_facet_pages_hold_too(self, hostile: HtmlElement, browse: Browse) -> None:
        for url in ("/trials", "/", "/trials/filter/condition", "/trials/filter/country", "/about/data"):
            page = browse.get(url)
            assert not page.xpath("//img")
            assert "\u202e" not in page.xpath("string(//body)"), url

    @pytest.mark.parametrize("kind", ["one line", "bullets", "brackets", "stars"])
    def test_a_megabyte_of_criteria_is_a_page(self, ingest: Ingest, browse: Browse, kind: str) -> None:
        piece = {
            "one line": "word ",
            "bullets": "* an item that says in some fifty characters who can join\n\n",
            "brackets": "[(<",
            "stars": "**_*",
        }[kind]
        criteria = "Inclusion Criteria:\n\n" + piece * (1_000_000 // len(piece))
        ingest([study("NCT00000001", criteria=criteria)])
        assert len(browse.get("/trials/NCT00000001").xpath("string(//*[@id='who'])")) > 500_000

    def test_1148_sites_are_all_there_and_folded(self, ingest: Ingest, browse: Browse) -> None:
        ingest([study("NCT00000001", countries=["France"] * 1000 + ["Peru"] * 148)])
        page = browse.get("/trials/NCT00000001")
        assert page.xpath("count(//details[@class='country']//li/b)") == 1148
        assert not page.xpath("//details[@class='country'][@open]")
        assert "1,148 sites in 2 countries" in page.text_content()

    def test_a_record_of_an_id_alone_is_a_page(self, ingest: Ingest, browse: Browse) -> None:
        ingest([{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}])
        page = browse.get("/trials/NCT00000001")
        assert page.xpath("string(//h1)") == "NCT00000001"
        assert_readable(page)
        browse.get("/trials")

    @pytest.mark.parametrize(
        "day", ["²", "2023-0²", "9999-12-31", "0000", "2023-13-45", "soon", "-", "2023-"]
    )
    def test_a_date_that_is_none_does_not_break_a_page(
        self, ingest: Ingest, browse: Browse, day: str
    ) -> None:
        struct = {"date": day, "type": "ACTUAL"}
        names = ("startDateStruct", "completionDateStruct", "lastUpdatePostDateStruct")
        ingest(
            [study("NCT00000001", statusModule=dict.fromkeys(names, struct) | {"statusVerifiedDate": day})]
        )
        browse.get("/trials/NCT00000001")
        browse.get("/trials")

    def test_values_that_the_registry_adds_later_read_as_words(self, ingest: Ingest, browse: Browse) -> None:
        ingest(
            [study("NCT00000001", status="ON_HOLD", phases=["PHASE_5"], interventions=[("TELE_HEALTH", "x")])]
        )
        text = visible(browse.get("/trials/NCT00000001"))
        assert RAW_ENUM.findall(text) == []
        assert all(words in text for words in ("On hold", "Phase 5", "Tele health"))

    def test_a_phone_without_a_digit_is_no_link(self, ingest: Ingest, browse: Browse) -> None:
        contacts = {"centralContacts": [{"name": "Ann", "phone": "on request"}]}
        ingest([study("NCT00000001", contactsLocationsModule=contacts)])
        page = browse.get("/trials/NCT00000001")
        assert "on request" in page.text_content()
        assert not page.xpath("//a[@href='tel:']")

    def test_escapes_of_the_registry_are_resolved_wherever_they_stand(
        self, ingest: Ingest, browse: Browse
    ) -> None:
        record = study("NCT00000001")
        _everywhere(record["protocolSection"], r"x \>100 and 10\^9/L \[i.e.\]")
        record["protocolSection"]["referencesModule"] = {
            "references": [{"citation": r"x \>100"}],
            "seeAlsoLinks": [{"label": r"x \>100"}],
            "availIpds": [{"id": r"\>1", "comment": r"x \>100"}],
        }
        ingest([record])
        page = browse.get("/trials/NCT00000001")
        assert_readable(page)
        assert "10⁹/L [i.e.]" in page.text_content()


def _everywhere(node: Any, words: str) -> None:
    """Put the words into every free text of a study: names, titles, descriptions, places."""
    kept = {"nctId", "date", "type", "class", "studyType", "overallStatus", "sex", "minimumAge"}
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(items):
        if isinstance(value, dict | list):
            if key not in {"phases", "stdAges", "conditions"}:
                _everywhere(value, words)
        elif isinstance(value, str) and key not in kept:
            node[key] = words


class TestStatements:
    @pytest.fixture
    def counted(self, empty_database: Path, tmp_path: Path) -> Callable[[int, str], int]:
        """Return a function that counts the SQL statements of a warm worker's first page over so many trials."""

        def count(trials: int, url: str) -> int:
            settings = Settings(database_url=f"sqlite:///{tmp_path / f'{trials}.db'}")
            if not settings.database_path.exists():
                shutil.copy(empty_database, settings.database_path)
                _fill(open_engine(settings), trials)
            statements: list[str] = []
            with warmed(settings) as client:
                event.listen(
                    engine_of(client), "before_cursor_execute", lambda *seen: statements.append(seen[2])
                )
                assert client.get(url).status_code == 200
            return len(statements)

        return count

    @pytest.mark.parametrize(
        "url",
        [
            "/trials/NCT00000001",
            "/trials/NCT00000001.json",
            "/trials",
            "/trials?condition=asthma&status=recruiting&q=trial",
            "/trials/filter/condition",
            "/",
            "/api/v1/trials",
        ],
    )
    def test_a_page_takes_the_same_statements_however_many_trials_there_are(
        self, counted: Callable[[int, str], int], url: str
    ) -> None:
        few = counted(5, url)
        assert few > 0
        assert counted(300, url) == few


def _fill(engine: Engine, trials: int) -> None:
    studies = [
        study(
            f"NCT{number:08d}",
            title=f"Trial {number}",
            conditions=["Asthma", f"Condition {number}"],
            interventions=[("DRUG", f"Drug {number}")],
            sponsor=f"Sponsor {number}",
            countries=["France", "Peru"],
        )
        for number in range(1, trials + 1)
    ]
    sync(engine, CTGOV, source(studies), lambda *_: None)
    engine.dispose()
