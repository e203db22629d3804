"""A stand-in for ClinicalTrials.gov's API v2 on a local port, written from the registry's OpenAPI file.

It pages, filters, sorts and refuses as described there, records its requests, shows the registry as on any day of a
history, and misbehaves on request. It refuses requests that it does not know (see `support/registry_query.py`).
"""

import base64
import csv
import gzip
import hashlib
import io
import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import partial
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.local_server import LocalServer
from tests.support.registry_history import RegistryHistory
from tests.support.registry_query import (
    NotUnderstoodError,
    Study,
    canonical,
    identification,
    ids_of,
    only_fields,
    selected,
)

ROOT = "/api/v2"
DEFAULT_PAGE_SIZE = 10
LARGEST_PAGE_SIZE = 1000

# Parameters that may differ from page to page; all others are bound into the page token.
OF_ONE_PAGE = {"countTotal", "pageSize", "pageToken"}
QUERIES = {
    f"query.{name}"
    for name in ("cond", "term", "titles", "intr", "outc", "spons", "lead", "id", "locn", "patient")
}
FILTERS = {
    f"{kind}.{name}"
    for kind in ("filter", "postFilter")
    for name in ("overallStatus", "ids", "advanced", "geo", "synonyms")
}
OF_ONE_STUDY = {"format", "markupFormat", "fields"}
UNDERSTOOD = OF_ONE_PAGE | OF_ONE_STUDY | QUERIES | FILTERS | {"sort", "aggFilters", "geoDecay"}


class Fault(Enum):
    """A way to spoil one answer."""

    DROPPED_CONNECTION = auto()  # half of the body, then the connection closes
    TRUNCATED_JSON = auto()  # half of the body, served as if it were whole
    NOT_JSON = auto()
    NO_STUDIES = auto()  # a JSON object without `studies`
    STUDIES_NOT_A_LIST = auto()
    TOKEN_NOT_TEXT = auto()
    EMPTY_PAGE = auto()  # no studies, and a token that leads to the same place, as the rules allow
    REPEATED_TOKEN = auto()  # the token that was just used is handed out again
    REPEATED_PAGE = auto()  # the previous page again, in place of the right one
    LOST_TOKEN = auto()  # the page looks like the last one
    EXPIRED_TOKEN = auto()
    SLOW_FIRST_BYTE = auto()  # silent for `slow_seconds`, or until the server stops
    DRIPPING_HEADERS = auto()  # one byte after the other, for `slow_seconds`
    DRIPPING_BODY = auto()
    GZIP_BOMB = auto()  # a small body that unpacks to `bomb_size` bytes
    OTHER_ENCODING = auto()  # compressed in a way that was not asked for
    REDIRECT_ELSEWHERE = auto()  # to an address that is no web address
    REDIRECT_LOOP = auto()
    TOTAL_TOO_LARGE = auto()
    TOTAL_TOO_SMALL = auto()
    NO_TOTAL = auto()


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    path: str
    """Path below the API's root: `/studies`, `/version`."""
    query: dict[str, str]
    headers: dict[str, str]


class RefusedError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = text(status, message)


def text(status: int, message: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, message.encode(), {"Content-Type": "text/plain"} | named)


def as_json(content: object) -> Answer:
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})


