"""The request log: one line and one count for each request, with its route, its status and its duration.

Neither says who asked or what for: search words, ages and places are health data, and so is the address of a disease's
or a trial's page.
"""

from time import perf_counter
from typing import Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.runtime.log import withholds_values
from app.web.telemetry.request_id import begin_request, with_id
from app.web.telemetry.route_names import RouteNames

_log = structlog.get_logger("trialmark.request")
_OF_MACHINES = frozenset({"/healthz", "/readyz", "/metrics", "/static/..."})
"""Routes that are requested every few seconds, or by every page; they are logged only when they fail."""
_LONGEST_QUERY = 500


class Observer(Protocol):
    """A counter of requests; see `app.web.telemetry.metrics`."""

    def begin(self) -> None: ...

    def end(self, route: str, status: int, seconds: float, cache: str) -> None: ...


class RequestLog:
    """The outermost middleware, which gives each request its id and logs its outcome.

    Args:
        with_queries: also write the path and the query string.
    """

    def __init__(
        self, app: ASGIApp, *, names: RouteNames, observer: Observer, with_queries: bool = False
    ) -> None:
        self._app = app
        self._names = names
        self._observer = observer
        self._with_queries = with_queries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status = 500
        request_id = begin_request(scope)
        withholds_values.set(not self._with_queries)

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"] = with_id(message["headers"], request_id)
            await send(message)

        self._observer.begin()
        try:
            await self._app(scope, receive, send_and_note)
        finally:
            self._note(scope, status, perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = self._names.name(scope)
        self._observer.end(route, status, seconds, scope.get("page_cache", ""))
        if status < 400 and route in _OF_MACHINES:
            return
        asked = {}
        if self._with_queries:
            query = scope["query_string"].decode("latin-1")
            asked = {"path": scope["path"], "query": query[:_LONGEST_QUERY]}
        _log.info(
            "request",
            method=scope["method"],
            route=route,
            **asked,
            status=status,
            ms=round(seconds * 1000, 1),
        )
