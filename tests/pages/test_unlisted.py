"""Readers' view of trials that the registry no longer lists."""

from lxml.html import HtmlElement
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.engine import writing
from app.ingest.write.unlisted import mark_listed, mark_unlisted
from tests.conftest import Browse, Ingest
from tests.factories import study


def fill(ingest: Ingest, engine: Engine) -> None:
    ingest(
        [
            study("NCT00000001", title="First", conditions=["Asthma"], sponsor="Alpha"),
            study("NCT00000002", title="Second", conditions=["Asthma"], sponsor="Beta", acronym="SECOND"),
            study("NCT00000003", title="Third", conditions=["Gout"], sponsor="Alpha", phases=["PHASE1"]),
        ]
    )
    with writing(engine) as session:
        mark_unlisted(session, [2, 3], "2026-03-12")


def titles(page: HtmlElement) -> list[str]:
    return [title.text_content() for title in page.cssselect(".hit-title")]


def offered(page: HtmlElement, facet: str) -> dict[str, str]:
    rows = page.cssselect(f"#facet-{facet} li")
    return {
        row.cssselect("label")[0].text_content(): row.cssselect("data")[0].get("value", "")
        for row in rows
        if row.cssselect("label")
    }


def test_lists_leave_out_what_the_registry_no_longer_lists_and_say_how_many(
    ingest: Ingest, engine: Engine, browse: Browse
) -> None:
    fill(ingest, engine)
    page = browse.get("/trials")
    assert titles(page) == ["First"]
    assert offered(page, "condition") == {"Asthma": "1"}
    assert offered(page, "sponsor") == {"Alpha": "1"}
    assert "2 trials that the registry no longer lists are left out. Include them" in page.text_content()
    assert page.xpath("//a[text()='Include them']/@href") == ["/trials?unlisted=yes"]


def test_they_are_in_the_list_when_asked_for_and_say_since_when(
    ingest: Ingest, engine: Engine, browse: Browse
) -> None:
    fill(ingest, engine)
    page = browse.get("/trials?unlisted=yes")
    assert sorted(titles(page)) == ["First", "Second", "Third"]
    assert offered(page, "condition") == {"Asthma": "2", "Gout": "1"}
    notes = [" ".join(note.text_content().split()) for note in page.cssselect(".hit .note")]
    assert notes == ["No longer listed by the registry. Not found there since 12 Mar 2026."] * 2
    assert "including those that the registry no longer lists" in page.cssselect(".said")[0].text_content()
    assert page.cssselect("form#filters input[name=unlisted]")[0].get("value") == "yes"


def test_every_way_to_search_counts_them_only_when_asked_for(
    ingest: Ingest, engine: Engine, browse: Browse, client: TestClient
) -> None:
    fill(ingest, engine)
    searches = {
        "q=Second": ["Second"],
        "condition=asthma": ["First", "Second"],
        "condition=asthma&condition_match=exact": ["First", "Second"],
        "condition_all=asthma": ["First", "Second"],
        "sponsor=alpha&phase=phase1": ["Third"],
        "sponsor=alpha&sort=first-posted-oldest": ["First", "Third"],
    }
    for search, all_found in searches.items():
        listed = [title for title in all_found if title == "First"]
        assert sorted(titles(browse.get(f"/trials?{search}"))) == listed, search
        assert sorted(titles(browse.get(f"/trials?{search}&unlisted=yes"))) == all_found, search
        answer = client.get(f"/api/v1/trials?{search}&unlisted=yes").json()
        assert answer["total"] == len(all_found)
        assert [bool(row["unlisted_note"]) for row in answer["trials"]].count(True) == len(all_found) - len(
            listed
        )


def test_suggestions_count_what_the_list_gives(ingest: Ingest, engine: Engine, client: TestClient) -> None:
    fill(ingest, engine)
    assert "1 trial in all" in client.get("/trials/suggest?q=asthma").text
    assert "1 trial in all" in client.get("/trials/suggest?q=alpha").text
    assert "1 trial in all" in client.get("/trials/suggest?q=aspirin").text
    assert "Gout" not in client.get("/trials/suggest?q=gout").text


def test_the_page_of_one_says_so_with_the_day_and_stays_readable(
    ingest: Ingest, engine: Engine, browse: Browse
) -> None:
    fill(ingest, engine)
    note = browse.get("/trials/NCT00000002").cssselect(".note[data-kind=unlisted]")[0].text_content()
    assert "ClinicalTrials.gov has not listed this trial since 12 Mar 2026" in note
    assert browse.get("/trials/NCT00000001").cssselect(".note[data-kind=unlisted]") == []


def test_a_trial_that_is_listed_again_is_back_everywhere_under_a_running_server(
    ingest: Ingest, engine: Engine, browse: Browse
) -> None:
    fill(ingest, engine)
    assert titles(browse.get("/trials?q=Second")) == []
    with writing(engine) as session:
        mark_listed(session, [2, 3])
    assert titles(browse.get("/trials?q=Second")) == ["Second"]
    assert offered(browse.get("/trials"), "condition") == {"Asthma": "2", "Gout": "1"}
    assert "left out" not in browse.get("/trials").text_content()


def test_the_parameter_takes_yes_or_no_and_nothing_else(
    ingest: Ingest, engine: Engine, browse: Browse
) -> None:
    fill(ingest, engine)
    assert titles(browse.get("/trials?unlisted=no")) == ["First"]
    page = browse.get("/trials?unlisted=perhaps", status=400)
    assert "takes yes or no" in page.text_content()


def test_about_the_data_says_how_many_are_kept(ingest: Ingest, engine: Engine, browse: Browse) -> None:
    fill(ingest, engine)
    page = browse.get("/about/data").text_content()
    assert "Also kept: 2 trials that the registry no longer lists." in page
