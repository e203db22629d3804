"""A stand-in for ClinicalTrials.gov's API v2 on a local port, written from the registry's OpenAPI file.

It pages, filters and refuses as described there, remembers what it was asked, and misbehaves on request.
Of the search syntax it knows a plain `query.cond` and a range of LastUpdatePostDate; the rest it refuses.
"""

import base64
import hashlib
import json
import re
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.local_server import LocalServer

ROOT = "/api/v2"
DEFAULT_PAGE_SIZE = 10
LARGEST_PAGE_SIZE = 1000

# What may differ from page to page; everything else is bound into the page token.
OF_ONE_PAGE = {"countTotal", "pageSize", "pageToken"}
UNDERSTOOD = OF_ONE_PAGE | {"format", "markupFormat", "query.cond", "filter.advanced"}

NCT_ID = re.compile(r"[Nn][Cc][Tt]0*([1-9]\d{0,7})")
UPDATED = re.compile(r"AREA\[LastUpdatePostDate\]RANGE\[(MIN|\d{4}-\d\d-\d\d), ?(MAX|\d{4}-\d\d-\d\d)\]")


class Fault(Enum):
    """A way to spoil one answer."""

    DROPPED_CONNECTION = auto()  # half of the body, then the connection closes
    TRUNCATED_JSON = auto()  # half of the body, served as if it were all
    NOT_JSON = auto()
    NO_STUDIES = auto()  # a JSON object without `studies`
    EMPTY_PAGE = auto()  # no studies and a token to the same place: within the rules
    REPEATED_TOKEN = auto()  # the token that was just used is handed out again
    SLOW_FIRST_BYTE = auto()  # silent for `slow_seconds`, or until the server stops


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    path: str
    """Without the API's root: `/studies`, `/version`."""
    query: dict[str, str]
    headers: dict[str, str]


class RefusedError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = text(status, message)


