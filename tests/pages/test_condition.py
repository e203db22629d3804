"""The page of one condition: names, place in the trees, and numbers that are those of the lists they lead to."""

import re
from pathlib import Path

import pytest
from lxml.html import HtmlElement
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from app.conditions.mesh.read import open_mesh
from app.ingest.long_work.load_mesh import replace_vocabulary
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conftest import Browse, Ingest, engine_of
from tests.factories import study

pytestmark = pytest.mark.slow

AML = "Acute Myeloid Leukemia"


@pytest.fixture(autouse=True)
def mesh(engine: Engine, tmp_path: Path) -> None:
    vocabulary = (
        descriptor("Neoplasms", "D009369", trees=["C04"]),
        descriptor("Leukemia", "D007938", trees=["C04.557"]),
        descriptor(
            "Leukemia, Myeloid, Acute", "D015470", trees=["C04.557.337"], synonyms=["Myeloblastic Leukosis"]
        ),
        descriptor("Rabies", "D011818", trees=["C01.925.1"], synonyms=["Lyssa"]),
        descriptor("RNA Virus Infections", "D012327", trees=["C01.925"]),
        descriptor("Influenza, Human", "D007251", trees=["C01.925.2"]),
        descriptor("Aspirin", "D001241", trees=["D02.455"], synonyms=["Acetylsalicylic Acid"]),
        *(descriptor(f"Carcinoma {n:02}", f"D90{n:04}", trees=[f"C04.557.{n + 400}"]) for n in range(32)),
    )
    replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, *vocabulary)), lambda *_: None)


@pytest.fixture
def some_trials(ingest: Ingest) -> None:
    ingest(
        [
            study(title="Named AML", conditions=[f"{AML} (AML)"], status="RECRUITING", phases=["PHASE1"]),
            study(conditions=[AML], status="COMPLETED", phases=["PHASE1", "PHASE2"], countries=["Spain"]),
            study(conditions=["Leukemia"], status="COMPLETED", phases=[], sponsor="A Company"),
            study(conditions=["Human Influenza"]),
            study(conditions=["Tired Legs"]),
        ]
    )


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def summary(page: HtmlElement) -> str:
    return words(page.xpath("//p[@class='said']")[0])


def fact(page: HtmlElement, label: str) -> str:
    return words(page.xpath("//dl[@class='place']/div[dt=$label]/dd", label=label)[0])


def table(page: HtmlElement, caption: str) -> dict[str, tuple[str, str]]:
    """Return number and width of the bar by label."""
    rows = page.xpath("//table[caption=$caption]/tbody/tr", caption=caption)
    return {
        words(row.xpath("th")[0]): (words(row.xpath("td")[0]), row.xpath("string(.//@width)")) for row in rows
    }


def below(page: HtmlElement, heading: str) -> list[str]:
    return [words(item) for item in page.xpath("//section[h2=$heading]//li", heading=heading)]


class TestNumbers:
    def test_a_line_says_how_many_have_it_name_it_and_recruit(
        self, browse: Browse, some_trials: None
    ) -> None:
        page = browse.get("/conditions/leukemia")
        assert summary(page) == (
            "3 trials, narrower conditions included. 1 names this condition or is indexed with it. "
            "1 is recruiting."
        )
        assert page.xpath("//p[@class='said']/a/@href") == [
            "/trials?condition=leukemia",
            "/trials?condition=leukemia&condition_match=exact",
            "/trials?condition=leukemia&status=recruiting",
        ]

    def test_what_needs_no_link_has_none(self, browse: Browse, some_trials: None, ingest: Ingest) -> None:
        ingest([study(conditions=["Tired Eyes"], status="COMPLETED")], name="more")
        page = browse.get("/conditions/tired-eyes")
        assert summary(page) == "1 trial. It names this condition or is indexed with it. None is recruiting."
        assert page.xpath("//p[@class='said']/a/@href") == ["/trials?condition=tired-eyes"]

    def test_trials_that_are_all_about_narrower_conditions_are_said_to_be(
        self, browse: Browse, some_trials: None
    ) -> None:
        several, one = browse.get("/conditions/neoplasms"), browse.get("/conditions/rna-virus-infections")
        assert summary(several) == (
            "3 trials, narrower conditions included. All are about narrower conditions. 1 is recruiting."
        )
        assert "It is about a narrower condition." in summary(one)

    def test_status_and_phase_are_tables_with_bars(self, browse: Browse, some_trials: None) -> None:
        page = browse.get("/conditions/leukemia")
        assert table(page, "By status") == {"Recruiting": ("1", "50.0"), "Completed": ("2", "100.0")}
        assert table(page, "By phase") == {
            "Phase 1": ("2", "100.0"),
            "Phase 2": ("1", "50.0"),
            "Not stated": ("1", "50.0"),
        }

    def test_countries_and_sponsors_lead_to_their_trials(self, browse: Browse, some_trials: None) -> None:
        page = browse.get("/conditions/leukemia")
        assert below(page, "Countries") == ["France 2 trials", "Spain 1 trials"]
        assert below(page, "Lead sponsors") == ["A University 2 trials", "A Company 1 trials"]
        assert page.xpath("//a[.='Spain']/@href") == ["/trials?condition=leukemia&country=spain"]

    def test_the_first_ten_trials_and_the_way_to_all(self, browse: Browse, ingest: Ingest) -> None:
        ingest(
            [study(f"NCT000000{n}", conditions=["Leukemia"], updated=f"2026-01-{n}") for n in range(10, 22)]
        )
        page = browse.get("/conditions/leukemia")
        shown = page.xpath("//article//a/@href")
        assert shown == [f"/trials/NCT000000{n}" for n in range(21, 11, -1)]
        assert page.xpath("//a[.='All 12 trials']/@href") == ["/trials?condition=leukemia"]
        recruiting = page.xpath("//a[.='Recruiting only']/@href")
        assert recruiting == ["/trials?condition=leukemia&status=recruiting"]


