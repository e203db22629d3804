"""The time of the next run, whatever happened to the service, its file and the clock."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.models import SyncRun
from app.serving.due import LastSync, due_at, retry_after
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

NOW = datetime.fromisoformat("2026-11-20T12:00:00")
DAY = timedelta(days=1)


@pytest.fixture
def last(settings: Settings, tmp_path: Path) -> LastSync:
    return LastSync(settings, tmp_path / "trialmark.db.sync")


def add_run(engine: Engine, finished_at: datetime, source: str = "ctgov") -> None:
    run = SyncRun(
        source=source,
        started_at=finished_at,
        finished_at=finished_at,
        read=1,
        new=1,
        changed=0,
        unchanged=0,
        rejected=0,
    )
    with Session(engine) as session, session.begin():
        session.add(run)


class TestLastSync:
    def test_an_empty_database_has_no_last_sync_whatever_the_file_says(self, last: LastSync) -> None:
        last.note(NOW)
        assert last.read() is None

    def test_files_and_narrower_runs_do_not_count_as_a_sync(
        self, last: LastSync, engine: Engine, ingest: Ingest
    ) -> None:
        ingest([study()])
        add_run(engine, NOW, "ctgov: gout")
        assert last.read() is None

    def test_the_last_sync_is_the_later_of_what_the_database_and_the_file_say(
        self, last: LastSync, engine: Engine, ingest: Ingest
    ) -> None:
        ingest([study()])
        add_run(engine, NOW)
        assert last.read() == NOW
        last.note(NOW - DAY)
        assert last.read() == NOW
        last.note(NOW + DAY)
        assert last.read() == NOW + DAY

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", '{"finished_at": 1}', '{"finished_at": "soon"}', "\udce9"]
    )
    def test_an_unreadable_file_names_no_sync(
        self, last: LastSync, ingest: Ingest, tmp_path: Path, content: str
    ) -> None:
        ingest([study()])
        (tmp_path / "trialmark.db.sync").write_text(content, encoding="utf-8", errors="surrogateescape")
        assert last.read() is None

    def test_a_place_that_cannot_be_written_is_no_failure(self, settings: Settings, tmp_path: Path) -> None:
        LastSync(settings, tmp_path).note(NOW)


class TestDueAt:
    def test_the_next_run_is_due_an_interval_after_the_last(self) -> None:
        assert due_at(NOW - timedelta(hours=1), DAY, NOW) == NOW + timedelta(hours=23)

    def test_the_next_run_is_due_now_without_a_last_one(self) -> None:
        assert due_at(None, DAY, NOW) == NOW

    def test_the_next_run_is_due_now_when_the_clock_was_set_back_behind_the_last(self) -> None:
        assert due_at(NOW + timedelta(days=300), DAY, NOW) == NOW


class TestRetryAfter:
    def test_each_failure_waits_longer_up_to_six_hours(self) -> None:
        waits = [retry_after(failures, DAY) for failures in range(1, 1_000)]
        assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
        assert waits == sorted(waits)
        assert waits[-1] == timedelta(hours=6)

    def test_none_waits_longer_than_the_interval(self) -> None:
        assert retry_after(9, timedelta(minutes=15)) == timedelta(minutes=15)
