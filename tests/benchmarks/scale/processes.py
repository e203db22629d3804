"""Runs the program in processes of its own: a command with its memory, or a server with the time of each page."""

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, sleep

import orjson

from tests.benchmarks.scale.place import Place
from tests.benchmarks.scale.report import Times, megabytes

HOST = "127.0.0.1"
PROGRAM = (sys.executable, "-c", "from app.cli import main; main()")
_STARTS_WITHIN = 120
"""Seconds within which a server must start."""
_LOGGED_WITHIN = 0.2
"""Seconds after an answer within which it must be in the log."""


@dataclass(frozen=True)
class Memory:
    """Memory in bytes of a process and its children, at one moment or at most."""

    whole: int = 0
    own: int = 0
    """Memory without mapped files, such as the interpreter's libraries, which each process counts again."""

    def __str__(self) -> str:
        return f"{megabytes(self.whole)} ({megabytes(self.own)} without mapped files)"


@dataclass(frozen=True)
class Ended:
    seconds: float
    cpu_seconds: float
    """Seconds that it would have taken with the machine to itself, but for waits for the disk."""
    peak: Memory
    output: str


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    seconds_to_first_page: float
    _logged: int = field(default=0)
    """Bytes of the log that have been read."""

    def ask(
        self, addresses: Iterable[str], headers: Mapping[str, str] | None = None, *, expected: int = 200
    ) -> list[float]:
        """Return the milliseconds that a client waits for each address, one after the other on one connection."""
        connection = HTTPConnection(HOST, self.port, timeout=600)
        waits = []
        for address in addresses:
            started = perf_counter()
            answer = _get(connection, address, headers)
            answer.read()
            waits.append((perf_counter() - started) * 1000)
            assert answer.status == expected, (answer.status, address)
        connection.close()
        return waits

    def times(
        self,
        what: str,
        addresses: Sequence[str],
        target: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        expected: int = 200,
    ) -> Times:
        """Return the server's own time of each address, from its request log."""
        sleep(_LOGGED_WITHIN)
        self._new_requests()
        before = self.cpu_seconds()
        self.ask(addresses, headers, expected=expected)
        used = self.cpu_seconds() - before
        logged: list[float] = []
        while len(logged) < len(addresses):
            logged += self._new_requests()
        return Times(what, logged, target, used / len(addresses) * 1000)

    def body(self, address: str) -> bytes:
        return _get(HTTPConnection(HOST, self.port, timeout=600), address).read()

    def entity_tag(self, address: str) -> str:
        tag = _get(HTTPConnection(HOST, self.port, timeout=600), address).headers["ETag"]
        assert tag, address
        return tag

    def memory(self) -> Memory:
        return _memory(self.process.pid)

    def cpu_seconds(self) -> float:
        """Return the seconds of processor time that it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _new_requests(self) -> list[float]:
        with self.log.open("rb") as log:
            log.seek(self._logged)
            new = log.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._logged += len(whole)
        events = [orjson.loads(line) for line in whole.splitlines() if line.startswith(b"{")]
        return [event["ms"] for event in events if event["event"] == "request"]


def run(place: Place, *arguments: str) -> Ended:
    """Run the program to its end, and sample its memory and that of its children ten times a second."""
    started, cpu_before = perf_counter(), _cpu_seconds_of_children()
    command = [*PROGRAM, *arguments]
    with subprocess.Popen(command, env=place.environment, stdout=subprocess.PIPE, text=True) as process:
        peak = Memory()
        while process.poll() is None:
            now = _memory(process.pid)
            peak = Memory(max(peak.whole, now.whole), max(peak.own, now.own))
            sleep(0.1)
        seconds = perf_counter() - started
        assert process.stdout
        output = process.stdout.read().strip()
    assert process.returncode == 0, (command, output)
    return Ended(seconds, _cpu_seconds_of_children() - cpu_before, peak, output)


@contextmanager
def serving(place: Place) -> Iterator[Server]:
    """Serve the database by `trialmark serve` with one worker."""
    port = free_port()
    with started([*PROGRAM, "serve", "--port", str(port)], place, port, "/trials") as server:
        yield server


@contextmanager
def started(command: Sequence[str], place: Place, port: int, first_page: str) -> Iterator[Server]:
    """Start any server and wait for its first page; its output is logged beside the database."""
    log = place.beside(f"server-{port}.log")
    began = perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=place.environment, stdout=subprocess.DEVNULL, stderr=said)
    try:
        _wait_for(port, first_page, process)
        yield Server(port, process, log, perf_counter() - began)
    finally:
        process.terminate()
        process.wait()
        log.unlink()


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _wait_for(port: int, address: str, process: subprocess.Popen[bytes]) -> None:
    began = perf_counter()
    while process.poll() is None and perf_counter() - began < _STARTS_WITHIN:
        try:
            answer = _get(HTTPConnection(HOST, port, timeout=600), address)
            answer.read()
        except ConnectionError:
            sleep(0.02)
        else:
            assert answer.status == 200, (answer.status, address)
            return
    raise AssertionError(f"no answer from {process.args!r}")


def _get(connection: HTTPConnection, address: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    connection.request("GET", address, headers={"Accept-Encoding": "identity", **(headers or {})})
    return connection.getresponse()


def _cpu_seconds_of_children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> Memory:
    status = _status(pid)
    whole, own = status["VmRSS"], status["RssAnon"]
    for child in _children(pid):
        memory = _memory(child)
        whole, own = whole + memory.whole, own + memory.own
    return Memory(whole, own)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _status(pid: int) -> Counter[str]:
    """Return the sizes in /proc/PID/status in bytes; none where the process has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return Counter()
    sizes = [line.split() for line in lines if line.endswith(" kB")]
    return Counter({name.rstrip(":"): int(size) * 1024 for name, size, _ in sizes})
