"""Measures errors, waits and memory of a server that many clients read while other processes ingest updates.

`python -m tests.benchmarks load FILE --minutes 10 --clients 20`, where FILE holds real records.
"""

import gzip
import os
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter
from urllib.parse import urlencode

import orjson

from app.index.facets import FACETS
from app.search.budget import LONGEST_TEXT
from app.search.query import PER_PAGE
from tests.benchmarks.scale.place import Place, write_lines
from tests.benchmarks.scale.processes import HOST, Server, run, serving
from tests.benchmarks.scale.report import Fact, facts_table, megabytes
from tests.benchmarks.scale.samples import SEED, Samples

_CHANGED = 600
"""Number of records in one update."""
_UPDATES_AT = (0.2, 0.6)
"""When updates begin, as shares of the whole time."""
_OF_A_KIND = 150
_FRAGMENTS = 0.4
"""Share of the requests that ask for a fragment, as htmx does."""
_COMPRESSED = 0.7
_HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
_GIVES_UP_AFTER = 60
"""Seconds after which a client gives a request up."""

Addresses = Mapping[str, Sequence[str]]
"""Addresses by kind of page."""


@dataclass
class _Kind:
    waits: list[float] = field(default_factory=list)
    """Waits in milliseconds."""
    failures: Counter[str] = field(default_factory=Counter)
    """Failures by 5xx status, or by what broke the connection."""


@dataclass
class _Readings:
    by_kind: dict[str, _Kind] = field(default_factory=lambda: defaultdict(_Kind))

    def __add__(self, other: "_Readings") -> "_Readings":
        both = _Readings()
        for readings in (self, other):
            for name, kind in readings.by_kind.items():
                both.by_kind[name].waits += kind.waits
                both.by_kind[name].failures += kind.failures
        return both


def measure_load(arguments: Sequence[str]) -> str:
    parser = ArgumentParser(prog="python -m tests.benchmarks load")
    parser.add_argument("records", type=Path, help="a file of the registry's records")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=20)
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="trialmark-load-") as folder:
        place = Place(Path(folder) / "trialmark.db", 0)
        print(run(place, "ingest", str(asked.records)).output, flush=True)
        updates = _write_updates(Path(folder), asked.records)
        with serving(place) as server:
            addresses = _addresses(Samples(place.settings))
            return _load(place, server, addresses, updates, asked.clients, asked.minutes * 60)


def _load(
    place: Place, server: Server, addresses: Addresses, updates: Sequence[Path], clients: int, seconds: float
) -> str:
    is_over = Event()
    memory: list[int] = []
    said: list[str] = []
    with ThreadPoolExecutor(clients + len(updates) + 1) as threads:
        readings = [
            threads.submit(_read, server.port, addresses, number, is_over) for number in range(clients)
        ]
        updating = [
            threads.submit(_update, place, path, part * seconds, is_over)
            for path, part in zip(updates, _UPDATES_AT, strict=True)
        ]
        watching = threads.submit(_watch, server, memory, is_over)
        is_over.wait(seconds)
        is_over.set()
        found = sum((reading.result() for reading in readings), _Readings())
        said += [update.result() for update in updating]
        watching.result()
    return "\n\n".join((_kinds_table(found), _facts(found, memory, said, clients, seconds)))


def _read(port: int, addresses: Addresses, number: int, is_over: Event) -> _Readings:
    """Fetch one page after the other, as one client over a connection that it keeps."""
    random, readings = Random(SEED + number), _Readings()
    connection = HTTPConnection(HOST, port, timeout=_GIVES_UP_AFTER)
    while not is_over.is_set():
        name = random.choice(sorted(addresses))
        kind = readings.by_kind[name]
        started = perf_counter()
        try:
            connection.request("GET", random.choice(addresses[name]), headers=_headers(random))
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            kind.failures[type(error).__name__] += 1
            connection.close()
            continue
        if answer.status >= 500:
            kind.failures[str(answer.status)] += 1
        kind.waits.append((perf_counter() - started) * 1000)
    connection.close()
    return readings


def _headers(random: Random) -> dict[str, str]:
    encoding = "gzip" if random.random() < _COMPRESSED else "identity"
    fragment = _HTMX if random.random() < _FRAGMENTS else {}
    return {"Accept-Encoding": encoding, **fragment}


def _update(place: Place, changes: Path, after: float, is_over: Event) -> str:
    """Ingest an update in a process of its own once its time has come."""
    return "left out" if is_over.wait(after) else run(place, "ingest", str(changes)).output


def _watch(server: Server, memory: list[int], is_over: Event) -> None:
    """Note the server's memory each minute."""
    while not is_over.wait(60):
        memory.append(server.memory().whole)
    memory.append(server.memory().whole)


def _write_updates(folder: Path, records: Path) -> list[Path]:
    """Write two files of changed records, updated later, with other titles, statuses, sponsors and conditions."""
    with (gzip.open if records.suffix == ".gz" else open)(records, "rb") as lines:
        studies = [orjson.loads(line) for line in lines]
    random = Random(SEED)
    updates = []
    for number in range(len(_UPDATES_AT)):
        changed = random.sample(studies, min(_CHANGED, len(studies)))
        updates.append(folder / f"update-{number}.ndjson.gz")
        write_lines(updates[-1], (_changed(study, number, studies, random) for study in changed))
    return updates