class CtgovServer(LocalServer):
    """The registry with `studies` in their order: `with CtgovServer(studies) as server:`."""

    def __init__(
        self, studies: Sequence[Study] = (), *, data_timestamp: object = "2025-11-14T09:00:05"
    ) -> None:
        self.studies = list(studies)
        self.raw_studies: dict[int, bytes] = {}
        """Bad records by place: raw bytes that stand in the list before the study of that place."""
        self.data_timestamp = data_timestamp
        """The registry's data timestamp, any JSON value; None leaves it out."""
        self.requests: list[Request] = []
        self.slow_seconds = 30.0
        self.bomb_size = 64 << 20
        self.before_answer: Callable[[Request], None] = lambda _: None
        """A callback for every request; it may change the registry before the answer is made."""
        self.sent: Callable[[Study], Study] = lambda study: study
        """A change made to each study before it is sent."""
        self._faults: deque[Fault | Answer | None] = deque()
        self._tokens_issued = 0
        self._stopping = threading.Event()
        super().__init__(partial(_Handler, self))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        super().__exit__(kind, error, trace)

    @property
    def base_url(self) -> str:
        return f"{self.origin}{ROOT}"

    def show(self, history: RegistryHistory, day: str) -> None:
        """Show the registry as it is on a day."""
        self.studies = history.on(day)
        self.data_timestamp = f"{day}T09:00:05"

    def fail_next(self, *faults: Fault | Answer | None) -> None:
        """Spoil the next requests, one fault each; an Answer replaces the right one, and None spoils nothing."""
        self._faults.extend(faults)

    def behave(self) -> None:
        """Forget all faults."""
        self._faults.clear()
        self.raw_studies.clear()
        self.before_answer = lambda _: None
        self.sent = lambda study: study

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than the server runs."""
        self._stopping.wait(seconds)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        self.requests.append(request)
        self.before_answer(request)
        fault = self._faults.popleft() if self._faults else None
        if isinstance(fault, Answer):
            return fault, None
        if fault is Fault.SLOW_FIRST_BYTE:
            self.wait(self.slow_seconds)
        if fault in _INSTEAD:
            return _INSTEAD[fault], None
        if fault is Fault.GZIP_BOMB:
            packed = gzip.compress(b'{"studies": ["' + b"a" * self.bomb_size + b'"]}')
            return Answer(200, packed, {"Content-Encoding": "gzip"}), None
        try:
            return self._right_answer(request, fault), fault
        except RefusedError as refused:
            return refused.answer, None
        except NotUnderstoodError as refused:
            return text(400, str(refused)), None

    def _right_answer(self, request: Request, fault: Fault | None) -> Answer:
        if request.path == "/version":
            stamp = {"dataTimestamp": self.data_timestamp} if self.data_timestamp is not None else {}
            return as_json({"apiVersion": "2.0.5"} | stamp)
        if request.path == "/stats/size":
            return self._sizes()
        if request.path == "/studies":
            return self._page(request.query, fault)
        if request.path.startswith("/studies/"):
            return self._study(request.path.removeprefix("/studies/"), request.query)
        raise RefusedError("Not found", 404)

    def _page(self, query: dict[str, str], fault: Fault | None) -> Answer:
        _check(query, UNDERSTOOD, ("csv", "json"))
        found = selected(self.studies, query)
        size = min(int(query.get("pageSize", "0")) or DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE)
        start = self._position(query)
        if fault is Fault.REPEATED_PAGE and start:
            page = found[max(start - size, 0) : start]
        else:
            page = [] if fault is Fault.EMPTY_PAGE else found[start : start + size]
        end = start if fault is Fault.EMPTY_PAGE else start + size
        next_token = self._next_token(query, end, end < len(found), fault)
        total = None if "pageToken" in query or query.get("countTotal") != "true" else len(found)
        shown = [only_fields(study, query["fields"]) if "fields" in query else study for study in page]
        if query.get("format") == "csv":
            return _table(shown, next_token, total, has_header=start == 0)
        return self._json_page(shown, start, _spoiled(total, fault), next_token, fault)

    def _json_page(
        self, page: Sequence[Study], start: int, total: int | None, next_token: Any, fault: Fault | None
    ) -> Answer:
        items = []
        for place, study in enumerate(page, start=start):
            if place in self.raw_studies:
                items.append(self.raw_studies[place])
            items.append(json.dumps(self.sent(study)).encode())
        studies = b"{}" if fault is Fault.STUDIES_NOT_A_LIST else b"[" + b",\n".join(items) + b"]"
        members = [b'"studies": ' + studies]
        if next_token is not None:
            members.append(b'"nextPageToken": ' + json.dumps(next_token).encode())
        if total is not None:
            members.insert(0, b'"totalCount": %d' % total)
        body = b"{" + b", ".join(members) + b"}"
        return Answer(200, body, {"Content-Type": "application/json"})

    def _study(self, asked: str, query: dict[str, str]) -> Answer:
        _check(query, OF_ONE_STUDY, ("csv", "json", "json.zip", "fhir.json", "ris"))
        if query.get("format", "json") != "json":
            raise RefusedError(f"`format` {query['format']} is not supported here")
        nct_id = canonical(asked)
        for study in self.studies:
            own = identification(study).get("nctId")
            if own == nct_id:
                return as_json(only_fields(study, query["fields"]) if "fields" in query else self.sent(study))
            if nct_id in ids_of(study):
                return text(301, Location=f"{ROOT}/studies/{own}")
        raise RefusedError(f"NCT number {nct_id} not found", 404)

    def _sizes(self) -> Answer:
        sizes = sorted(
            ((len(json.dumps(study)), identification(study).get("nctId", "")) for study in self.studies),
            reverse=True,
        )
        return as_json(
            {
                "totalStudies": len(sizes),
                "averageSizeBytes": sum(size for size, _ in sizes) // max(len(sizes), 1),
                "percentiles": {"50": sizes[len(sizes) // 2][0]} if sizes else {},
                "ranges": [{"sizeRange": "all", "studiesCount": len(sizes)}],
                "largestStudies": [{"id": nct_id, "sizeBytes": size} for size, nct_id in sizes[:10]],
            }
        )

    def _next_token(self, query: dict[str, str], end: int, has_more: bool, fault: Fault | None) -> Any:
        if fault is Fault.REPEATED_TOKEN and "pageToken" in query:
            return query["pageToken"]
        if fault is Fault.TOKEN_NOT_TEXT:
            return {"position": end}
        return self._token(query, end) if has_more and fault is not Fault.LOST_TOKEN else None

    def _token(self, query: dict[str, str], position: int) -> str:
        # Tokens are numbered, so that an empty page can lead to its own place by a token not used before.
        self._tokens_issued += 1
        plain = f"{_fingerprint(query)}:{position}:{self._tokens_issued}"
        return base64.urlsafe_b64encode(plain.encode()).decode()

    def _position(self, query: dict[str, str]) -> int:
        if "pageToken" not in query:
            return 0
        with suppress(ValueError):
            fingerprint, position, _ = base64.urlsafe_b64decode(query["pageToken"]).decode().split(":")
            if fingerprint == _fingerprint(query):
                return int(position)
        raise RefusedError("`pageToken` does not belong to these parameters")


_INSTEAD: dict[Fault | None, Answer] = {
    Fault.NOT_JSON: Answer(200, b"<html>Down for maintenance</html>", {"Content-Type": "text/html"}),
    Fault.NO_STUDIES: as_json({"totalCount": 0}),
    Fault.EXPIRED_TOKEN: text(400, "`pageToken` has expired"),
    Fault.OTHER_ENCODING: Answer(200, b"\x00" * 100, {"Content-Encoding": "br"}),
    Fault.REDIRECT_ELSEWHERE: text(302, Location="file:///etc/hostname"),
    Fault.REDIRECT_LOOP: text(302, Location=f"{ROOT}/studies/loop"),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, registry: CtgovServer, *args: Any) -> None:
        self._registry = registry
        super().__init__(*args)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        request = Request(url.path.removeprefix(ROOT), query, dict(self.headers.items()))
        if request.path == "/studies/loop":
            answer, fault = _INSTEAD[Fault.REDIRECT_LOOP], None
        else:
            answer, fault = self._registry.answer(request)
        if fault is Fault.TRUNCATED_JSON:
            answer = replace(answer, body=answer.body[: len(answer.body) // 2])
        answer = _packed(answer, request)
        body = answer.body[: len(answer.body) // 2] if fault is Fault.DROPPED_CONNECTION else answer.body
        promised = answer.body if fault is Fault.DROPPED_CONNECTION else body
        # A client that gave up waiting does not concern the server.
        with suppress(ConnectionError):
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if fault is Fault.DRIPPING_HEADERS:
                self.flush_headers()
                self._drip(b"X-Padding: drip\r\n" * 1_000)
            self.send_header("Content-Length", str(len(promised)))
            self.end_headers()
            if fault is Fault.DRIPPING_BODY:
                self._drip(body)
            else:
                self.wfile.write(body)
        self.close_connection = self.close_connection or fault is Fault.DROPPED_CONNECTION

    def _drip(self, data: bytes) -> None:
        interval = self._registry.slow_seconds / len(data)
        for place in range(len(data)):
            if self._registry.is_stopping:
                return
            self.wfile.write(data[place : place + 1])
            self._registry.wait(interval)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's parameter
        """Keep the test output clean."""


def _packed(answer: Answer, request: Request) -> Answer:
    """Compress an answer as the client allows and the registry would; spoiled answers stay as they are."""
    accepted = {name.lower(): value for name, value in request.headers.items()}.get("accept-encoding", "")
    if "gzip" not in accepted or answer.headers.get("Content-Type") != "application/json":
        return answer
    packed = gzip.compress(answer.body, compresslevel=1)
    return replace(answer, body=packed, headers=answer.headers | {"Content-Encoding": "gzip"})


def _spoiled(total: int | None, fault: Fault | None) -> int | None:
    if total is None or fault is Fault.NO_TOTAL:
        return None
    return total + {Fault.TOTAL_TOO_LARGE: 3, Fault.TOTAL_TOO_SMALL: -3}.get(fault, 0) if fault else total


def _table(page: Sequence[Study], next_token: str | None, total: int | None, *, has_header: bool) -> Answer:
    """Return the registry's CSV with its first column only."""
    written = io.StringIO()
    rows = csv.writer(written)
    if has_header:
        rows.writerow(["NCT Number", "Study Title", "Study URL", "Study Status"])
    for study in page:
        own = identification(study)
        status = study.get("protocolSection", {}).get("statusModule", {}).get("overallStatus", "")
        nct_id = own.get("nctId", "")
        rows.writerow(
            [nct_id, own.get("briefTitle", ""), f"https://clinicaltrials.gov/study/{nct_id}", status]
        )
    headers = {"Content-Type": "text/csv"}
    headers |= {"x-next-page-token": next_token} if next_token else {}
    headers |= {"x-total-count": str(total)} if total is not None else {}
    return Answer(200, written.getvalue().encode(), headers)


def _fingerprint(query: dict[str, str]) -> str:
    bound = sorted((name, value) for name, value in query.items() if name not in OF_ONE_PAGE)
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:12]


def _check(query: dict[str, str], understood: set[str], formats: Sequence[str]) -> None:
    if unknown := sorted(query.keys() - understood):
        raise RefusedError(f"Unknown parameter `{unknown[0]}`")
    if query.get("format", "json") not in formats:
        raise RefusedError(f"`format` is not one of: {', '.join(formats)}")
    if query.get("markupFormat", "markdown") not in {"markdown", "legacy"}:
        raise RefusedError("`markupFormat` is not one of: markdown, legacy")
    if query.get("countTotal", "false") not in {"true", "false"}:
        raise RefusedError("`countTotal` is not true or false")
    if not query.get("pageSize", "0").isdecimal():
        raise RefusedError("`pageSize` is not a whole number of 0 or more")
