"""Describes our addresses as OpenAPI for schemathesis, every parameter with its closed list of values."""

from typing import Any

from app.index.facets import FACETS
from app.search.budget import LARGEST_PAGE
from app.search.counts.sort import SORTS
from app.search.query import CONDITION_MATCHES

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 1}


def description() -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/": _reading(),
        "/trials": _reading(*_search()),
        "/api/v1/trials": _reading(*_search()),
        "/trials/suggest": _reading(_parameter("q", _TEXT)),
        "/conditions": _reading(_parameter("q", _TEXT)),
        "/conditions/{slug}": _reading(_in_path("slug", _TEXT)),
        "/about/data": _reading(),
    }
    for ending in ("", ".json", ".ris", ".bib", "/criteria.txt"):
        paths[f"/trials/{{registry_id}}{ending}"] = _reading(_in_path("registry_id", _TEXT))
    names = _in_path("name", {"enum": [facet.name for facet in FACETS]})
    paths["/trials/filter/{name}"] = _reading(names, _parameter("within", _TEXT), *_search())
    return {"openapi": "3.1.0", "info": {"title": "Trialmark", "version": "1"}, "paths": paths}


def _search() -> list[dict[str, Any]]:
    return [
        _parameter("q", _TEXT),
        *(_parameter(facet.name, {"type": "array", "items": _values(facet.name)}) for facet in FACETS),
        _parameter("condition_all", {"type": "array", "items": _TEXT}),
        _parameter("condition_match", {"enum": list(CONDITION_MATCHES)}),
        _parameter("sort", {"enum": [sort.name for sort in SORTS]}),
        _parameter("page", _NUMBER),
        _parameter("per_page", _NUMBER | {"minimum": 10, "maximum": LARGEST_PAGE}),
    ]


def _values(name: str) -> dict[str, Any]:
    vocabulary = next(facet.code_list for facet in FACETS if facet.name == name)
    return {"enum": [term.value for term in vocabulary]} if vocabulary else _TEXT


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _reading(*parameters: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"parameters": list(parameters), "responses": {"default": {"description": "an answer"}}}}
