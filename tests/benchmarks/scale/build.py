"""Measures a first load, the same load again unchanged, and the least that a machine could need for the same file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import orjson
import zstandard

from app.ingest.prepare.record import ZSTD_LEVEL
from app.ingest.runs.sync import BATCH
from app.ingest.sources.files import open_files
from app.ingest.sources.source import RawRecord
from tests.benchmarks.scale.place import Place
from tests.benchmarks.scale.processes import Ended, run
from tests.benchmarks.scale.report import Fact, facts_table, megabytes, per_second


def measure_build(place: Place) -> str:
    """Build the database from scratch and measure the loads."""
    first = load(place)
    size = place.database_bytes()
    again = run(place, "ingest", str(place.studies))
    parsing, writing = least_spent(place.studies)
    both = parsing + writing
    return facts_table(
        [
            Fact(f"first load of {place.trials:,} trials", _rate(place, first), "1,500 a second"),
            Fact("peak memory of it", str(first.peak), "600 MB"),
            Fact("database", f"{megabytes(size)}, {size / place.trials:,.0f} bytes a trial"),
            Fact("the same file again, nothing changed", _rate(place, again), "6,000 a second"),
            Fact("peak memory of it", str(again.peak), "600 MB"),
            Fact("reading and parsing the file alone", per_second(place.trials, parsing.cpu_seconds)),
            Fact(
                "writing its documents alone, as zstd into SQLite",
                per_second(place.trials, writing.cpu_seconds),
            ),
            Fact(
                "first load / both of these, by the clock",
                f"{first.seconds / both.seconds:.1f} times",
                "4 times",
            ),
            Fact("the same, processor time", f"{first.cpu_seconds / both.cpu_seconds:.1f} times"),
        ]
    )


def load(place: Place) -> Ended:
    """Load the file into an empty database as `trialmark ingest` does, in a process of its own."""
    place.write_studies()
    place.remove_database()
    run(place, "migrate")
    return run(place, "ingest", str(place.studies))


def _rate(place: Place, ended: Ended) -> str:
    alone = per_second(place.trials, ended.cpu_seconds)
    return f"{per_second(place.trials, ended.seconds)} ({alone} of processor time)"


@dataclass(frozen=True)
class Spent:
    seconds: float = 0
    cpu_seconds: float = 0

    @classmethod
    def until_now(cls) -> "Spent":
        return cls(perf_counter(), process_time())

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.seconds - other.seconds, self.cpu_seconds - other.cpu_seconds)


def least_spent(path: Path) -> tuple[Spent, Spent]:
    """Measure the minimum: read and parse the records, and write them, compressed, to a table."""
    parsing = writing = Spent()
    records = open_files(path).records
    compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    with TemporaryDirectory(dir=path.parent) as folder, closing(sqlite3.connect(f"{folder}/raw.db")) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("CREATE TABLE document (id INTEGER PRIMARY KEY, document BLOB)")
        while True:
            started = Spent.until_now()
            batch = _parsed(records)
            parsed = Spent.until_now()
            raw.executemany(
                "INSERT INTO document (document) VALUES (?)", ((compressor.compress(data),) for data in batch)
            )
            raw.commit()
            parsing += parsed - started
            writing += Spent.until_now() - parsed
            if not batch:
                return parsing, writing


def _parsed(records: Iterator[RawRecord]) -> list[bytes]:
    batch = [record.data for record in islice(records, BATCH)]
    for data in batch:
        orjson.loads(data)
    return batch
