"""Measures the load of a file of changed trials while another process reads lists all the time."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import orjson

from tests.benchmarks.scale.load import reader
from tests.benchmarks.scale.place import Place, write_lines
from tests.benchmarks.scale.processes import Ended, Server, run, serving
from tests.benchmarks.scale.report import Fact, Times, facts_table, times_table
from tests.benchmarks.scale.samples import Samples, apart

_CHANGED = 3_000
_STATUSES = ("suspended", "withdrawn")
_LISTS = 50
_ROUNDS = 100
"""Rounds of requests, more than there is time for while the load runs."""


def measure_changes(place: Place) -> str:
    status = _rarer_status(place)
    changed = _write_changes(place, status)
    samples = Samples(place.settings)
    lists = ["/trials", *(query.url() for query in samples.some_filters(_LISTS))]
    with serving(place) as server:
        server.ask(lists)
        undisturbed = server.ask(apart(lists))
        before = _count(server, status)
        expected = before + _without(place, changed, status)
        with reader(server.port, apart(lists * _ROUNDS)) as waits:
            ended = run(place, "ingest", str(place.changes))
        after = _count(server, status)
    facts = [
        Fact(f"load of {len(changed):,} changed trials", _seconds(ended), "15 seconds"),
        Fact("peak memory of it", str(ended.peak), "600 MB"),
        Fact("the program says", ended.output),
        Fact("count of one status before, right after", f"{before:,}, {after:,}", f"{expected:,}"),
    ]
    times = [
        Times("a reader's wait for lists before the load", undisturbed),
        Times("a reader's wait for lists during the load", waits.milliseconds, "max 100"),
    ]
    return f"{facts_table(facts)}\n\n{times_table(times)}"


def _seconds(ended: Ended) -> str:
    return f"{ended.seconds:.1f} seconds ({ended.cpu_seconds:.1f} of processor time)"


def _rarer_status(place: Place) -> str:
    """Return the status that the last run did not set, so that the counts change."""
    with closing(sqlite3.connect(place.database)) as connection:
        stored = [row[0] for row in connection.execute("SELECT status FROM trial")]
    return min(_STATUSES, key=stored.count)


def _write_changes(place: Place, status: str) -> list[str]:
    """Write every so many trials with this status and a title of their own, and return their ids."""
    registry_ids: list[str] = []
    now = datetime.now(UTC).isoformat(timespec="seconds")

    def changed() -> Iterator[bytes]:
        step = max(2, place.trials // _CHANGED)
        with gzip.open(place.studies) as lines:
            for number, line in enumerate(lines):
                if number % step == 0 and len(registry_ids) < _CHANGED:
                    study = orjson.loads(line)
                    protocol = study["protocolSection"]
                    protocol["identificationModule"]["briefTitle"] += f", changed {now}"
                    protocol["statusModule"]["overallStatus"] = status.upper()
                    registry_ids.append(protocol["identificationModule"]["nctId"])
                    yield orjson.dumps(study)

    write_lines(place.changes, changed())
    return registry_ids


def _without(place: Place, registry_ids: list[str], status: str) -> int:
    """Return the trials that have another status so far."""
    with closing(sqlite3.connect(place.database)) as connection:
        found = connection.execute(
            "SELECT count(*) FROM trial JOIN json_each(?) ON trial.registry_id = json_each.value "
            "WHERE trial.status IS NOT ?",
            (orjson.dumps(registry_ids).decode(), status),
        )
        return int(found.fetchone()[0])


def _count(server: Server, status: str) -> int:
    """Return the number of trials with the status, as its facet counts them."""
    choices = orjson.loads(server.body("/api/v1/trials"))["facets"]["status"]
    return next((int(choice["count"]) for choice in choices if choice["value"] == status), 0)
