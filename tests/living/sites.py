"""Applications under test: their pages are fetched in this process, without a socket, and compared."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from traceback import format_exception_only
from urllib.parse import unquote

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from starlette.types import Message, Scope

from app.main import create_app
from app.settings import Settings
from app.web.rendering import Renderer

TODAY = date(2026, 11, 20)
_COMPARED_HEADERS = (
    "content-type",
    "cache-control",
    "etag",
    "hx-push-url",
    "hx-redirect",
    "location",
    "vary",
)
_HEADERS = [(b"host", b"trialmark.example"), (b"x-request-id", b"living")]
"""Headers of every request; the request id is fixed, so that error pages do not differ by it."""
_HTMX = [(b"hx-request", b"true"), (b"hx-request-type", b"partial")]


@dataclass(frozen=True, slots=True)
class Asked:
    address: str
    is_fragment: bool = False
    """Whether it is asked for as htmx asks."""

    def __str__(self) -> str:
        return f"{self.address} as a fragment" if self.is_fragment else self.address


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[str, ...]
    """Values of the compared headers in their order; empty where one is missing."""
    body: str
    error: str = ""
    """The error of a request that failed."""

    @property
    def entity_tag(self) -> str:
        return self.headers[_COMPARED_HEADERS.index("etag")]

    @property
    def is_failure(self) -> bool:
        return self.status >= 500


@dataclass
class _Received:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True)
class Site:
    """A started application."""

    app: FastAPI
    portal: BlockingPortal

    def get(self, asked: Asked) -> Answer:
        received = _Received()
        error = ""
        try:
            self.portal.call(_ask, self.app, asked, received)
        except Exception as raised:  # noqa: BLE001  the server has answered 500 before it raises
            error = "".join(format_exception_only(raised)).strip()
        headers = tuple(received.headers.get(name, "") for name in _COMPARED_HEADERS)
        return Answer(500 if error else received.status, headers, received.body.decode(), error)


@contextmanager
def started(
    settings: Settings, portal: BlockingPortal, renderer: Renderer, *, is_warm: bool = True
) -> Iterator[Site]:
    """Start an application with empty caches; with `is_warm`, wait for its warm-up.

    The compiled templates, which hold no data, are shared by all applications.
    """
    app = create_app(settings, today=lambda: TODAY)
    app.state.trialmark = replace(app.state.trialmark, renderer=renderer)
    lifespan: AbstractContextManager[object] = portal.wrap_async_context_manager(
        app.router.lifespan_context(app)
    )
    with lifespan:
        if is_warm:
            app.state.trialmark.store.opened().warming.join()
        yield Site(app, portal)


def differences(
    asked: Sequence[Asked], one: Callable[[Asked], Answer], other: Callable[[Asked], Answer]
) -> Iterator[str]:
    """Return one text for each answer that differs."""
    for each in asked:
        found, expected = one(each), other(each)
        if found != expected:
            yield f"{each}: {_first_difference(found, expected)}"


def _first_difference(found: Answer, expected: Answer) -> str:
    if found.error or expected.error or found.status != expected.status:
        return f"{found.status} {found.error} instead of {expected.status} {expected.error}"
    if found.headers != expected.headers:
        return f"headers {found.headers} instead of {expected.headers}"
    lines = zip(found.body.splitlines(), expected.body.splitlines(), strict=False)
    place, pair = next(
        ((place, pair) for place, pair in enumerate(lines) if pair[0] != pair[1]), (-1, ("", ""))
    )
    return f"line {place}: {_around(*pair)!r} instead of {_around(*reversed(pair))!r}"


def _around(line: str, other: str) -> str:
    at = next((at for at, pair in enumerate(zip(line, other, strict=False)) if pair[0] != pair[1]), 0)
    return line[max(0, at - 150) : at + 250]


async def _ask(app: FastAPI, asked: Asked, received: _Received) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            received.status = int(message["status"])
            received.headers = {
                name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        else:
            received.body += message.get("body", b"")

    await app(_scope(asked), receive, send)


def _scope(asked: Asked) -> Scope:
    path, _, query = asked.address.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [*_HEADERS, *(_HTMX if asked.is_fragment else [])],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
    }
