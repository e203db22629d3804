"""Starts, reloads, kills and stops two workers under load on one processor core that four busy loops share.

    python -m tests.campaigns.starved DATABASE

It prints what became of every request, and fails if a start, a reload or a stop failed one. Linux only.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from tests.support.load import Load
from tests.support.service import Service

ONE_CORE = ("taskset", "-c", "0")
_BUSY_LOOPS = 4


@contextmanager
def busy_core() -> Iterator[None]:
    busy = [
        subprocess.Popen([*ONE_CORE, sys.executable, "-c", "while True: pass"]) for _ in range(_BUSY_LOOPS)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def run(database: Path, stop: signal.Signals) -> dict[str, int]:
    """Return the failures of a start, a reload and a stop."""
    started = monotonic()
    failures: dict[str, int] = {}

    def say(what: str, load: Load | None = None) -> None:
        print(f"{monotonic() - started:7.1f} s  {what}", dict(load.outcomes) if load else "", flush=True)

    with busy_core(), Service(database, "--workers", "2", prefix=ONE_CORE) as service:
        service.wait_for_line("worker serves", 2)
        say("both workers serve")
        with Load(service.port, clients=4) as load:
            service.process.send_signal(signal.SIGHUP)
            service.wait_for_line("worker stopped", 2)
        say("reloaded", load)
        failures |= load.failures
        with Load(service.port, clients=4) as load:
            os.kill(service.workers()[0], signal.SIGKILL)
            service.wait_for_line("worker serves", 5)
        say("a killed worker was replaced; what it was answering is lost", load)
        with Load(service.port, clients=4) as load:
            service.wait_until(lambda: load.outcomes["200"] > 100, "answers")
            code = service.stop(stop)
        say(f"stopped by {stop.name}, code {code}", load)
        failures |= load.failures
    return failures | ({f"code {code}": 1} if code else {})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.campaigns.starved DATABASE")
    all_failures = [
        failure
        for stop in (signal.SIGTERM, signal.SIGINT)
        for failure in run(Path(sys.argv[1]).resolve(), stop).items()
    ]
    sys.exit(f"failed: {all_failures}" if all_failures else 0)
