"""The page cache: without a thread or session, it answers 304 to a browser that has the page, else a stored page."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.edition import VARY, Edition, entity_tag

MOST_BYTES = 16_000_000
_LEAST_PAGES = 16
"""At least this many pages fit. A longer page is not stored, because it would push out many others."""

_OUTCOME = "page_cache"
"""The key in the request's scope for the outcome: unchanged, hit or miss."""

_Key = tuple[str, bool]
"""The entity tag, and whether the page is sent compressed."""


@dataclass(frozen=True, slots=True)
class _Sent:
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    async def send_again(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body})


class PageCache:
    """An LRU cache of whole pages that were sent with an entity tag, up to a number of bytes.

    Args:
        edition: returns the present edition, or None while it is unknown; then every request goes through.
        resized: is called with the numbers of pages and bytes that are kept.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        edition: Callable[[], Edition | None],
        most_bytes: int = MOST_BYTES,
        resized: Callable[[int, int], None] = lambda _pages, _bytes: None,
    ) -> None:
        self._app = app
        self._resized = resized
        self._edition = edition
        self._most_bytes = most_bytes
        self._kept: OrderedDict[_Key, _Sent] = OrderedDict()
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        edition = self._edition() if _is_read(scope) else None
        if edition is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        tag = entity_tag(request, edition)
        if tag.removeprefix("W/") in _known_tags(request):
            scope[_OUTCOME] = "unchanged"
            await _unchanged(tag)(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._app(scope, receive, send)
        else:
            await self._answer((tag, _takes_gzip(request)), scope, receive, send)

    async def _answer(self, key: _Key, scope: Scope, receive: Receive, send: Send) -> None:
        if kept := self._kept.get(key):
            self._kept.move_to_end(key)
            scope[_OUTCOME] = "hit"
            await kept.send_again(send)
            return
        scope[_OUTCOME] = "miss"
        messages: list[Message] = []

        async def send_and_note(message: Message) -> None:
            messages.append(dict(message))
            await send(message)

        await self._app(scope, receive, send_and_note)
        if sent := _whole_page(messages, key[0]):
            self._keep(key, sent)

    def _keep(self, key: _Key, sent: _Sent) -> None:
        if len(sent.body) > self._most_bytes // _LEAST_PAGES or key in self._kept:
            return
        self._kept[key] = sent
        self._bytes += len(sent.body)
        while self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body)
        self._resized(len(self._kept), self._bytes)


def _is_read(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}


def _known_tags(request: Request) -> set[str]:
    tags = request.headers.get("If-None-Match", "").split(",")
    return {tag.strip().removeprefix("W/") for tag in tags}


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _unchanged(tag: str) -> Response:
    # The same Vary as the page's own, compression included: a cache copies these headers to the page that it holds.
    vary = f"{VARY}, Accept-Encoding"
    return Response(status_code=304, headers={"ETag": tag, "Vary": vary, "Cache-Control": "no-cache"})


def _whole_page(messages: list[Message], tag: str) -> _Sent | None:
    """Return the page if it was sent in one piece with this tag; data that changed meanwhile has another tag."""
    if len(messages) != 2 or messages[0].get("status") != 200:
        return None
    start, body = messages
    headers = tuple((bytes(name), bytes(value)) for name, value in start["headers"])
    is_of_this_edition = (b"etag", tag.encode()) in headers
    return _Sent(headers, body["body"]) if is_of_this_edition else None
