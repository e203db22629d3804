"""The file is swapped while many threads read pages: every answer is wholly of one of the two databases."""

import http.client
import re
import shutil
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from threading import Event, Thread

import uvicorn

from app.main import create_app
from tests.support.databases import WORDS, make_database, settings_of

HOST = "127.0.0.1"
PAGES = (
    "/trials",
    "/trials?q=disease",
    "/trials?status=recruiting&per_page=50",
    "/trials/filter/condition",
    "/trials/NCT00000007",
    "/conditions",
    "/api/v1/trials",
)
THREADS = 8
SWAPS = 12
PER_SWAP = 40
"""Number of answers that all threads together get between two swaps."""


@contextmanager
def serving(path: Path) -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listening:
        server = uvicorn.Server(
            uvicorn.Config(create_app(settings_of(path)), log_config=None, access_log=False)
        )
        thread = Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


class Readers:
    """Threads that fetch pages until they are told to end."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_over = Event()
        self.told: Counter[str] = Counter()

    def read(self, first: int) -> None:
        connection = http.client.HTTPConnection(HOST, self._port)
        pages = cycle(PAGES[first % len(PAGES) :] + PAGES[: first % len(PAGES)])
        for number, page in enumerate(pages):
            if self._is_over.is_set():
                break
            separator = "&" if "?" in page else "?"
            # Every other address is one that no cache has seen.
            connection.request("GET", page if number % 2 else f"{page}{separator}utm={first}-{number}")
            answer = connection.getresponse()
            self.told[self._kind(page, answer.status, answer.read().decode())] += 1
        connection.close()

    def _kind(self, page: str, status: int, body: str) -> str:
        if status == 503 and "cannot be read at the moment" in body:
            return "503"
        found = set(re.findall("|".join(WORDS), body))
        return found.pop() if status == 200 and len(found) == 1 else f"{status} for {page}: {found}"

    def stop(self) -> None:
        self._is_over.set()


def test_every_answer_is_wholly_of_one_database(empty_database: Path, tmp_path: Path) -> None:
    originals = [make_database(empty_database, tmp_path / f"{word}.db", word) for word in WORDS]
    path = tmp_path / "data" / "trialmark.db"
    path.parent.mkdir()
    shutil.copy(originals[0], path)
    with serving(path) as port, ThreadPoolExecutor(THREADS) as threads:
        readers = Readers(port)
        reading = [threads.submit(readers.read, number) for number in range(THREADS)]
        try:
            for swap in range(1, SWAPS + 1):
                seen = readers.told.total()
                while readers.told.total() < seen + PER_SWAP and not any(each.done() for each in reading):
                    Event().wait(0.01)
                Path(shutil.copy(originals[swap % 2], tmp_path / "next.db")).rename(path)
                assert answered(port) == WORDS[swap % 2]
        finally:
            readers.stop()
        for each in reading:
            each.result()
    assert set(readers.told) <= {*WORDS, "503"}
    assert all(readers.told[word] >= PER_SWAP for word in WORDS)
    assert readers.told["503"] <= SWAPS * THREADS


def answered(port: int) -> str:
    connection = http.client.HTTPConnection(HOST, port)
    connection.request("GET", "/trials?phase=phase2")
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200, body
    found = re.search("|".join(WORDS), body)
    assert found, body
    return found[0]
