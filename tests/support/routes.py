"""Lists the addresses of an application with their methods."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI


def routes(app: FastAPI) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each address once, with the methods of all routes that it has."""
    methods: dict[str, set[str]] = defaultdict(set)
    route: Any
    for route in app.routes:
        router = getattr(route, "original_router", None)
        for own in router.routes if router else [route]:
            methods[own.path] |= getattr(own, "methods", None) or set()
    return ((path, frozenset(found)) for path, found in methods.items())
