"""Kills runs by SIGKILL at random moments, with workers and readers beside them, and checks what they leave.

    python -m tests.campaigns.kills FILE --mesh FILE [--kills 50] [--seed N] [--only load|increment|mesh|reindex]

After each kill `trialmark check` must find nothing, and no page may have failed meanwhile. The same command, run again,
must end with the very rows that it ends with when nothing disturbs it.
"""

import argparse
import gzip
import logging
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic

import orjson
import structlog
from starlette.testclient import TestClient

from app.database.engine import migrate, open_engine
from app.main import create_app
from app.settings import Settings
from tests.support.contents import Contents, derived_contents, differences

PROGRAM = [sys.executable, "-c", "from app.cli import main; main()"]
PAGES = (
    *(
        "/",
        "/trials",
        "/trials?q=cancer",
        "/trials?status=completed&sort=enrollment",
        "/conditions",
        "/about/data",
    ),
    *("/trials?condition=asthma", "/trials/suggest?q=can", "/trials/filter/condition?q=a", "/trials?page=2"),
)
SCENARIOS = ("load", "increment", "mesh", "reindex")
_LONGEST = 1_800
"""Seconds that one command may take."""


@dataclass
class Scenario:
    """A command to kill, and the database that it begins with."""

    name: str
    command: list[str]
    start: Path
    expected: Contents = field(default_factory=dict)
    seconds: float = 0.0
    """Seconds that an undisturbed run takes."""


@dataclass(frozen=True)
class Outcome:
    """Faults found after one kill; all lists are empty where there was none."""

    scenario: str
    at: float
    was_killed: bool
    check: str
    """Unexpected output of `trialmark check`."""
    failed_pages: list[str]
    different: list[str]
    """Tables whose rows differ from those after an undisturbed run."""
    said: str
    """What the check says about unfinished work."""

    @property
    def is_good(self) -> bool:
        return not (self.check or self.failed_pages or self.different)

    def __str__(self) -> str:
        state = "good" if self.is_good else f"BAD {self.check} {self.failed_pages} {self.different}"
        fate = f"killed after {self.at:.1f} s" if self.was_killed else "ended before the kill"
        return f"{self.scenario}: {fate}: {state}{f' ({self.said})' if self.said else ''}"


def kill_at_random(scenario: Scenario, chance: random.Random, folder: Path) -> Outcome:
    """Kill a scenario's command once, check the database, and run the command to its end."""
    database = folder / "killed.db"
    _copy(scenario.start, database)
    at = chance.uniform(0.2, 1.0) * scenario.seconds
    with _reader(database) as failed_pages:
        was_killed = _run_and_kill(scenario.command, database, at)
        checked = _run(["check"], database)
        said = " ".join(line for line in checked.stderr.splitlines() if line.startswith("Unfinished"))
        complaints = "" if checked.returncode == 0 else checked.stdout + checked.stderr
        again = _run(scenario.command, database)
        if again.returncode:
            complaints += again.stdout + again.stderr
        final = _run(["check"], database)
        if final.returncode or final.stderr:
            complaints += final.stdout + final.stderr
    different = sorted(differences(_contents(database), scenario.expected))
    return Outcome(scenario.name, at, was_killed, complaints, failed_pages, different, said)


