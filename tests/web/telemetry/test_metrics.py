"""Any of several workers reports the counts of all."""

import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from app.runtime.shared_counts import shared_counts

ROOT = Path(__file__).parents[3]
_COUNT = """
from app.web.telemetry.metrics import Metrics
metrics = Metrics()
for status in (200, 200, 404):
    metrics.begin()
    metrics.end("/trials", status, 0.01, "hit")
metrics.begin()
metrics.resize_cache(3, 1000)
print(metrics.exposition().decode())
"""


def worker() -> dict[tuple[str, str], float]:
    """Start a worker that has answered three requests and is answering one; return its /metrics."""
    told = subprocess.run(
        [sys.executable, "-c", _COUNT], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {
        (sample.name, sample.labels.get("status", "")): sample.value
        for family in text_string_to_metric_families(told.stdout)
        for sample in family.samples
    }


def test_requests_of_all_workers_are_told_and_what_a_dead_one_held_is_not() -> None:
    with shared_counts():
        worker()
        told = worker()
    assert told["trialmark_requests_total", "200"] == 4
    assert told["trialmark_requests_total", "404"] == 2
    assert told["trialmark_request_seconds_count", ""] == 6
    assert told["trialmark_page_cache_requests_total", ""] == 6
    assert told["trialmark_requests_in_flight", ""] == 1
    assert told["trialmark_page_cache_bytes", ""] == 1000
    assert told["process_resident_memory_bytes", ""] > 1_000_000


def test_one_process_counts_for_itself() -> None:
    worker()
    assert worker()["trialmark_requests_total", "200"] == 2
