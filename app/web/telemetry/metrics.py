"""Metrics for Prometheus. Labels are route templates, statuses and a few fixed words, so there are few series.

With several workers a scrape reaches only one of them. Counts of requests are therefore kept in files that all workers
write (`app.runtime.shared_counts`), which is prometheus-client's multiprocess mode. Metrics of the database are the
same for all workers, and the one that answers reads them.
"""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from app.runtime.shared_counts import folder_of_counts

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts of the requests of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "trialmark_requests",
            "Requests answered, by route and status",
            ("route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "trialmark_request_seconds",
            "Time from the request to the end of its answer",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._in_flight = Gauge(
            "trialmark_requests_in_flight",
            "Requests that are being answered",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._cached = Counter(
            "trialmark_page_cache_requests",
            "Requests for pages: answered from the page cache (hit), as unchanged (unchanged), or made anew (miss)",
            ("outcome",),
            registry=self._registry,
        )
        self._cache_pages = Gauge(
            "trialmark_page_cache_pages",
            "Pages in the page caches",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._cache_bytes = Gauge(
            "trialmark_page_cache_bytes",
            "Bytes in the page caches",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._of_request: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def begin(self) -> None:
        self._in_flight.inc()

    def end(self, route: str, status: int, seconds: float, cache: str) -> None:
        self._in_flight.dec()
        known = self._of_request.get((route, status))
        if known is None:
            known = self._requests.labels(route, status), self._seconds.labels(route)
            self._of_request[route, status] = known
        known[0].inc()
        known[1].observe(seconds)
        if cache:
            self._cached.labels(cache).inc()

    def resize_cache(self, pages: int, size: int) -> None:
        self._cache_pages.set(pages)
        self._cache_bytes.set(size)

    def exposition(self, *collectors: "Collector") -> bytes:
        """Write everything in Prometheus' text format, together with what the collectors read now."""
        folder = folder_of_counts()
        registry = CollectorRegistry()
        if folder:
            workers = _living_workers(Path(folder))
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # prometheus-client's
        else:
            workers = {os.getpid()}
            registry.register(self._registry)
        for collector in (*collectors, _Processes(workers)):
            registry.register(collector)
        return generate_latest(registry)


class _Processes:
    """Memory and processor time of each worker, as prometheus-client reads them for one process."""

    def __init__(self, workers: set[int]) -> None:
        self._workers = workers

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for worker in sorted(self._workers):
            for metric in ProcessCollector(pid=partial(int, worker), registry=None).collect():
                family = families.setdefault(
                    metric.name, Metric(metric.name, metric.documentation, metric.type)
                )
                for sample in metric.samples:
                    family.add_sample(sample.name, {"worker": str(worker)}, sample.value)
        return families.values()


def _living_workers(folder: Path) -> set[int]:
    """Find the running processes that keep counts in a folder, and drop the gauges of those that have ended."""
    pids = {int(file.stem.rpartition("_")[2]) for file in folder.glob("*.db")}
    living = {pid for pid in pids if Path(f"/proc/{pid}").exists()}
    for pid in pids - living:
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # prometheus-client's
    return living
