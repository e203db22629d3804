"""The sources of trials. A new registry is one folder beside `ctgov` and one line in REGISTRIES.

May import the record and texts; knows neither the database nor a page.
"""

from app.registries.ctgov.registry import CTGOV
from app.registries.registry import Registry

__all__ = [
    "CTGOV",
    "REGISTRIES",
    "Registry",
    "canonical_id",
    "registry_id_meant",
    "registry_named",
    "registry_of",
]

REGISTRIES: tuple[Registry, ...] = (CTGOV,)


def registry_named(name: str) -> Registry:
    return next(registry for registry in REGISTRIES if registry.name == name)


def registry_of(data: bytes) -> Registry:
    """Return the registry whose document this is, not read yet; the first one if none claims it."""
    return next((registry for registry in REGISTRIES if registry.owns(data)), REGISTRIES[0])


def canonical_id(written: str) -> str | None:
    """Return an id in the form of the registry that it belongs to, or None where it looks like none."""
    return next((known for registry in REGISTRIES if (known := registry.canonical_id(written))), None)


def registry_id_meant(q: str) -> str | None:
    """Return the id that a search means which is nothing but a trial's number or the address of its record."""
    written = q.strip().strip("\"'\u201c\u201d<>").strip()
    return next((known for registry in REGISTRIES if (known := registry.id_meant(written))), None)
