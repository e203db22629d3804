"""Request ids: readers can quote them, and every log line of the request has its id."""

import re
from collections.abc import Iterable
from secrets import token_hex

import structlog
from starlette.types import Scope

HEADER = "X-Request-ID"
_NAME = HEADER.lower().encode()
Header = tuple[bytes, bytes]
_ACCEPTED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""The form of an id accepted from a proxy: nothing in it could break a log line or a header."""


def begin_request(scope: Scope) -> str:
    """Give a request an id, or the proxy's if it sent one, and put it into every log line from here on."""
    sent = next((value for name, value in scope["headers"] if name == _NAME), b"")
    request_id = sent.decode() if _ACCEPTED.fullmatch(sent) else token_hex(8)
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def with_id(headers: Iterable[Header], request_id: str) -> list[Header]:
    """Return a new list of a response's headers with the id; other code may still hold the old list."""
    return [*(header for header in headers if header[0] != _NAME), (_NAME, request_id.encode())]


def request_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