def scenarios(
    records: Sequence[bytes], mesh: Path, folder: Path, names: Collection[str] = SCENARIOS
) -> Iterator[Scenario]:
    """Yield the commands to kill, each with its first database.

    They are a first load, the other half of the records with changes to the first half, a load of MeSH, and a reindex
    of rows that are wrong.
    """
    whole, half = folder / "whole.ndjson", folder / "half.ndjson"
    whole.write_bytes(b"\n".join(records))
    half.write_bytes(b"\n".join(map(_older, records[: len(records) // 2])))
    load = ["ingest", str(whole)]
    empty = _fresh(folder / "empty.db")
    if "load" in names:
        yield _measured(Scenario("load", load, empty), folder)
    if "increment" in names:
        half_loaded = _after(empty, folder / "half.db", ["ingest", str(half)])
        yield _measured(Scenario("increment", load, half_loaded), folder)
    if {"mesh", "reindex"}.isdisjoint(names):
        return
    loaded = _after(empty, folder / "loaded.db", load)
    if "mesh" in names:
        yield _measured(Scenario("mesh", ["mesh", str(mesh)], loaded), folder)
    if "reindex" in names:
        spoiled = _spoiled(loaded, folder / "spoiled.db")
        yield _measured(Scenario("reindex", ["reindex"], spoiled), folder)


def records_of(files: Sequence[Path]) -> list[bytes]:
    """Return the lines of all files."""
    lines = []
    for file in files:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines += data.splitlines()
    return lines


def _older(record: bytes) -> bytes:
    """Return an earlier version of a study, with other conditions."""
    study = orjson.loads(record)
    protocol = study["protocolSection"]
    protocol["statusModule"]["lastUpdatePostDateStruct"] = {"date": "1999-01-01", "type": "ACTUAL"}
    protocol["conditionsModule"] = {"conditions": ["Odd Thing (OT)", "OT"]}
    study.get("derivedSection", {})["conditionBrowseModule"] = {
        "meshes": [{"id": "D000001", "term": "Odd Thing"}]
    }
    return orjson.dumps(study)


def _fresh(path: Path) -> Path:
    migrate(_settings(path))
    return path


def _after(start: Path, path: Path, command: list[str]) -> Path:
    _copy(start, path)
    done = _run(command, path)
    assert done.returncode == 0, done.stderr
    return path


def _spoiled(start: Path, path: Path) -> Path:
    """Put wrong titles everywhere, and mark a reindex as begun, without which `check` would rightly complain."""
    _copy(start, path)
    engine = open_engine(_settings(path))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE trial SET title = 'Of another time'")
        connection.exec_driver_sql(
            "INSERT INTO long_work (name, stamp, last_trial_id) VALUES ('reindex', '', 0)"
        )
    engine.dispose()
    return path


def _measured(scenario: Scenario, folder: Path) -> Scenario:
    database = folder / "undisturbed.db"
    _copy(scenario.start, database)
    started = monotonic()
    done = _run(scenario.command, database)
    scenario.seconds = monotonic() - started
    assert done.returncode == 0, done.stderr
    scenario.expected = _contents(database)
    return scenario


def _run(command: list[str], database: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PROGRAM, *command],
        capture_output=True,
        text=True,
        env=_environment(database),
        timeout=_LONGEST,
        check=False,
    )


def _run_and_kill(command: list[str], database: Path, at: float) -> bool:
    """Run a command and kill it with all its children after some seconds; return False if it ended before that."""
    process = subprocess.Popen(
        [*PROGRAM, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(database),
        start_new_session=True,
    )
    try:
        process.wait(timeout=at)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


@contextmanager
def _reader(database: Path) -> Iterator[list[str]]:
    """Fetch pages in turn in the background; yield a list that collects the failed ones."""
    failed: list[str] = []
    is_over = Event()
    with TestClient(create_app(_settings(database)), raise_server_exceptions=False) as client:
        thread = Thread(target=_read, args=(client.get, is_over, failed))
        thread.start()
        try:
            yield failed
        finally:
            is_over.set()
            thread.join()


def _read(get: Callable[[str], object], is_over: Event, failed: list[str]) -> None:
    while not is_over.is_set():
        for page in PAGES:
            status = int(getattr(get(page), "status_code"))  # noqa: B009  an attribute that any client may have
            if status >= 500:
                failed.append(f"{page}: {status}")
            if is_over.wait(0.02):
                return


def _contents(database: Path) -> Contents:
    engine = open_engine(_settings(database))
    found = derived_contents(engine)
    engine.dispose()
    return found


def _copy(start: Path, path: Path) -> None:
    """Copy a closed database with its write-ahead log over an earlier copy."""
    with closing(sqlite3.connect(start)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copy(start, path)


def _settings(path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{path}")


def _environment(database: Path) -> dict[str, str]:
    return {**os.environ, "TRIALMARK_DATABASE_URL": f"sqlite:///{database}"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path, help="files of registry records")
    parser.add_argument("--mesh", type=Path, required=True, help="a file of MeSH descriptors")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument("--only", choices=SCENARIOS, action="append")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    chance = random.Random(asked.seed)
    bad = 0
    with TemporaryDirectory() as name:
        records, names = records_of(asked.files), asked.only or SCENARIOS
        for scenario in scenarios(records, asked.mesh, Path(name), names):
            print(f"{scenario.name}: {scenario.seconds:.1f} s undisturbed", flush=True)
            for _ in range(asked.kills):
                outcome = kill_at_random(scenario, chance, Path(name))
                bad += not outcome.is_good
                print(outcome, flush=True)
    sys.exit(f"{bad} bad" if bad else 0)


if __name__ == "__main__":
    main()
