"""Sends odd requests to every address; none may fail: `python -m tests.campaigns.requests DATABASE [REQUESTS]`.

An answer fails that has a status of 500 or more, unless it is a 503 that says when to come again; that lacks the
security headers; or that is larger than 1 MB, unless it is a trial's own page.
"""

import logging
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from starlette.testclient import TestClient

from app.index.facets import FACETS
from app.main import create_app
from app.runtime.log import configure_logging
from app.search.counts.sort import SORTS
from app.search.query import CONDITION_MATCHES
from app.settings import Settings
from app.web.security import HEADERS
from tests.asgi import Answer, ask

REQUESTS = 10_000
SEED = 2026
LARGEST = 1_000_000

_PIECES = (
    *(
        "cancer",
        "leuk*",
        "a*",
        "AND",
        "OR",
        "NOT",
        "-",
        "(",
        ")",
        '"',
        "“",
        "”",
        "*",
        "^",
        "{",
        "}",
        ":",
        "NEAR(a b)",
    ),
    *(
        "title:x",
        "癌",
        "é",
        "e\u0301",
        "\u202e",
        "\x00",
        "\ud7ff",
        "\U0001f9ea",
        "%",
        "_",
        "'",
        "\\",
        ";--",
        "<script>",
    ),
    *(
        "NCT00000001",
        "nct 6141304",
        "10^9",
        "1e309",
        "٣",
        "non-small",
        "Crohn's",
        "\n",
        "\t",
        "&",
        "=",
        "+",
        "#",
        "?",
    ),
)
_NUMBERS = ("0", "1", "2", "-1", "10", "25", "100", "101", "999999999", "10000000000", "1.5", "٣", "x", "")
_PATHS = (
    *("/", "/trials", "/trials", "/trials", "/trials", "/trials/suggest", "/conditions", "/about/data"),
    *("/api/v1/trials", "/healthz", "/readyz", "/robots.txt", "/nothing"),
)
_METHODS = ("GET",) * 20 + ("HEAD",) * 3 + ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW")
_HTMX = [(b"hx-request", b"true"), (b"hx-request-type", b"partial")]


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    url: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class OddRequests:
    """Draws requests from the values of a database and from texts that break parsers."""

    def __init__(self, database: Path, seed: int = SEED) -> None:
        self._chance = random.Random(seed)
        with closing(sqlite3.connect(database)) as connection:
            self._ids = [row[0] for row in connection.execute("SELECT registry_id FROM trial LIMIT 2000")]
            rows = connection.execute("SELECT facet, value FROM facet_posting ORDER BY count DESC LIMIT 5000")
            self._values: list[str] = [row[1] for row in rows]

    def __iter__(self) -> Iterator[Asked]:
        while True:
            headers = _HTMX if self._chance.random() < 0.3 else []
            yield Asked(self._chance.choice(_METHODS), self._url(), tuple(headers))

    def _url(self) -> str:
        path = self._path()
        parameters = [self._parameter() for _ in range(self._some(12))]
        if self._chance.random() < 0.1:
            return f"{path}?{''.join(self._chance.choices('&=%+;qabcé0123', k=self._some(400)))}"
        query = urlencode(parameters, errors="surrogatepass")
        return f"{path}?{query}" if query else path

    def _path(self) -> str:
        chance = self._chance.random()
        if chance < 0.5:
            return self._chance.choice(_PATHS)
        if chance < 0.65:
            return f"/trials/filter/{self._chance.choice([*(facet.name for facet in FACETS), 'x'])}"
        if chance < 0.8:
            ending = self._chance.choice(["", "", ".json", ".ris", ".bib", "/criteria.txt", ".xml", "/"])
            start = self._chance.choice(["/trials/", "/study/", "/ct2/show/"])
            return f"{start}{self._quoted(self._chance.choice([*self._ids[:20], self._text()]))}{ending}"
        return f"/conditions/{self._quoted(self._value())}"

    @staticmethod
    def _quoted(text: str) -> str:
        return quote(text, safe="", errors="replace")

    def _parameter(self) -> tuple[str, str]:
        readers: dict[str, Callable[[], str]] = {
            "q": self._text,
            "within": self._text,
            "sort": lambda: self._chance.choice([*(sort.name for sort in SORTS), self._text()]),
            "page": lambda: self._chance.choice(_NUMBERS),
            "per_page": lambda: self._chance.choice(_NUMBERS),
            "condition_match": lambda: self._chance.choice([*CONDITION_MATCHES, "x"]),
            "condition_all": self._value,
            **{facet.name: self._value for facet in FACETS},
            self._text(): self._text,
        }
        name = self._chance.choice(list(readers))
        return name, readers[name]()

    def _value(self) -> str:
        closed = [term.value for facet in FACETS if facet.code_list for term in facet.code_list]
        stored = self._chance.choice(self._values or closed)
        kinds: list[str] = [stored, self._chance.choice(closed), self._text()]
        return self._chance.choice(kinds)

    def _text(self) -> str:
        pieces = self._chance.choices(_PIECES, k=self._some(30))
        return self._chance.choice(["", " "]).join(pieces)

    def _some(self, most: int) -> int:
        """Draw a number up to `most`, usually a small one."""
        return int(most * self._chance.random() ** 3) + 1


def fault_of(asked: Asked, answer: Answer) -> str:
    """Say what is wrong with an answer; return an empty text if nothing is."""
    if answer.status >= 500 and not (answer.status == 503 and b"retry-after" in answer.headers):
        return f"status {answer.status}"
    missing = [name for name in HEADERS if name.lower().encode() not in answer.headers]
    if missing:
        return f"lacks {missing[0]}"
    if len(answer.body) > LARGEST and not asked.url.startswith("/trials/"):
        return f"{len(answer.body):,} bytes"
    return ""


def run(client: TestClient, requests: Iterator[Asked], number: int) -> tuple[Counter[int], list[str]]:
    """Send so many requests; return how often each status came, and the faults."""
    assert client.portal
    statuses: Counter[int] = Counter()
    faults: list[str] = []
    for asked, _ in zip(requests, range(number), strict=False):
        answer = client.portal.call(ask, client.app, asked.method, asked.url, asked.headers)
        statuses[answer.status] += 1
        if fault := fault_of(asked, answer):
            faults.append(f"{fault}: {asked.method} {asked.url}")
    return statuses, faults


def main(database: str, number: str = str(REQUESTS)) -> None:
    logging.disable(logging.INFO)
    configure_logging("console")
    settings = Settings(database_url=f"sqlite:///{database}")
    with TestClient(create_app(settings)) as client:
        statuses, faults = run(client, iter(OddRequests(Path(database))), int(number))
    print(f"{statuses.total():,} requests: {dict(sorted(statuses.items()))}; {len(faults)} failed")
    print("\n".join(faults[:20]))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
