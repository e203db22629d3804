"""`trialmark ingest ctgov` as the service runs it beside itself: at low priority, and never longer than the service."""

import os
import signal
import sys
from threading import Thread
from time import sleep

from app.cli import main as run_command

_NICENESS = 10
_STOP_SECONDS = 20


def main() -> None:
    """Run the command; standard input is a pipe that the service holds open."""
    os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, _leave)
    Thread(target=_end_with_the_service, daemon=True).start()
    sys.argv[1:] = ["ingest", "ctgov"]
    run_command()


def _leave(*_: object) -> None:
    """Leave through every `finally`: the batch under way is rolled back, processes that prepare records are ended."""
    sys.exit(128 + signal.SIGTERM)


def _end_with_the_service() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(_STOP_SECONDS)
    os.killpg(0, signal.SIGKILL)