class TestPlace:
    def test_names_broader_ones_and_the_mesh_id_are_shown(self, browse: Browse, some_trials: None) -> None:
        page = browse.get("/conditions/acute-myeloid-leukemia")
        assert page.xpath("string(//h1)").lower() == AML.lower()
        assert fact(page, "Also called").lower() == "aml (in 1 record); myeloblastic leukosis"
        assert fact(page, "Broader") == "Leukemia 3"
        assert fact(page, "MeSH id") == "D015470"

    def test_narrower_ones_lead_on(self, browse: Browse, some_trials: None) -> None:
        page = browse.get("/conditions/leukemia")
        assert page.xpath("//section[h2='Narrower']//a/@href") == ["/conditions/acute-myeloid-leukemia"]

    def test_many_narrower_ones_are_folded(self, browse: Browse, ingest: Ingest) -> None:
        ingest([study(conditions=[f"Carcinoma {number:02}" for number in range(32)])])
        page = browse.get("/conditions/leukemia")
        assert len(page.xpath("//section[h2='Narrower']/ul/li")) == 30
        assert page.xpath("//details/summary/text()") == ["2 more narrower conditions"]
        assert len(page.xpath("//details/ul/li")) == 2

    def test_a_name_of_no_concept_has_its_trials_alone(self, browse: Browse, some_trials: None) -> None:
        page = browse.get("/conditions/tired-legs")
        assert page.xpath("string(//h1)") == "Tired Legs"
        assert not page.xpath("//dl[@class='place'] | //h2[.='Narrower']")
        assert len(page.xpath("//article")) == 1

    def test_a_disease_without_trials_says_so_and_shows_what_is_broader(
        self, browse: Browse, some_trials: None
    ) -> None:
        page = browse.get("/conditions/rabies")
        assert "No trial here has this condition" in summary(page)
        assert fact(page, "Broader").lower() == "rna virus infections 1"
        assert not page.xpath("//table | //article | //main//a[starts-with(@href, '/trials')]")


