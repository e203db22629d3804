"""The home page: a way in, what is in the database, and how fresh it is."""

from lxml.html import HtmlElement
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.ingest.runs.sync import sync
from app.registries import CTGOV
from tests.conftest import Browse, Ingest
from tests.factories import source, study


def words(page: HtmlElement) -> str:
    return " ".join(page.text_content().split())


def links(page: HtmlElement, heading: str) -> dict[str, str]:
    """Return label and count of each link below a heading."""
    return {
        item.xpath("string(a)").strip(): item.xpath("string(data)")
        for item in page.xpath(f"//section[h2='{heading}']//li")
    }


def test_an_empty_database_says_how_to_fill_it(browse: Browse) -> None:
    assert "trialmark ingest ctgov" in words(browse.get("/"))


def test_the_search_box_leads_to_the_list(browse: Browse) -> None:
    page = browse.get("/")
    (box,) = page.xpath("//input[@name='q']")
    assert page.xpath("string(//form[@id=$form]/@action)", form=box.get("form")) == "/trials"


def test_what_is_in_here_and_how_fresh(browse: Browse, ingest: Ingest) -> None:
    ingest([study(version="2026-02-01"), study(version="2026-02-03")])
    text = words(browse.get("/"))
    assert "2 trials" in text
    assert "Source: ClinicalTrials.gov, data of 3 Feb 2026, fetched" in text


def test_a_page_read_during_a_run_does_not_hide_when_the_run_ended(browse: Browse, engine: Engine) -> None:
    def read_a_page(_done: int, _records: int) -> None:
        browse.get("/")

    sync(engine, CTGOV, source([study()]), read_a_page)
    assert ", fetched " in words(browse.get("/"))


def test_the_most_frequent_conditions_come_first_and_lead_to_their_trials(
    browse: Browse, ingest: Ingest
) -> None:
    ingest([study(conditions=["Gout"]), study(), study(), study(conditions=[])])
    page = browse.get("/")
    assert list(links(page, "Conditions with the most trials").items()) == [("Asthma", "2"), ("Gout", "1")]
    assert page.xpath("//a[.='Gout']/@href") == ["/trials?condition=gout"]


def test_statuses_come_in_the_order_of_the_field_without_the_missing(browse: Browse, ingest: Ingest) -> None:
    ingest([study(status="COMPLETED"), study(status="RECRUITING"), study(status=None)])
    assert links(browse.get("/"), "By status") == {"Recruiting": "1", "Completed": "1"}


def test_the_trials_updated_last_are_shown(browse: Browse, ingest: Ingest) -> None:
    ingest([study(f"NCT0000000{number}", updated=f"2026-01-0{number}") for number in range(1, 8)])
    shown = browse.get("/").xpath("//article//a/@href")
    assert shown == [f"/trials/NCT0000000{number}" for number in (7, 6, 5, 4, 3)]


def test_synthetic_trials_are_said_to_be(browse: Browse, ingest: Ingest) -> None:
    ingest([study("NCT90000001")])
    assert "All trials here are synthetic" in words(browse.get("/"))
    ingest([study("NCT00000001")], name="real")
    assert "1 of the trials here are synthetic" in words(browse.get("/"))


def test_an_unchanged_page_is_304(client: TestClient, ingest: Ingest) -> None:
    tag = client.get("/").headers["ETag"]
    assert client.get("/", headers={"If-None-Match": f'"other", {tag}'}).status_code == 304
    ingest([study()])
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 200
