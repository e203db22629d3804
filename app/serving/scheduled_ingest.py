"""Runs `trialmark ingest ctgov` for the service: at low priority, and never longer than the service itself runs."""

import os
import signal
import sys
from threading import Thread
from time import sleep

from app.cli import main as run_command

_NICENESS = 10
_STOP_SECONDS = 20


def main() -> None:
    """Run the command. Standard input is a pipe that the service holds open as long as it runs."""
    os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, _exit_cleanly)
    Thread(target=_stop_with_service, daemon=True).start()
    sys.argv[1:] = ["ingest", "ctgov"]
    run_command()


def _exit_cleanly(*_: object) -> None:
    """Exit through every `finally` block: roll back the current batch and end the preparing processes."""
    sys.exit(128 + signal.SIGTERM)


def _stop_with_service() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(_STOP_SECONDS)
    os.killpg(0, signal.SIGKILL)
