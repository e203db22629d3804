"""Runs over the registry's live interface, against a local server that answers as the registry does."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from app.ingest.runs.live import open_live
from app.ingest.runs.sync import Summary, sync
from app.registries import CTGOV
from app.registries.ctgov.fetch import FetchError, Politeness
from tests.ctgov_server import CtgovServer, text
from tests.factories import study
from tests.support.tables import contents, rows_of, stored

HURRIED = Politeness(min_interval=0, first_wait=0, attempts=2, timeout=5)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach the local server directly, whatever proxies the environment names."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[CtgovServer]:
    studies = [
        study(
            f"NCT0000000{number}",
            title=str(number),
            conditions=["Gout" if number == 3 else "Asthma"],
            updated=f"2025-10-0{number}",
            version="2025-11-14",
        )
        for number in range(1, 6)
    ]
    with CtgovServer(studies, data_timestamp="2025-11-14T09:00:05") as running:
        yield running


def run(engine: Engine, server: CtgovServer, **wanted: Any) -> Summary:
    return sync(
        engine,
        CTGOV,
        open_live(engine, CTGOV, server.base_url, politeness=HURRIED, **wanted),
        lambda *_: None,
    )


def asked_since(server: CtgovServer) -> str | None:
    return server.requests[-1].query.get("filter.advanced")


def move_on(server: CtgovServer, day: str) -> None:
    """Let the registry load its data again on a later day."""
    server.data_timestamp = f"{day}T09:00:05"
    for one in server.studies:
        one["derivedSection"]["miscInfoModule"]["versionHolder"] = day


def test_a_first_run_takes_everything(engine: Engine, server: CtgovServer) -> None:
    assert run(engine, server) == Summary(read=5, new=5)
    assert asked_since(server) is None
    assert rows_of(engine, "SELECT source, data_version FROM sync_run") == [("ctgov", "2025-11-14")]


def test_the_next_run_asks_from_seven_days_before_the_data_of_the_last(
    engine: Engine, server: CtgovServer
) -> None:
    run(engine, server)
    move_on(server, "2025-11-20")
    server.studies.append(study("NCT00000006", title="6", updated="2025-11-12", version="2025-11-20"))
    assert run(engine, server) == Summary(read=1, new=1)
    assert asked_since(server) == "AREA[LastUpdatePostDate]RANGE[2025-11-07,MAX]"
    assert run(engine, server) == Summary()
    assert asked_since(server) == "AREA[LastUpdatePostDate]RANGE[2025-11-13,MAX]"


def test_a_full_run_asks_for_everything_again(engine: Engine, server: CtgovServer) -> None:
    run(engine, server)
    assert run(engine, server, is_full=True) == Summary(read=5, unchanged=5)
    assert asked_since(server) is None


def test_a_day_given_by_hand_is_asked_from(engine: Engine, server: CtgovServer) -> None:
    assert run(engine, server, since=date(2025, 10, 4)) == Summary(read=2, new=2)
    assert stored(engine) == ["4", "5"]


def test_each_condition_has_a_last_run_of_its_own(engine: Engine, server: CtgovServer) -> None:
    assert run(engine, server, condition="gout") == Summary(read=1, new=1)
    assert server.requests[-1].query["query.cond"] == "gout"
    assert run(engine, server) == Summary(read=5, new=4, unchanged=1)
    assert asked_since(server) is None
    run(engine, server, condition="gout")
    assert asked_since(server) == "AREA[LastUpdatePostDate]RANGE[2025-11-07,MAX]"


def test_a_later_day_given_by_hand_does_not_hide_what_changed_before_it(
    engine: Engine, server: CtgovServer
) -> None:
    run(engine, server)
    move_on(server, "2025-12-20")
    server.studies.append(study("NCT00000006", title="6", updated="2025-12-01", version="2025-12-20"))
    run(engine, server, since=date(2025, 12, 15))
    run(engine, server)
    assert "6" in stored(engine)


def test_a_day_given_by_hand_first_does_not_make_the_next_run_skip_the_rest(
    engine: Engine, server: CtgovServer
) -> None:
    run(engine, server, since=date(2025, 10, 4))
    run(engine, server)
    assert stored(engine) == ["1", "2", "3", "4", "5"]


def test_nothing_new_writes_nothing(engine: Engine, server: CtgovServer) -> None:
    run(engine, server)
    before = contents(engine)
    run(engine, server)
    run(engine, server, is_full=True)
    assert contents(engine) == before


def test_later_data_without_news_are_remembered_once(engine: Engine, server: CtgovServer) -> None:
    run(engine, server)
    move_on(server, "2025-11-20")
    run(engine, server)
    run(engine, server)
    assert rows_of(engine, "SELECT data_version, read FROM sync_run ORDER BY id") == [
        ("2025-11-14", 5),
        ("2025-11-20", 0),
    ]


def test_a_run_that_broke_off_is_not_taken_for_a_last_one(
    engine: Engine, server: CtgovServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.runs.sync.BATCH", 2)
    source = open_live(engine, CTGOV, server.base_url, politeness=HURRIED)

    def break_off(_done: int, records: int) -> None:
        if records == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(engine, CTGOV, source, break_off)
    assert stored(engine) == ["1", "2", "3", "4"]
    assert run(engine, server) == Summary(read=5, new=1, unchanged=4)
    assert asked_since(server) is None


def test_a_refusal_is_one_line_and_writes_nothing(engine: Engine, server: CtgovServer) -> None:
    server.fail_next(text(403, "Forbidden"))
    with pytest.raises(FetchError, match="HTTP 403") as caught:
        run(engine, server)
    assert "\n" not in str(caught.value)
    assert rows_of(engine, "SELECT * FROM sync_run") == []


def test_a_registry_that_states_no_release_is_asked_by_what_its_records_say(
    engine: Engine, server: CtgovServer
) -> None:
    server.data_timestamp = None
    run(engine, server)
    assert rows_of(engine, "SELECT data_version FROM sync_run") == [("2025-11-14",)]


def test_a_complaint_is_settled_when_the_registry_sends_the_record_repaired(
    engine: Engine, server: CtgovServer
) -> None:
    repaired = server.studies[2]
    server.studies[2] = {**repaired, "hasResults": "yes"}
    assert run(engine, server).rejected == 1
    move_on(server, "2025-11-20")
    server.studies[2] = repaired
    repaired["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"] = "2025-11-19"
    assert run(engine, server) == Summary(read=1, new=1)
    assert rows_of(engine, "SELECT registry_id FROM rejected_record") == []


def test_a_complaint_of_an_earlier_run_about_another_record_stays(
    engine: Engine, server: CtgovServer
) -> None:
    server.studies[0] = {**server.studies[0], "hasResults": "yes"}
    run(engine, server)
    move_on(server, "2025-11-20")
    broken = study("NCT00000006", updated="2025-11-19", version="2025-11-20")
    server.studies.append({**broken, "hasResults": "no"})
    run(engine, server)
    complaints = rows_of(engine, "SELECT registry_id FROM rejected_record ORDER BY registry_id")
    assert complaints == [("NCT00000001",), ("NCT00000006",)]
