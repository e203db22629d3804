"""Measures waits for light pages while many clients send the costliest searches, with turns and without."""

import http.client
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from socket import socket
from statistics import median
from time import perf_counter

import uvicorn

from app.main import create_app
from app.search.budget import HEAVY_AT_ONCE, LONGEST_WAIT_FOR_TURN, MOST_HEAVY_WAITING
from app.serving.listener import bind
from app.settings import Settings
from app.web.limits.turns import Turns
from tests.benchmarks.dearest import Attacks

CLIENTS = 20
LIGHT_REQUESTS = 100
LIGHT = (
    "/",
    "/trials",
    "/trials?status=recruiting",
    "/trials?q=asthma",
    "/trials/suggest?q=asth",
    "/conditions",
)


def measure_crowd(database: Path) -> str:
    lines = [
        "| at once | heavy answered | heavy refused | light p50 ms | light p99 ms |",
        "|---|---|---|---|---|",
    ]
    for at_once in (CLIENTS, HEAVY_AT_ONCE, 1):
        with _serving(database, at_once) as port:
            statuses, times = _crowd(database, port)
        ordered = sorted(times)
        lines.append(
            f"| {at_once} | {statuses.count(200)} | {statuses.count(503)} "
            f"| {1000 * median(ordered):.0f} | {1000 * ordered[int(len(ordered) * 0.99)]:.0f} |"
        )
    return "\n".join(lines)


def _crowd(database: Path, port: int) -> tuple[list[int], list[float]]:
    """Return the statuses of the heavy searches, and the seconds that light pages took meanwhile."""
    attacks = Attacks(database)
    is_over = threading.Event()
    statuses: list[int] = []

    def attack(seed: int) -> None:
        chance = random.Random(seed)
        while not is_over.is_set():
            words = [f"{prefix}*" for prefix in chance.sample(attacks.prefixes[:100], 15)]
            statuses.append(_get(port, "/trials?per_page=100&q=" + "+OR+".join(words), f"127.0.0.{seed}")[0])

    threads = [threading.Thread(target=attack, args=(seed,)) for seed in range(2, 2 + CLIENTS)]
    for thread in threads:
        thread.start()
    times = [_get(port, url, "127.0.0.1")[1] for url in islice(cycle(LIGHT), LIGHT_REQUESTS)]
    is_over.set()
    for thread in threads:
        thread.join()
    return statuses, times


def _get(port: int, url: str, client: str) -> tuple[int, float]:
    started = perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120, source_address=(client, 0))
    connection.request("GET", url)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, perf_counter() - started


@contextmanager
def _serving(database: Path, at_once: int) -> Iterator[int]:
    listener = bind("127.0.0.1", 0)
    listener.listen()
    server = get_context("fork").Process(target=_serve, args=(database, at_once, listener))
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.terminate()
        server.join()
        listener.close()


def _serve(database: Path, at_once: int, listener: socket) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{database}", request_seconds=60))
    app.state.turns = Turns(
        at_once=at_once, most_waiting=MOST_HEAVY_WAITING, longest_wait=LONGEST_WAIT_FOR_TURN
    )
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])
