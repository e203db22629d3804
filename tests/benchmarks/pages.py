"""Measures the server time of pages beside that of a constant answer through the same server stack in the same run."""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from starlette.testclient import TestClient

from app import demo
from app.database.engine import migrate, open_engine, reading
from app.index.facets import FACETS
from app.ingest.runs.sync import sync
from app.ingest.sources.files import open_files
from app.ingest.sources.source import Source
from app.main import create_app
from app.registries import CTGOV
from app.search.counts.catalogue import Catalogues
from app.search.query import TrialQuery
from app.settings import Settings
from tests.factories import source

SYNTHETIC = 2_000
QUERIES = 300
TRIAL_PAGES = 2_000
SEED = 2026


def measure_pages(files: Sequence[Path]) -> str:
    """Return a Markdown table of milliseconds: median, 95th percentile, and the median against a constant."""
    with TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/trialmark.db")
        migrate(settings)
        engine = open_engine(settings)
        for read in _sources(files):
            sync(engine, CTGOV, read, lambda *_: None)
        engine.dispose()
        with TestClient(create_app(settings)) as client:
            return _table(client, settings)


def _sources(files: Sequence[Path]) -> Iterator[Source]:
    if files:
        yield from map(open_files, files)
    else:
        yield source(list(demo.studies(SYNTHETIC)), name="demo")


def _table(client: TestClient, settings: Settings) -> str:
    constant = _times(client, ["/healthz"] * QUERIES)
    rows = [("constant answer", constant)]
    rows += [(name, _times(client, urls)) for name, urls in _pages(settings)]
    lines = [
        "| page | requests | p50 ms | p95 ms | max ms | p50 / constant |",
        "|---|---|---|---|---|---|",
    ]
    for name, times in rows:
        ordered = sorted(times)
        p95 = ordered[int(len(ordered) * 0.95)]
        ratio = median(ordered) / median(constant)
        lines.append(
            f"| {name} | {len(ordered):,} | {median(ordered):.1f} | {p95:.1f} | {ordered[-1]:.1f} | {ratio:.1f} |"
        )
    return "\n".join(lines)


def _times(client: TestClient, urls: Iterable[str]) -> list[float]:
    """Return the milliseconds of each request after a warm-up; answers are not compressed."""
    addresses = list(urls)
    client.get(addresses[0])
    times = []
    for address in addresses:
        started = perf_counter()
        answer = client.get(address, headers={"Accept-Encoding": "identity"})
        times.append((perf_counter() - started) * 1000)
        assert answer.status_code == 200, (answer.status_code, address)
    return times


def _pages(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    chance = random.Random(SEED)
    engine = open_engine(settings, read_only=True)
    with reading(engine) as session:
        catalogue = Catalogues().current(session)
        values = {facet.name: list(catalogue.postings(session, facet.name)) for facet in FACETS}
        ids = [
            row[0]
            for row in session.connection().exec_driver_sql("SELECT registry_id FROM trial ORDER BY id")
        ]
        titles = [
            row[0] for row in session.connection().exec_driver_sql("SELECT title FROM trial ORDER BY id")
        ]
    engine.dispose()
    yield "list, no filter", ["/trials"] * QUERIES
    yield "list, 1 to 5 filters", [_some_filters(chance, values) for _ in range(QUERIES)]
    yield "list, words of a title", [f"/trials?q={chance.choice(titles).split()[0]}" for _ in range(QUERIES)]
    chance.shuffle(ids)
    yield "trial page", [f"/trials/{registry_id}" for registry_id in ids[:TRIAL_PAGES]]
    yield "home", ["/"] * QUERIES


def _some_filters(chance: random.Random, values: dict[str, list[str]]) -> str:
    query = TrialQuery()
    for facet in chance.sample(FACETS, chance.randint(1, 5)):
        query = query.with_values(facet.name, [chance.choice(values[facet.name])])
    return query.url()
