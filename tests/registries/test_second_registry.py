"""A second registry is one folder and one line: here a registry of a few lines is that line."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app import registries
from app.commands.parts.loading import open_any_files
from app.ingest.runs.sync import sync
from app.ingest.sources.source import RawRecord, Source
from app.record.trial import Organization, RecordError, Terms, TrialRecord
from app.registries import CTGOV, REGISTRIES, Registry
from tests.conftest import Browse, Ingest
from tests.factories import study

_ID = re.compile(rb"ISLE-\d{4}")


def normalize(document: dict[str, Any]) -> TrialRecord:
    if not document["title"]:
        raise RecordError("a trial has a title")
    return TrialRecord(
        registry="isle",
        registry_id=document["number"],
        registry_url=record_url(document["number"]),
        brief_title=document["title"],
        conditions=tuple(document["conditions"]),
        lead_sponsor=Organization(document["sponsor"].strip()),
        release=document["day"],
    )


def record_url(registry_id: str) -> str:
    return f"https://isle.example/trial/{registry_id}"


def canonical_id(written: str) -> str | None:
    match = re.fullmatch(r"isle-(\d{4})", written.strip(), re.IGNORECASE)
    return f"ISLE-{match[1]}" if match else None


ISLE = Registry(
    name="isle",
    label="Isle Registry",
    home="https://isle.example",
    id_label="Isle number",
    id_example="ISLE-0001",
    normalize=normalize,
    fingerprint=lambda document: orjson.dumps({**document, "day": ""}, option=orjson.OPT_SORT_KEYS),
    condition_terms=lambda _document: Terms(),
    canonical_id=lambda written: (
        re.sub(r"\s", "", written).upper() if re.fullmatch(r"(?i)\s*isle-\s*\d{4}\s*", written) else None
    ),
    ids_in=lambda data: tuple(dict.fromkeys(found.decode() for found in _ID.findall(data))),
    owns=lambda data: b'"number"' in data,
    record_url=record_url,
    release=lambda document: document.get("day"),
)


def isle(place: int, **changes: Any) -> bytes:
    return orjson.dumps(
        {
            "number": f"ISLE-{place:04d}",
            "title": f"Island trial {place}",
            "conditions": ["Scurvy"],
            "sponsor": "Harbor Hospital",
            "day": "2026-01-05",
            **changes,
        }
    )


@pytest.fixture(autouse=True)
def one_line(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add the line; modules that hold the tuple already see it too."""
    both = (*REGISTRIES, ISLE)
    for place in (
        "app.registries",
        "app.pages.parts.frame",
        "app.pages.about_data",
        "app.pages.trial.lookup",
    ):
        monkeypatch.setattr(f"{place}.REGISTRIES", both)
    yield
    assert registries.REGISTRIES is both


def run(engine: Engine, *documents: bytes) -> Any:
    records = (RawRecord(f"line {number}", data, number) for number, data in enumerate(documents, start=1))
    return sync(
        engine, ISLE, Source("isle.ndjson", "isle.ndjson", None, records, is_whole=False), lambda *_: None
    )


def test_its_trials_are_listed_read_and_filtered_beside_others(
    engine: Engine, ingest: Ingest, browse: Browse
) -> None:
    ingest([study("NCT00000001", conditions=["Asthma"])])
    run(engine, isle(1))
    page = browse.get("/trials?condition=scurvy")
    assert [link.text_content() for link in page.cssselect(".hit-title a")] == ["Island trial 1"]
    trial = browse.get("/trials/ISLE-0001")
    assert "Harbor Hospital" in trial.text_content()
    assert record_url("ISLE-0001") in trial.xpath("//a/@href")
    assert "At Isle Registry" in trial.text_content()


def test_an_unchanged_record_is_not_normalized_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run(engine, isle(1), isle(2))

    def fail(_document: Any) -> TrialRecord:
        raise AssertionError("normalized again")

    object.__setattr__(ISLE, "normalize", fail)
    try:
        summary = run(engine, isle(1, day="2026-01-06"), isle(2))
    finally:
        object.__setattr__(ISLE, "normalize", normalize)
    assert (summary.unchanged, summary.rejected) == (2, 0)


def test_a_bad_record_is_refused_and_the_run_goes_on(engine: Engine, browse: Browse) -> None:
    summary = run(engine, isle(1, sponsor=7), isle(2, title=""), isle(3))
    assert (summary.new, summary.rejected) == (1, 2)
    about = browse.get("/about/data").text_content()
    assert "AttributeError" in about
    assert "a trial has a title" in about


@pytest.mark.parametrize("typed", ["isle-0001", "ISLE-0001", " Isle-0001 "])
def test_the_search_box_leads_to_its_trial(engine: Engine, client: TestClient, typed: str) -> None:
    run(engine, isle(1))
    answer = client.get("/trials", params={"q": typed}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/trials/ISLE-0001")


def test_each_registry_has_its_own_day_of_data(engine: Engine, ingest: Ingest, browse: Browse) -> None:
    ingest([study("NCT00000001", version="2026-02-01")])
    run(engine, isle(1))
    foot = browse.get("/").cssselect(".foot")[0].text_content()
    assert "ClinicalTrials.gov, data of 1 Feb 2026; Isle Registry, data of 5 Jan 2026" in foot


def test_an_id_that_another_registry_has_is_refused(engine: Engine, ingest: Ingest, browse: Browse) -> None:
    ingest([study("NCT00000001", title="The first")])
    summary = run(engine, isle(1, number="NCT00000001"), isle(2))
    assert (summary.new, summary.rejected) == (1, 1)
    assert (
        "the id NCT00000001 is that of a trial from ClinicalTrials.gov"
        in browse.get("/about/data").text_content()
    )
    assert "The first" in browse.get("/trials/NCT00000001").text_content()


def test_a_file_is_read_as_its_first_record_tells(tmp_path: Any) -> None:
    (tmp_path / "isle.ndjson").write_bytes(isle(1) + b"\n" + isle(2))
    (tmp_path / "ctgov.ndjson").write_bytes(orjson.dumps(study("NCT00000001")))
    registry, source = open_any_files(tmp_path / "isle.ndjson")
    assert (registry, len(list(source.records))) == (ISLE, 2)
    assert open_any_files(tmp_path / "ctgov.ndjson")[0] is CTGOV