class TestAddress:
    @pytest.mark.parametrize(
        "name",
        [
            "Acute-Myeloid-Leukemia",
            "Acute%20Myeloid%20Leukemia",
            "leukemia-myeloid-acute",
            "myeloblastic-leukosis",
            "AML",
            "D015470",
            "d015470",
            "acute-myeloid-leukaemia",
        ],
    )
    def test_every_other_name_is_moved_for_good(
        self, client: TestClient, some_trials: None, name: str
    ) -> None:
        answer = client.get(f"/conditions/{name}", follow_redirects=False)
        assert answer.status_code == 301
        assert answer.headers["location"] == "/conditions/acute-myeloid-leukemia"

    def test_another_name_of_a_disease_without_trials_is_moved_too(
        self, client: TestClient, some_trials: None
    ) -> None:
        answer = client.get("/conditions/lyssa", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, "/conditions/rabies")

    def test_a_stated_name_keeps_its_page_where_its_other_meaning_is_no_condition(
        self, browse: Browse, ingest: Ingest
    ) -> None:
        ingest([study(conditions=["Acetylsalicylic Acid"])])
        page = browse.get("/conditions/acetylsalicylic-acid")
        assert page.xpath("string(//h1)") == "Acetylsalicylic Acid"

    def test_an_unknown_name_is_a_404_page_with_the_closest(self, browse: Browse, some_trials: None) -> None:
        page = browse.get("/conditions/relapsed-leukemai", status=404)
        assert "There is no condition “relapsed leukemai” here." in words(page)
        links = page.xpath("//main//li/a/@href")
        assert links[0] == "/conditions/leukemia"
        assert "/conditions" in links

    def test_a_name_with_more_words_is_not_taken_for_the_condition_in_it(
        self, browse: Browse, some_trials: None
    ) -> None:
        page = browse.get("/conditions/relapsed-aml", status=404)
        assert page.xpath("//main//li/a/@href")[0] == "/conditions/acute-myeloid-leukemia"

    @pytest.mark.parametrize("name", ["aspirin", "not-stated", "%00", "%25", "the", "-", "x" * 300, "ж"])
    def test_what_is_no_condition_is_404(self, browse: Browse, some_trials: None, name: str) -> None:
        browse.get(f"/conditions/{name}", status=404)

    def test_the_page_can_be_indexed_at_one_address(self, browse: Browse, some_trials: None) -> None:
        page = browse.get("/conditions/leukemia?from=elsewhere")
        assert page.xpath("//link[@rel='canonical']/@href") == ["/conditions/leukemia"]
        (description,) = page.xpath("//meta[@name='description']/@content")
        assert description.startswith("3 clinical trials of Leukemia")
        assert not page.xpath("//meta[@name='robots']")


class TestAnswer:
    def test_a_fragment_and_a_check_without_body_are_answered(
        self, browse: Browse, client: TestClient, some_trials: None
    ) -> None:
        browse.get("/conditions/leukemia", htmx=True)
        answer = client.head("/conditions/leukemia")
        assert (answer.status_code, answer.text) == (200, "")

    def test_an_unchanged_page_is_304(self, client: TestClient, ingest: Ingest, some_trials: None) -> None:
        tag = client.get("/conditions/leukemia").headers["ETag"]
        assert client.get("/conditions/leukemia", headers={"If-None-Match": tag}).status_code == 304
        ingest([study(conditions=["Leukemia"])], name="more")
        assert client.get("/conditions/leukemia", headers={"If-None-Match": tag}).status_code == 200

    def test_the_number_of_statements_does_not_grow_with_the_trials(
        self, browse: Browse, client: TestClient, ingest: Ingest, some_trials: None
    ) -> None:
        statements: list[str] = []
        event.listen(
            engine_of(client),
            "before_cursor_execute",
            lambda *call: statements.append(call[2]),
        )
        counted = []
        for trials in (12, 60):
            ingest(
                [study(conditions=["Leukemia"], sponsor=f"Sponsor {n}") for n in range(trials)],
                name=f"{trials}",
            )
            browse.get(f"/conditions/leukemia?trials={trials}")
            statements.clear()
            browse.get(f"/conditions/leukemia?trials={trials}&again=1")
            counted.append(len(statements))
        assert counted[0] > 0
        assert counted[1] == counted[0]


def in_list(browse: Browse, url: str) -> int:
    """Return how many trials the list says that it has."""
    count = browse.get(url).xpath("string(//p[@role='status']/b)")
    return int(re.sub(r"\D", "", count) or 0)


def linked_numbers(page: HtmlElement) -> list[tuple[str, int]]:
    """Return each address of a list on the page, and the number beside it."""
    lines = page.xpath("//table//tr[td] | //section[h2='Countries' or h2='Lead sponsors']//li")
    found = [(line.xpath("string(.//a/@href)"), int(re.findall(r"\d+", words(line))[-1])) for line in lines]
    links = page.xpath("//p[@class='said']/a")
    return found + [(link.get("href"), int(re.findall(r"\d+", words(link))[0])) for link in links]


@pytest.mark.parametrize("name", ["leukemia", "type-2-diabetes-mellitus", "food-allergy", "asthma"])
def test_every_number_is_that_of_the_list_it_leads_to(browse_real: Browse, name: str) -> None:
    moved = browse_real.client.get(f"/conditions/{name}").url.path
    numbers = linked_numbers(browse_real.get(moved))
    assert len(numbers) > 15
    assert {url: in_list(browse_real, url) for url, _ in numbers} == dict(numbers)
