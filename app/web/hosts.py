"""The hosts that the service answers for. The sender of a request chooses its `Host`, which must not steer a page."""

import re

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.settings import Settings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Hosts of requests from this machine, or from a proxy on it that leaves the reader's host out."""
_FOR_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths that are requested by IP address or container name; their responses contain no address."""
_HOST = re.compile(r"(?P<name>[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Hosts:
    """Middleware that refuses a request whose `Host` is malformed, repeated, or not one the service answers for.

    Args:
        allowed: names as in `Host` without a port; `*.example.org` means all names below it. None lets every
            well-formed host pass.
        advice: a sentence on where the service is, for a reader who came to the wrong host.
    """

    def __init__(self, app: ASGIApp, *, allowed: frozenset[str] | None, advice: str = "") -> None:
        self._app = app
        self._allowed = allowed
        self._advice = advice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] in {"http", "websocket"} else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) > 1:
            return PlainTextResponse("The request names its host more than once.\n", 400)
        host = hosts[0].strip().lower() if hosts else ""
        match = _HOST.fullmatch(host)
        if host and not match:
            return PlainTextResponse("The Host of this request is not a host name and port.\n", 400)
        if self._allowed is None or scope["path"] in _FOR_PROBES:
            return None
        name = match["name"].rstrip(".") if match else ""
        if name and any(_is_named(name, allowed) for allowed in self._allowed):
            return None
        return PlainTextResponse(
            f"This service does not answer for the host that was asked for. {self._advice}"
            "Its administrator can add hosts with TRIALMARK_ALLOWED_HOSTS.\n",
            400,
        )


def allowed_hosts(settings: Settings) -> frozenset[str] | None:
    """Return the hosts to answer for, or None for any host.

    With a public address they are its own host, the hosts that were added, and this machine.
    """
    named = frozenset(settings.hosts)
    return named | _LOOPBACK if named and "*" not in named else None


def _is_named(name: str, allowed: str) -> bool:
    return name.endswith(allowed[1:]) if allowed.startswith("*.") else name == allowed