def text(status: int, message: str = "", **headers: str) -> Answer:
    """Build an answer in plain text; `Retry_After="0"` becomes the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, message.encode(), {"Content-Type": "text/plain"} | named)


def as_json(content: object) -> Answer:
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})


class CtgovServer(LocalServer):
    """The registry, holding `studies` in their order: `with CtgovServer(studies) as server:`."""

    def __init__(
        self, studies: Sequence[dict[str, Any]], *, data_timestamp: str = "2025-11-14T09:00:05"
    ) -> None:
        self.studies = list(studies)
        self.data_timestamp: str | None = data_timestamp
        self.requests: list[Request] = []
        self.slow_seconds = 30.0
        self._faults: deque[Fault | Answer] = deque()
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

    def fail_next(self, *faults: Fault | Answer) -> None:
        """Spoil the next requests, one fault each; an Answer is given instead of the right one."""
        self._faults.extend(faults)

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        self.requests.append(request)
        fault = self._faults.popleft() if self._faults else None
        if isinstance(fault, Answer):
            return fault, None
        if fault is Fault.SLOW_FIRST_BYTE:
            self._stopping.wait(self.slow_seconds)
        if fault is Fault.NOT_JSON:
            return Answer(200, b"<html>Down for maintenance</html>", {"Content-Type": "text/html"}), None
        if fault is Fault.NO_STUDIES:
            return as_json({"totalCount": 0}), None
        try:
            return self._right_answer(request, fault), fault
        except RefusedError as refused:
            return refused.answer, None

    def _right_answer(self, request: Request, fault: Fault | None) -> Answer:
        if request.path == "/version":
            stamp = {"dataTimestamp": self.data_timestamp} if self.data_timestamp else {}
            return as_json({"apiVersion": "2.0.5"} | stamp)
        if request.path == "/studies":
            return self._page(request.query, fault)
        if request.path.startswith("/studies/"):
            return self._study(request.path.removeprefix("/studies/"))
        raise RefusedError("Not found", 404)

    def _page(self, query: dict[str, str], fault: Fault | None) -> Answer:
        _check(query)
        found = [study for study in self.studies if _matches(study, query)]
        size = min(int(query.get("pageSize", "0")) or DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE)
        start = self._position(query)
        end = start if fault is Fault.EMPTY_PAGE else start + size
        page: dict[str, Any] = {"studies": found[start:end]}
        if "pageToken" not in query and query.get("countTotal") == "true":
            page["totalCount"] = len(found)
        if fault is Fault.REPEATED_TOKEN and "pageToken" in query:
            page["nextPageToken"] = query["pageToken"]
        elif end < len(found):
            page["nextPageToken"] = self._token(query, end)
        return as_json(page)

    def _study(self, asked: str) -> Answer:
        number = NCT_ID.fullmatch(asked)
        if not number:
            raise RefusedError(f"NCT number {asked} has incorrect format")
        nct_id = f"NCT{int(number[1]):08d}"
        for study in self.studies:
            identification = study["protocolSection"]["identificationModule"]
            if identification["nctId"] == nct_id:
                return as_json(study)
            if nct_id in identification.get("nctIdAliases", []):
                return text(301, Location=f"{ROOT}/studies/{identification['nctId']}")
        raise RefusedError(f"NCT number {nct_id} not found", 404)

    def _token(self, query: dict[str, str], position: int) -> str:
        # Numbered, so that an empty page leads on to its own place under a token not used before.
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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, registry: CtgovServer, *args: Any) -> None:
        self._registry = registry
        super().__init__(*args)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        request = Request(url.path.removeprefix(ROOT), query, dict(self.headers.items()))
        answer, fault = self._registry.answer(request)
        half = answer.body[: len(answer.body) // 2]
        body = half if fault in {Fault.DROPPED_CONNECTION, Fault.TRUNCATED_JSON} else answer.body
        promised = answer.body if fault is Fault.DROPPED_CONNECTION else body
        # A client that gave up waiting is no concern of the server's.
        with suppress(ConnectionError):
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(promised)))
            self.end_headers()
            self.wfile.write(body)
        self.close_connection = self.close_connection or fault is Fault.DROPPED_CONNECTION

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's parameter
        """Keep the test output clean."""


def _fingerprint(query: dict[str, str]) -> str:
    bound = sorted((name, value) for name, value in query.items() if name not in OF_ONE_PAGE)
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:12]


def _check(query: dict[str, str]) -> None:
    if unknown := sorted(query.keys() - UNDERSTOOD):
        raise RefusedError(f"Unknown parameter `{unknown[0]}`")
    if query.get("format", "json") != "json":
        raise RefusedError("`format` is not one of: json")
    if query.get("markupFormat", "markdown") not in {"markdown", "legacy"}:
        raise RefusedError("`markupFormat` is not one of: markdown, legacy")
    if not query.get("pageSize", "0").isdecimal():
        raise RefusedError("`pageSize` is not a whole number of 0 or more")


def _matches(study: dict[str, Any], query: dict[str, str]) -> bool:
    if wanted := query.get("query.cond", "").casefold():
        return any(wanted in said.casefold() for said in _condition_texts(study)) and _updated(study, query)
    return _updated(study, query)


def _condition_texts(study: dict[str, Any]) -> Iterator[str]:
    protocol = study["protocolSection"]
    yield from protocol.get("conditionsModule", {}).get("conditions", [])
    for title in ("briefTitle", "officialTitle"):
        yield protocol["identificationModule"].get(title, "")


def _updated(study: dict[str, Any], query: dict[str, str]) -> bool:
    if "filter.advanced" not in query:
        return True
    span = UPDATED.fullmatch(query["filter.advanced"])
    if not span:
        raise RefusedError(f"`filter.advanced`: cannot parse {query['filter.advanced']}")
    day = study["protocolSection"]["statusModule"].get("lastUpdatePostDateStruct", {}).get("date")
    first, last = span.groups()
    return day is not None and (first == "MIN" or first <= day) and (last == "MAX" or day <= last)
