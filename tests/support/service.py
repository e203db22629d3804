"""Runs `trialmark serve` as an administrator does: a process with a port, lines on standard error, and signals."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Self

PROGRAM = [sys.executable, "-c", "from app.cli import main; main()"]
LONGEST_SECONDS = 300
"""Seconds within which anything must happen, on any machine."""


class Service:
    """A running service: `with Service(database, "--workers", "2") as service:`.

    It is killed if it still runs at the end of the block.
    """

    def __init__(self, database: Path, *options: str, prefix: Sequence[str] = (), **variables: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRIALMARK_")}
        self._command = [*prefix, *PROGRAM, "serve", "--port", "0", *options]
        self._environment = (
            inherited
            | {
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "PYTHONUNBUFFERED": "1",
                "NO_PROXY": "127.0.0.1",
                "TRIALMARK_DATABASE_URL": f"sqlite:///{database}",
                "TRIALMARK_LOG_FORMAT": "json",
            }
            | variables
        )
        self._folder = database.parent
        self._news = Condition()
        self.lines: list[str] = []
        """Lines printed so far on both outputs."""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
            cwd=self._folder,
            start_new_session=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            line = self.wait_for_line("Trialmark is at ")
        except AssertionError:
            self._end()
            raise
        self.port = int(re.findall(r":(\d+)/", line)[0])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, words: str) -> int:
        return sum(words in line for line in self.lines)

    def wait_for_line(self, words: str, times: int = 1) -> str:
        """Wait until so many lines contain the words; return the last of them."""
        self.wait_until(lambda: self.count(words) >= times, f"{times} x {words!r}")
        return [line for line in self.lines if words in line][times - 1]

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Check again with every line that is written, until the condition holds."""
        with self._news:
            came = self._news.wait_for(is_so, LONGEST_SECONDS)
        assert came, f"no {what} in:\n" + "\n".join(self.lines)

    def workers(self) -> list[int]:
        """Return the process ids of the workers that serve or start, the oldest first."""
        return children(self.process.pid)

    def wait_for_end(self) -> None:
        """Wait until it, its workers and everything else that it started have ended."""
        self._reader.join(LONGEST_SECONDS)
        assert not self._reader.is_alive()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop it as an administrator does; return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(LONGEST_SECONDS)
        self.wait_for_end()
        return code

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(LONGEST_SECONDS)
        assert self.process.stdout
        self.process.stdout.close()


def children(parent: int) -> list[int]:
    """Return the process ids of a process's children, from /proc."""
    tasks = Path(f"/proc/{parent}/task")
    return sorted(int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split())
