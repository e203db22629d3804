"""Following a live registry over days loses nothing, whatever its days and versions look like."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from app.database.engine import reading, writing
from app.ingest.checks.check import problems
from app.ingest.runs.batch_check import SuspiciousBatchError
from app.ingest.runs.removals import TooManyRemovalsError
from app.ingest.runs.summary import Summary
from app.ingest.runs.sync import sync
from app.ingest.sources.files import open_files
from app.ingest.sources.following import OVERLAP
from app.models import SyncRun
from app.registries import CTGOV
from app.registries.ctgov.fetch import FetchError
from app.search.counts.freshness import releases
from tests.ctgov_server import CtgovServer, Fault, Request, as_json
from tests.factories import Study, source, study
from tests.support.contents import contents
from tests.support.live_runs import asked_since, run, titles
from tests.support.registry_history import RegistryHistory
from tests.support.tables import rows_of

FRIDAY, MONDAY, THURSDAY = "2026-03-06", "2026-03-09", "2026-03-12"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach the local server directly, whatever proxies the environment names."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[CtgovServer]:
    with CtgovServer() as running:
        yield running


@pytest.fixture
def history() -> RegistryHistory:
    history = RegistryHistory()
    history.show(FRIDAY, *(trial(number) for number in range(1, 8)))
    return history


def trial(number: int, title: str = "", updated: str = "2026-03-01", **about: Any) -> Study:
    return study(f"NCT{number:08d}", title=title or f"Trial {number}", updated=updated, **about)


def watermarks(engine: Engine) -> dict[str, str]:
    return dict(rows_of(engine, "SELECT scope, version FROM watermark"))


def unlisted(engine: Engine) -> dict[str, str]:
    statement = (
        "SELECT registry_id, found_on FROM unlisted_trial JOIN trial ON trial.id = trial_id ORDER BY 1"
    )
    return dict(rows_of(engine, statement))


def held_version(one: Study, version: object) -> Study:
    one["derivedSection"]["miscInfoModule"]["versionHolder"] = version
    return one


class TestTheWatermark:
    def test_the_watermark_is_the_day_stated_before_the_first_page(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        """Friday's update stands on a page that was read before the registry moved on to Monday."""
        history.show(MONDAY, trial(1, "Updated on Friday", updated=FRIDAY))
        server.show(history, FRIDAY)

        def move(request: Request) -> None:
            if "pageToken" in request.query:
                server.show(history, MONDAY)

        server.before_answer = move
        run(engine, server, page_size=3)
        assert watermarks(engine) == {"ctgov": FRIDAY}
        assert titles(engine)["NCT00000001"] == "Trial 1"
        run(engine, server, page_size=3)
        assert watermarks(engine) == {"ctgov": MONDAY}
        assert titles(engine)["NCT00000001"] == "Updated on Friday"

    @pytest.mark.parametrize(
        "odd", ["2099-01-01", "2026-13-01", "zz unknown", "0001-01-01", 20990101, {}, None]
    )
    def test_no_record_can_set_the_watermark(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory, odd: object
    ) -> None:
        server.show(history, FRIDAY)
        held_version(server.studies[2], odd)
        assert run(engine, server).new == 7
        with reading(engine) as session:
            assert releases(session) == ((CTGOV.name, FRIDAY),)
        history.show(MONDAY, trial(8, updated=MONDAY), trial(3, "Updated", updated=MONDAY))
        server.show(history, MONDAY)
        run(engine, server)
        assert titles(engine).keys() >= {"NCT00000008"}
        assert titles(engine)["NCT00000003"] == "Updated"

    def test_a_record_of_the_future_does_not_keep_out_its_own_correction(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        history.show(MONDAY, trial(3, "Of the future", updated="2099-01-01"))
        history.show(THURSDAY, trial(3, "Corrected", updated="2026-03-10"))
        for day in (FRIDAY, MONDAY, THURSDAY):
            server.show(history, day)
            run(engine, server)
        assert titles(engine)["NCT00000003"] == "Corrected"

    @pytest.mark.parametrize(
        "stated", ["soon", "2099-01-01T09:00:00", "2026-02-30", "", 7, None, ["2026-03-09"]]
    )
    def test_an_unreliable_day_brings_a_warning_and_moves_no_watermark(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory, stated: object
    ) -> None:
        server.show(history, FRIDAY)
        run(engine, server)
        history.show(MONDAY, trial(8, updated=MONDAY))
        server.show(history, MONDAY)
        server.data_timestamp = stated
        for _ in range(2):
            (warning,) = run(engine, server).warnings
            assert warning.endswith("the next run looks as far back as this one")
            assert "\n" not in warning
        assert "NCT00000008" in titles(engine)
        assert watermarks(engine) == {"ctgov": FRIDAY}

    def test_a_record_shown_days_after_the_day_that_it_bears_arrives(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        history.show("2026-03-10", trial(8, updated="2026-03-03"), trial(9, updated="2026-02-27"))
        server.show(history, FRIDAY)
        run(engine, server)
        server.show(history, "2026-03-10")
        run(engine, server)
        assert titles(engine).keys() >= {"NCT00000008", "NCT00000009"}
        assert OVERLAP.days >= 7

    @pytest.mark.parametrize(
        "wrong_day", [date(2026, 1, 1), date(2040, 1, 1)], ids=["set back", "set forward"]
    )
    def test_a_wrong_clock_loses_no_update(
        self,
        engine: Engine,
        server: CtgovServer,
        history: RegistryHistory,
        monkeypatch: pytest.MonkeyPatch,
        wrong_day: date,
    ) -> None:
        history.show(MONDAY, trial(8, updated=MONDAY), trial(2, "Updated on Monday", updated=MONDAY))
        history.show(THURSDAY, trial(2, "Updated on Thursday", updated=THURSDAY))
        server.show(history, FRIDAY)
        run(engine, server)
        with monkeypatch.context() as patched:
            patched.setattr("app.ingest.runs.live._today", lambda: wrong_day)
            patched.setattr("app.ingest.runs.sync._now", lambda: datetime(wrong_day.year, wrong_day.month, 1))  # noqa: DTZ001  as stored
            server.show(history, MONDAY)
            run(engine, server)
        server.show(history, THURSDAY)
        run(engine, server)
        assert titles(engine) == {
            one["protocolSection"]["identificationModule"]["nctId"]: one["protocolSection"][
                "identificationModule"
            ]["briefTitle"]
            for one in server.studies
        }
        assert watermarks(engine) == {"ctgov": THURSDAY}

    def test_a_poisoned_version_that_an_earlier_release_stored_is_neither_shown_nor_built_on(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        now = datetime(2026, 3, 1)  # noqa: DTZ001  as stored
        with writing(engine) as session:
            for version in ("2099-01-01", "zz unknown", "2026-02-28"):
                session.add(
                    SyncRun(
                        source="ctgov", started_at=now, finished_at=now, read=0, new=0, changed=0,
                        unchanged=0, rejected=0, release=version,
                    )
                )  # fmt: skip
        with reading(engine) as session:
            assert releases(session) == ((CTGOV.name, "2026-02-28"),)
        server.show(history, FRIDAY)
        assert run(engine, server).new == 7
        assert asked_since(server) is None

    @pytest.mark.parametrize("fault", [Fault.TOTAL_TOO_LARGE, Fault.NO_TOTAL, Fault.LOST_TOKEN])
    def test_fewer_records_than_the_registry_promised_move_no_watermark(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory, fault: Fault
    ) -> None:
        server.show(history, FRIDAY)
        server.fail_next(None, fault)
        assert run(engine, server, page_size=3).warnings != ()
        assert watermarks(engine) == {}
        assert run(engine, server, page_size=3).warnings == ()
        assert len(titles(engine)) == 7

    def test_a_page_that_comes_in_place_of_another_is_noticed(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        server.show(history, FRIDAY)
        server.fail_next(None, None, Fault.REPEATED_PAGE)
        summary = run(engine, server, page_size=3)
        assert summary.warnings == (
            "the registry promised 7 records and sent 4 different ones; the next run looks as far back as this one",
        )
        run(engine, server, page_size=3)
        assert len(titles(engine)) == 7


class TestRecordsThatCannotBeRead:
    def test_a_record_that_becomes_readable_without_a_new_day_arrives(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        for day in (FRIDAY, "2026-06-01"):
            server.show(history, day)
            server.sent = lambda one: {**one, "hasResults": 3} if "NCT00000005" in str(one) else one
            run(engine, server)
            assert "NCT00000005" not in titles(engine)
        server.behave()
        assert run(engine, server) == Summary(read=1, new=1)
        assert server.requests[-1].query["filter.ids"] == "NCT00000005"
        assert rows_of(engine, "SELECT * FROM rejected_record") == []

    def test_a_record_that_the_registry_no_longer_has_is_not_asked_for_for_ever(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        server.show(history, FRIDAY)
        server.sent = lambda one: {**one, "hasResults": 3} if "NCT00000005" in str(one) else one
        run(engine, server)
        history.withdraw(MONDAY, "NCT00000005")
        server.show(history, MONDAY)
        run(engine, server)
        assert rows_of(engine, "SELECT * FROM rejected_record") == []

    def test_a_record_that_stays_bad_is_listed_once(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        server.show(history, FRIDAY)
        server.raw_studies = {1: b"null", 2: b'{"x": NaN}'}
        server.sent = lambda one: {**one, "hasResults": 3} if "NCT00000005" in str(one) else one
        run(engine, server)
        run(engine, server)
        before = contents(engine)
        assert watermarks(engine) == {"ctgov": FRIDAY}
        run(engine, server)
        assert contents(engine) == before

    def test_asking_again_may_fail_without_harm(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        server.show(history, FRIDAY)
        server.sent = lambda one: {**one, "hasResults": 3} if "NCT00000005" in str(one) else one
        run(engine, server)
        server.show(history, MONDAY)
        run(engine, server)
        server.behave()
        server.fail_next(None, None, Fault.EXPIRED_TOKEN)
        (warning,) = run(engine, server).warnings
        assert "will be asked for again next time" in warning
        assert run(engine, server).new == 1


class TestOtherSources:
    def test_a_folder_named_as_the_registry_neither_moves_its_watermark_nor_settles_its_complaints(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory, tmp_path: Path
    ) -> None:
        server.show(history, FRIDAY)
        server.sent = lambda one: {**one, "hasResults": 3} if "NCT00000005" in str(one) else one
        run(engine, server)
        folder = tmp_path / "ctgov"
        folder.mkdir()
        (folder / "a.json").write_bytes(orjson.dumps(trial(90, version="2026-05-01")))
        sync(engine, CTGOV, open_files(folder), lambda *_: None)
        assert watermarks(engine) == {"ctgov": FRIDAY}
        assert rows_of(engine, "SELECT registry_id FROM rejected_record") == [("NCT00000005",)]
        assert rows_of(engine, "SELECT source FROM sync_run ORDER BY id") == [("ctgov",), ("ctgov/",)]

    def test_a_folder_named_as_the_registry_does_not_make_a_first_run_incremental(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory, tmp_path: Path
    ) -> None:
        (tmp_path / "ctgov").mkdir()
        (tmp_path / "ctgov" / "a.json").write_bytes(orjson.dumps(trial(1, version="2026-05-01")))
        sync(engine, CTGOV, open_files(tmp_path / "ctgov"), lambda *_: None)
        server.show(history, FRIDAY)
        run(engine, server)
        assert len(titles(engine)) == 7

    def test_files_of_one_name_in_two_folders_keep_their_own_complaints(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        for folder, data in (("one", b"{broken"), ("other", orjson.dumps(trial(1)))):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "studies.json").write_bytes(data)
            sync(engine, CTGOV, open_files(tmp_path / folder / "studies.json"), lambda *_: None)
        assert rows_of(engine, "SELECT source, position FROM rejected_record") == [
            ("studies.json", "whole file")
        ]


class TestAFullRun:
    @pytest.fixture
    def large(self, engine: Engine, server: CtgovServer) -> RegistryHistory:
        """Ingest so many trials that two of them are no more than 2 %."""
        history = RegistryHistory()
        history.show(FRIDAY, *(trial(number) for number in range(1, 101)))
        server.show(history, FRIDAY)
        run(engine, server)
        return history

    def test_a_full_run_marks_trials_that_are_no_longer_listed_and_unmarks_those_that_return(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory
    ) -> None:
        large.withdraw(MONDAY, "NCT00000003", "NCT00000050")
        server.show(large, MONDAY)
        run(engine, server)
        assert unlisted(engine) == {}
        assert run(engine, server, is_full=True) == Summary(read=98, unchanged=98, unlisted=2)
        assert unlisted(engine) == {"NCT00000003": MONDAY, "NCT00000050": MONDAY}
        assert problems(engine) == []
        large.show(THURSDAY, trial(3, updated="2026-03-11"))
        server.show(large, THURSDAY)
        run(engine, server)
        assert unlisted(engine) == {"NCT00000050": MONDAY}
        assert problems(engine) == []

    def test_a_trial_merged_into_another_is_no_longer_listed_by_itself(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory
    ) -> None:
        large.merge(MONDAY, "NCT00000003", into="NCT00000004")
        server.show(large, MONDAY)
        run(engine, server, is_full=True)
        assert unlisted(engine) == {"NCT00000003": MONDAY}

    def test_a_full_run_stops_where_over_2_percent_would_vanish_unless_that_is_allowed(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory
    ) -> None:
        large.withdraw(MONDAY, *(f"NCT{number:08d}" for number in range(1, 4)))
        server.show(large, MONDAY)
        with pytest.raises(
            TooManyRemovalsError, match=r"no longer lists 3 of 100 stored trials.*--accept-removals"
        ):
            run(engine, server, is_full=True)
        assert unlisted(engine) == {}
        assert watermarks(engine) == {"ctgov": FRIDAY}
        assert run(engine, server, is_full=True, accepts_removals=True).unlisted == 3
        assert run(engine, server, is_full=True).unlisted == 0

    @pytest.mark.parametrize("fault", [Fault.TOTAL_TOO_LARGE, Fault.TOTAL_TOO_SMALL, Fault.NO_TOTAL])
    def test_a_full_run_marks_nothing_where_its_count_differs_from_the_registrys(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory, fault: Fault
    ) -> None:
        large.withdraw(MONDAY, "NCT00000003")
        server.show(large, MONDAY)
        server.fail_next(None, fault)
        assert run(engine, server, is_full=True).warnings != ()
        assert unlisted(engine) == {}

    def test_a_record_that_cannot_be_read_is_listed(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory
    ) -> None:
        server.sent = lambda one: {**one, "hasResults": 3} if "NCT00000005" in str(one) else one
        assert run(engine, server, is_full=True).rejected == 1
        assert unlisted(engine) == {}

    def test_a_record_whose_id_cannot_be_told_may_be_any_of_them(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory
    ) -> None:
        server.sent = lambda one: {} if "NCT00000005" in str(one) else one
        assert run(engine, server, is_full=True).warnings != ()
        assert unlisted(engine) == {}

    def test_a_full_run_narrowed_to_a_condition_marks_nothing(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory
    ) -> None:
        large.withdraw(MONDAY, "NCT00000003")
        large.show(MONDAY, trial(4, updated=MONDAY, conditions=["Gout"]))
        server.show(large, MONDAY)
        run(engine, server, condition="asthma", is_full=True)
        assert unlisted(engine) == {}

    def test_made_up_trials_are_not_the_registrys(
        self, engine: Engine, server: CtgovServer, large: RegistryHistory
    ) -> None:
        sync(engine, CTGOV, source([study("NCT90000001")], name="demo"), lambda *_: None)
        run(engine, server, is_full=True)
        assert unlisted(engine) == {}


class TestFieldsThatAreSuddenlyEmpty:
    @staticmethod
    def without(module: str, name: str, *numbers: int) -> Callable[[Study], Study]:
        ids = {f"NCT{number:08d}" for number in numbers}

        def sent(one: Study) -> Study:
            protocol = one["protocolSection"]
            if protocol["identificationModule"]["nctId"] not in ids:
                return one
            less = {key: value for key, value in protocol[module].items() if key != name}
            return {**one, "protocolSection": {**protocol, module: less}}

        return sent

    @pytest.mark.parametrize(
        ("module", "name"),
        [
            ("identificationModule", "briefTitle"),
            ("statusModule", "overallStatus"),
            ("designModule", "studyType"),
            ("sponsorCollaboratorsModule", "leadSponsor"),
            ("conditionsModule", "conditions"),
            ("identificationModule", "nctId"),
        ],
    )
    def test_suddenly_empty_fields_stop_the_run_before_the_batch_is_written(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory, module: str, name: str
    ) -> None:
        server.show(history, FRIDAY)
        run(engine, server)
        history.show(MONDAY, *(trial(number, "Updated", updated=MONDAY) for number in range(1, 8)))
        server.show(history, MONDAY)
        server.sent = self.without(module, name, 1, 2, 3)
        before = contents(engine)
        with pytest.raises(SuspiciousBatchError, match=f"3 of 7 records without {name}"):
            run(engine, server)
        assert contents(engine) == before
        server.behave()
        run(engine, server)
        assert set(titles(engine).values()) == {"Updated"}

    def test_suddenly_empty_fields_stop_a_first_run(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        server.show(history, FRIDAY)
        server.sent = self.without("statusModule", "overallStatus", *range(1, 8))
        with pytest.raises(SuspiciousBatchError):
            run(engine, server)
        assert titles(engine) == {}
        assert len(titles(engine)) == 0
        assert run(engine, server, accepts_removals=True).new == 7
        server.sent = self.without("statusModule", "overallStatus", *range(1, 20))
        history.show(MONDAY, *(trial(number, updated=MONDAY) for number in range(4, 15)))
        server.show(history, MONDAY)
        assert run(engine, server).new == 7  # a field that most stored trials lack is not a sudden gap

    def test_one_empty_record_of_a_small_batch_does_not_stop_the_run(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory
    ) -> None:
        server.show(history, FRIDAY)
        server.sent = self.without("statusModule", "overallStatus", 1)
        assert run(engine, server).new == 7


class TestATrialThatComesTwice:
    @pytest.mark.parametrize("moves_on", [False, True], ids=["same day", "every day a new version"])
    @pytest.mark.parametrize("is_reversed", [False, True])
    def test_a_trial_that_comes_twice_settles_on_one_content_whatever_the_order(
        self, engine: Engine, server: CtgovServer, history: RegistryHistory, is_reversed: bool, moves_on: bool
    ) -> None:
        chosen = set()
        for day in range(10, 15):
            server.show(history, f"2026-03-{day if moves_on else 10}")
            twice = [trial(1, f"Content {letter}", version=f"2026-03-{day}") for letter in "AB"]
            if is_reversed == (day != 12):  # now in the other order on one day
                twice.reverse()
            server.studies = [twice[0], *server.studies[1:4], twice[1], *server.studies[4:]]
            summary = run(engine, server, page_size=2, is_full=True)
            chosen.add(titles(engine)["NCT00000001"])
            assert summary.changed == 0 or day == 10
        assert len(chosen) == 1
        assert problems(engine) == []
        server.show(history, "2026-03-20")
        server.studies[0] = trial(1, "The only one", version="2026-03-20")
        run(engine, server, page_size=2)
        assert titles(engine)["NCT00000001"] == "The only one"
        assert rows_of(engine, "SELECT * FROM rejected_record") == []


def test_an_envelope_out_of_order_is_one_line_and_no_later_run_is_the_worse_for_it(
    engine: Engine, server: CtgovServer, history: RegistryHistory
) -> None:
    server.show(history, FRIDAY)
    server.fail_next(None, *[as_json({"studies": [], "nextPageToken": {"a": 1}})] * 2)
    with pytest.raises(FetchError, match="nextPageToken is not text") as caught:
        run(engine, server)
    assert "\n" not in str(caught.value)
    assert run(engine, server).new == 7
