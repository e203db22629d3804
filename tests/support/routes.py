"""Lists the addresses of an application with their methods."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI


def routes(app: FastAPI) -> Iterator[tuple[str, frozenset[str]]]:
    route: Any
    for route in app.routes:
        router = getattr(route, "original_router", None)
        for own in router.routes if router else [route]:
            yield own.path, frozenset(getattr(own, "methods", None) or ())