def _changed(
    study: dict[str, dict[str, dict[str, object]]], number: int, others: Sequence[object], random: Random
) -> bytes:
    protocol = study["protocolSection"]
    other = random.choice(others)
    assert isinstance(other, dict)
    protocol["identificationModule"]["briefTitle"] = f"Changed {number}: a trial"
    protocol["statusModule"]["overallStatus"] = random.choice(("RECRUITING", "COMPLETED", "SUSPENDED"))
    # Later than what is stored, and not to come: a day to come is taken for a mistake.
    day = date.today() - timedelta(days=len(_UPDATES_AT) - 1 - number)  # noqa: DTZ011
    protocol["statusModule"]["lastUpdatePostDateStruct"] = {"date": day.isoformat(), "type": "ACTUAL"}
    for module in ("conditionsModule", "sponsorCollaboratorsModule"):
        protocol[module] = other["protocolSection"].get(module, {})
    study["derivedSection"] |= {
        name: value for name, value in other["derivedSection"].items() if name == "conditionBrowseModule"
    }
    return orjson.dumps(study)


def _addresses(samples: Samples) -> Addresses:
    random = Random(SEED)
    begun, mistyped = samples.typed(_OF_A_KIND)
    words = [word for some in samples.words().values() for word in some]
    first, far = samples.sorted_lists()
    filtered = [query.url() for query in samples.some_filters(_OF_A_KIND)]
    conditions = list(samples.values["condition"])
    return {
        "home": ["/"],
        "list": [
            "/trials",
            *(f"/trials?page={page}" for page in range(2, len(samples.registry_ids) // PER_PAGE)),
        ],
        "list, one filter": [address for facet in FACETS for address in samples.of_facet(facet.name)],
        "list, several filters": filtered,
        "list, orders": [*first, *far],
        "list, words": [_with("/trials", "q", word) for word in words],
        "list, what is typed wrong": [_with("/trials", "q", text[:LONGEST_TEXT]) for text in mistyped],
        "list, condition matched otherwise": [
            f"{_with('/trials', 'condition', slug)}&condition_match={match}"
            for slug in random.sample(conditions, min(50, len(conditions)))
            for match in ("exact", "related")
        ],
        "values of a filter": [f"/trials/filter/{facet.name}" for facet in FACETS],
        "suggestions": [_with("/trials/suggest", "q", text) for text in (*begun, *mistyped)],
        "conditions": ["/conditions", *(_with("/conditions", "q", text) for text in begun[:30])],
        "a condition": [
            f"/conditions/{slug}" for slug in random.sample(conditions, min(_OF_A_KIND, len(conditions)))
        ],
        "a trial": samples.trial_pages(400),
        "a document": [f"{address}.json" for address in samples.trial_pages(100)],
        "API": [f"/api/v1{address}" for address in filtered],
        "about": ["/about/data", "/readyz"],
    }


def _with(path: str, name: str, value: str) -> str:
    return f"{path}?{urlencode({name: value})}"


def _kinds_table(found: _Readings) -> str:
    lines = ["| page | requests | errors | p50 ms | p95 | p99 | longest |", "|---|---|---|---|---|---|---|"]
    lines += [_row(name, found.by_kind[name]) for name in sorted(found.by_kind)]
    return "\n".join([*lines, _row("all", _all(found))])


def _row(name: str, kind: _Kind) -> str:
    waits = sorted(kind.waits) or [0.0]
    percentiles = " | ".join(f"{waits[int(len(waits) * part)]:,.0f}" for part in (0.5, 0.95, 0.99))
    failures = ", ".join(f"{times} x {what}" for what, times in sorted(kind.failures.items())) or "0"
    return f"| {name} | {len(kind.waits):,} | {failures} | {percentiles} | {waits[-1]:,.0f} |"


def _all(found: _Readings) -> _Kind:
    together = _Kind()
    for kind in found.by_kind.values():
        together.waits += kind.waits
        together.failures += kind.failures
    return together


def _facts(found: _Readings, memory: Sequence[int], said: Sequence[str], clients: int, seconds: float) -> str:
    together = _all(found)
    waits = sorted(together.waits)
    p99 = waits[int(len(waits) * 0.99)]
    growth = f"{memory[-1] / memory[4]:.3f}" if len(memory) > 5 else "told of more than five minutes"
    facts: Iterator[Fact] = iter(
        (
            Fact("clients, seconds", f"{clients}, {seconds:,.0f}"),
            Fact("load average, processors", f"{os.getloadavg()[0]:.1f}, {os.cpu_count()}"),
            Fact("requests", f"{len(waits):,}, {len(waits) / seconds:,.0f} a second"),
            Fact("errors", f"{together.failures.total():,}", "0"),
            Fact("p99 of all", f"{p99:,.0f} ms", "1,000 ms"),
            *(Fact(f"update {number}", text) for number, text in enumerate(said, start=1)),
            Fact("server's memory by minute", ", ".join(map(megabytes, memory))),
            Fact("memory of the last minute beside the fifth", growth, "0.95 to 1.05"),
        )
    )
    return facts_table(facts)
