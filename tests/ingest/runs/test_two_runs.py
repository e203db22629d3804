"""Two runs at once over one database end as one run after the other does."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from threading import Barrier, Thread

import orjson
import pytest
from sqlalchemy import Engine

from app.database.engine import open_engine
from app.ingest.checks.check import problems
from app.ingest.runs.run_lock import WAITING, one_run
from app.ingest.runs.sync import sync
from app.ingest.sources.files import open_files
from app.registries import CTGOV
from app.settings import Settings
from tests.factories import Study, source, study
from tests.support.contents import Contents, contents_of_trials, differences
from tests.support.live_runs import titles

ROUNDS = 20
GOUT, NAMED_ALIKE = [("D006073", "Gout")], [("D999001", "Gout")]


def older() -> list[Study]:
    return [
        study(f"NCT0000000{number}", title="Older", updated="2026-01-01", mesh=GOUT) for number in range(1, 6)
    ]


def newer() -> list[Study]:
    """Make studies that overlap with those of `older`, and that know its concept by another id."""
    return [
        study(
            f"NCT0000000{number}", title="Newer", updated="2026-02-01", mesh=NAMED_ALIKE, conditions=["Gout"]
        )
        for number in range(3, 8)
    ]


def opened(path: Path) -> Engine:
    return open_engine(Settings(database_url=f"sqlite:///{path}"))


def load(path: Path, studies: list[Study], name: str) -> None:
    engine = opened(path)
    sync(engine, CTGOV, source(studies, name=name), lambda *_: None)
    engine.dispose()


def ending(path: Path) -> Contents:
    engine = opened(path)
    found = contents_of_trials(engine)
    assert problems(engine) == []
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def one_after_the_other(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Contents]:
    endings = []
    for order in ([older, newer], [newer, older]):
        path = tmp_path_factory.mktemp("serial") / "trialmark.db"
        shutil.copy(empty_database, path)
        for studies in order:
            load(path, studies(), studies.__name__)
        endings.append(ending(path))
    return endings


def at_once(path: Path, *runs: Callable[[], list[Study]]) -> None:
    """Start the runs at the same moment, each in a thread of its own."""
    start = Barrier(len(runs))
    failures: list[BaseException] = []

    def one(studies: Callable[[], list[Study]]) -> None:
        try:
            start.wait()
            load(path, studies(), "a run")
        except BaseException as error:  # noqa: BLE001  asserted on below
            failures.append(error)

    threads = [Thread(target=one, args=(studies,)) for studies in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize("number", range(ROUNDS))
def test_the_end_is_that_of_one_after_the_other(
    empty_database: Path, tmp_path: Path, one_after_the_other: list[Contents], number: int
) -> None:
    path = tmp_path / "trialmark.db"
    shutil.copy(empty_database, path)
    at_once(path, older, newer)
    end = ending(path)
    assert {} in [differences(end, serial) for serial in one_after_the_other]


def test_without_taking_turns_no_older_version_wins_either(
    empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writing transaction compares each version with what is stored.

    What records teach the vocabulary is safe only when runs take turns.
    """
    plain = [[{**one, "derivedSection": {}} for one in studies()] for studies in (older, newer)]
    monkeypatch.setattr("app.ingest.runs.sync.one_run", lambda _engine: nullcontext())
    for number in range(5):
        path = tmp_path / f"{number}.db"
        shutil.copy(empty_database, path)
        at_once(path, *(lambda studies=studies: studies for studies in plain))
        engine = opened(path)
        found = titles(engine)
        engine.dispose()
        assert [found[f"NCT0000000{trial}"] for trial in range(1, 8)] == ["Older"] * 2 + ["Newer"] * 5


def test_processes_take_turns_as_well(empty_database: Path, tmp_path: Path, engine: Engine) -> None:
    """A run in another process waits until the lock is free, and says so."""
    file = tmp_path / "studies.ndjson"
    file.write_bytes(b"\n".join(map(orjson.dumps, older())))
    path = Path(str(engine.url.database))
    command = [sys.executable, "-c", _RUN, str(path), str(file)]
    with one_run(engine):
        other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline().strip() == WAITING
        assert titles(engine) == {}
        sync(engine, CTGOV, open_files(file), lambda *_: None)
    assert other.communicate(timeout=120)[0].strip() == "5 unchanged"
    assert other.returncode == 0


_RUN = """
import sys
from pathlib import Path
from app.database.engine import open_engine
from app.ingest.sources.files import open_files
from app.ingest.runs.run_lock import one_run
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.settings import Settings

engine = open_engine(Settings(database_url=f"sqlite:///{sys.argv[1]}"))
with one_run(engine, lambda said: print(said, flush=True)):
    print(sync(engine, CTGOV, open_files(Path(sys.argv[2])), lambda *_: None).unchanged, "unchanged")
"""
