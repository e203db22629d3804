"""Names of routes in log and metrics: the route's template, never what a reader put into the address."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

UNMATCHED = "(none)"


class RouteNames:
    """The names of an application's routes. A page from the cache has bypassed the router, so its path is matched."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routes = [(route.path_regex, _name(route)) for route in _flat(routes)]
        self._name_of_path = lru_cache(maxsize=1_000)(self._found)

    def name(self, scope: Scope) -> str:
        route = scope.get("route")
        return _name(route) if route else self._name_of_path(scope["path"])

    def _found(self, path: str) -> str:
        return next((name for pattern, name in self._routes if pattern.match(path)), UNMATCHED)


def _name(route: Any) -> str:
    """Return a route's template; all files of a mounted folder share one name."""
    path: str = route.path
    return f"{path}/..." if isinstance(route, Mount) else path


def _flat(routes: Iterable[Any]) -> Iterator[Any]:
    for route in routes:
        router = getattr(route, "original_router", None)
        yield from _flat(router.routes) if router else [route]
