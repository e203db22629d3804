"""The page about the data: what is stored, of which day, the last runs, and what could not be read."""

from datetime import datetime

from sqlalchemy import Engine

from app.database.engine import writing
from app.index.revision import move_revision
from app.models import LoadedVocabulary
from tests.conftest import Browse, Ingest
from tests.factories import study


def rows(browse: Browse, table: str) -> list[list[str]]:
    page = browse.get("/about/data")
    return [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in page.xpath("//div[@aria-label=$label]//tbody/tr", label=table)
    ]


def test_an_empty_database_has_no_run_and_no_complaint(browse: Browse) -> None:
    text = browse.get("/about/data").text_content()
    assert "0 trials are stored here" in text
    assert "No run yet." in text
    assert "every record was read" in text
    assert "The newest registry data is from Not stated" not in text


def test_it_says_what_is_in_and_of_which_day(browse: Browse, ingest: Ingest) -> None:
    ingest([study(version="2026-02-01"), study("NCT90000001", version="2026-01-01")])
    page = browse.get("/about/data")
    text = " ".join(page.text_content().split())
    assert "2 trials are stored here, 1 trial of them synthetic." in text
    assert "The newest registry data is from 1 Feb 2026." in text
    assert "https://clinicaltrials.gov" in page.xpath("//main//a/@href")


def test_the_last_ten_runs_are_listed_the_latest_first(browse: Browse, ingest: Ingest) -> None:
    for number in range(11):
        ingest([study()] * 1 + [study()] * (number == 10), name=f"run {number}")
    runs = rows(browse, "Last runs")
    assert [run[1] for run in runs] == [f"run {number}" for number in range(10, 0, -1)]
    assert runs[0][2:] == ["2026-02-01", "2", "2", "0", "0", "0"]


def test_what_could_not_be_read_is_listed_with_its_place_and_reason(browse: Browse, ingest: Ingest) -> None:
    ingest([study(), b"[]", study("NCT00000009", conditionsModule=3)], name="some <b>.ndjson")
    assert rows(browse, "Records that could not be read") == [
        ["some <b>.ndjson", "line 2", "Not stated", "not a JSON object"],
        ["some <b>.ndjson", "line 3", "NCT00000009", "conditionsModule: expected an object, found a number"],
    ]


def test_of_many_complaints_the_number_is_said_and_the_first_are_shown(
    browse: Browse, ingest: Ingest
) -> None:
    ingest([b"[]"] * 1200)
    assert len(rows(browse, "Records that could not be read")) == 50
    assert "1,200 records; the first 50" in browse.get("/about/data").text_content()


def test_it_can_be_had_as_a_fragment(browse: Browse) -> None:
    assert browse.get("/about/data", htmx=True).xpath("string(//h1)") == "About the data"


def test_it_says_by_which_vocabulary_diseases_are_found(browse: Browse, engine: Engine) -> None:
    assert "No MeSH is loaded" in browse.get("/about/data").text_content()
    with writing(engine) as session:
        session.add(LoadedVocabulary(name="MeSH 2026", concepts=2, loaded_at=datetime(2026, 11, 20)))  # noqa: DTZ001  UTC
        move_revision(session, datetime(2026, 11, 20))  # noqa: DTZ001
    assert "by any name in MeSH 2026" in browse.get("/about/data").text_content()
