"""A long run prepares records in worker processes, and a first load leaves the counts to its end."""

import os
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.database.engine import open_engine, writing
from app.index.revision import mark_loading
from app.ingest.checks.check import interruptions, problems
from app.ingest.long_work.reindex import reindex
from app.ingest.long_work.relink import relink_everything
from app.ingest.runs.sync import Summary, sync
from app.ingest.sources.source import SourceError
from app.ingest.write.late_indexes import drop_late_indexes
from app.registries import CTGOV
from app.settings import Settings
from tests.factories import Study, source, study
from tests.support.file_runs import run_over
from tests.support.tables import meaning, rows_of


def studies(count: int, **about: Any) -> list[Study]:
    """Make studies, of which every second one is indexed with a disease that no earlier record brought."""
    return [
        study(
            f"NCT{number:08d}",
            title=f"Trial {number}",
            conditions=[f"Disease {number % 7}"],
            mesh=[(f"D90000{number % 7}", f"Disease {number % 7}")] if number % 2 else [],
            **about,
        )
        for number in range(1, count + 1)
    ]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use worker processes from the third batch on, with batches of three records."""
    monkeypatch.setattr("app.ingest.runs.sync.BATCH", 3)
    monkeypatch.setattr("app.ingest.prepare.worker_pool.BATCHES_BEFORE_WORKERS", 2)
    monkeypatch.setattr("app.ingest.runs.sync.BATCHES_BEFORE_WORKERS", 2)


def beside(records: Sequence[Study | bytes], empty_database: Path, tmp_path: Path) -> dict[str, list[str]]:
    """Return what the rows say when this process prepares all the records itself."""
    path = tmp_path / "beside.db"
    shutil.copy(empty_database, path)
    engine = open_engine(Settings(database_url=f"sqlite:///{path}"))
    run_over(engine, *records)
    found = meaning(engine)
    engine.dispose()
    return found


def test_records_prepared_in_other_processes_are_stored_as_those_prepared_here(
    engine: Engine, empty_database: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    records: list[Study | bytes] = [*studies(30), b"{broken"]
    expected = beside(records, empty_database, tmp_path)
    request.getfixturevalue("elsewhere")
    assert run_over(engine, *records) == Summary(read=31, new=30, rejected=1)
    assert meaning(engine) == expected
    assert problems(engine) == []
    assert run_over(engine, *records) == Summary(read=31, unchanged=30, rejected=1)


@pytest.mark.usefixtures("elsewhere")
def test_a_version_that_comes_again_after_a_later_one_is_older(engine: Engine) -> None:
    """The worker prepares the third version while the first one is still stored."""
    first = studies(18)
    run_over(engine, *first)
    later = study("NCT00000009", title="Later", updated="2026-05-01")
    summary = run_over(engine, *first[:8], later, *first[9:], first[8])
    assert summary == Summary(read=19, changed=1, unchanged=17, older=1)
    assert rows_of(engine, "SELECT title FROM trial WHERE id = 9") == [("Later",)]


@pytest.mark.usefixtures("elsewhere")
def test_ids_that_processes_learn_under_one_name_are_one_condition(engine: Engine) -> None:
    records = [
        study(mesh=[(f"D80000{number}", "One name")], conditions=["One name"]) for number in range(1, 9)
    ]
    run_over(engine, *records, *studies(9))
    assert problems(engine) == []
    for table in ("condition", "concept"):
        found = rows_of(engine, f"SELECT mesh_id, slug FROM {table} WHERE slug LIKE 'one-name%'")
        assert found == [("D800001", "one-name")]


@pytest.mark.usefixtures("elsewhere")
def test_during_a_first_load_the_counts_are_left_to_its_end(engine: Engine) -> None:
    told: list[tuple[int, int]] = []

    def look(batch: int) -> None:
        [(count,)] = rows_of(
            engine, "SELECT count FROM facet_posting WHERE facet = 'trial' AND value = 'all'"
        )
        told.append((batch, count))

    _watched(engine, studies(12), look)
    assert told == [(3, 3), (6, 6), (9, 6), (12, 6)]
    assert rows_of(engine, "SELECT is_loading FROM data_version") == [(0,)]
    assert problems(engine) == []


@pytest.mark.usefixtures("elsewhere")
def test_during_a_first_load_indexes_that_batches_would_write_all_over_are_left_to_its_end(
    engine: Engine,
) -> None:
    complete = indexes(engine)
    missing: list[set[str]] = []
    _watched(engine, studies(12), lambda _read: missing.append(complete - indexes(engine)))
    of_names = {"ix_trial_condition_stated", "ix_intervention_search_words"}
    late = {"ix_trial_orders", "ix_trial_condition_condition_id", *of_names} | {
        f"ix_trial_{named}_{named}_id" for named in ("intervention", "sponsor")
    }
    assert missing == [set(), set(), late, late]
    assert indexes(engine) == complete
    _watched(
        engine, studies(12, updated="2026-05-01"), lambda _read: missing.append(complete - indexes(engine))
    )
    assert missing[4:] == [set()] * 4


@pytest.mark.usefixtures("elsewhere")
def test_a_first_load_that_its_source_breaks_off_is_counted_as_far_as_it_came(engine: Engine) -> None:
    def fail(read: int) -> None:
        if read == 9:
            raise SourceError("the file ends in the middle")

    complete = indexes(engine)
    with pytest.raises(SourceError):
        _watched(engine, studies(12), fail)
    assert rows_of(engine, "SELECT count(*) FROM trial") == [(9,)]
    assert problems(engine) == []
    assert indexes(engine) == complete


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    "complete",
    [
        lambda engine: run_over(engine, *studies(9)),
        lambda engine: reindex(engine, lambda *_: None),
        lambda engine: relink_everything(engine, lambda *_: None),
    ],
    ids=["the next run", "reindex", "another vocabulary"],
)
def test_a_first_load_that_was_killed_is_completed(
    engine: Engine, complete: Callable[[Engine], object]
) -> None:
    before = indexes(engine)
    run_over(engine, *studies(9))
    with writing(engine) as session:  # as a killed process leaves it
        mark_loading(session, is_loading=True)
        drop_late_indexes(session)
        session.connection().exec_driver_sql("DELETE FROM facet_posting")
    assert problems(engine) == []
    assert interruptions(engine)[0].startswith("a first load is not finished")
    complete(engine)
    assert interruptions(engine) == problems(engine) == []
    assert indexes(engine) == before
    assert run_over(engine, *studies(9)) == Summary(read=9, unchanged=9)


@pytest.mark.usefixtures("elsewhere")
def test_a_process_that_is_killed_ends_the_run_with_advice_and_what_was_written_stays(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.prepare.worker_pool._prepare", _die)
    with pytest.raises(SourceError, match=r"killed from outside.*run it again"):
        run_over(engine, *studies(12))
    assert rows_of(engine, "SELECT count(*) FROM trial") == [(6,)]
    assert problems(engine) == []


def indexes(engine: Engine) -> set[str]:
    return {str(name) for (name,) in rows_of(engine, "SELECT name FROM sqlite_schema WHERE type = 'index'")}


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _watched(engine: Engine, records: list[Study], look: Any) -> None:
    sync(engine, CTGOV, source(records), lambda _done, read: look(read))
