"""Asks a server from other processes: as fast as a few connections can, or one by one until told to stop."""

import socket
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from time import perf_counter
from typing import TYPE_CHECKING

from tests.benchmarks.scale.processes import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTIONS = 4
SECONDS = 8.0


@dataclass
class Waits:
    milliseconds: list[float] = field(default_factory=list)


def answers_per_second(port: int, addresses: Sequence[str], entity_tag: str = "") -> float:
    """Return the answers a second that one process gets over a few connections; with an entity tag each is a 304."""
    with ProcessPoolExecutor(1) as elsewhere:
        return elsewhere.submit(_load, port, list(addresses), entity_tag).result()


@contextmanager
def reader(port: int, addresses: Sequence[str]) -> "Iterator[Waits]":
    """Read pages in another process all the time; its waits are known after the `with` block."""
    here, there = Pipe()
    process = Process(target=_read_on, args=(port, list(addresses), there))
    process.start()
    waits = Waits()
    try:
        yield waits
    finally:
        here.send("stop")
        waits.milliseconds = here.recv()
        process.join()


def _load(port: int, addresses: list[str], entity_tag: str) -> float:
    share = [addresses[number::CONNECTIONS] or addresses for number in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        answers = threads.map(lambda part: _answers(port, part, entity_tag), share)
        return sum(answers) / SECONDS


def _answers(port: int, addresses: list[str], entity_tag: str) -> int:
    requests = cycle([_request(port, address, entity_tag) for address in addresses])
    ends = perf_counter() + SECONDS
    answers = 0
    with socket.create_connection((HOST, port)) as connection:
        while perf_counter() < ends:
            _exchange(connection, next(requests), b" 304 " if entity_tag else b" 200 ")
            answers += 1
    return answers


def _read_on(port: int, addresses: list[str], told: Connection) -> None:
    requests = cycle([_request(port, address) for address in addresses])
    waits = []
    with socket.create_connection((HOST, port)) as connection:
        while not told.poll():
            started = perf_counter()
            _exchange(connection, next(requests), b" 200 ")
            waits.append((perf_counter() - started) * 1000)
    told.send(waits)


def _request(port: int, address: str, entity_tag: str = "") -> bytes:
    condition = f"If-None-Match: {entity_tag}\r\n" if entity_tag else ""
    return f"GET {address} HTTP/1.1\r\nHost: {HOST}:{port}\r\n{condition}\r\n".encode()


def _exchange(connection: socket.socket, request: bytes, status: bytes) -> None:
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    assert status in head.split(b"\r\n", 1)[0], (head, request)
    missing = _length(head) - len(body)
    while missing > 0:
        missing -= len(_some(connection))


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(1 << 18)
    assert received, "the server closed the connection"
    return received


def _length(head: bytes) -> int:
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(lengths[0].split(b":")[1]) if lengths else 0
