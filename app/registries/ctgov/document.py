"""Reads typed values from a parsed JSON document. A value of the wrong type raises a RecordError that names its key."""

from typing import Any

from app.record.code_lists import canonical
from app.record.trial import DateKind, PartialDate, RecordError
from app.text.visible import visible

Node = dict[str, Any]

EMPTY: Node = {}

_GREATEST = 10**18 - 1
"""The largest number that is accepted: it fits into the integers of every database."""

_ONLY_OBJECTS = frozenset({dict})
_ONLY_TEXTS = frozenset({str})

_DATE_KINDS: dict[str, DateKind] = {
    "ACTUAL": "actual",
    "ESTIMATED": "estimated",
    "ANTICIPATED": "estimated",  # the registry's word until 2023
}


def node(parent: Node, key: str) -> Node:
    value = parent.get(key)
    if value is None:
        return EMPTY
    if type(value) is not dict:
        raise _unexpected(key, "an object", value)
    return value


def nodes(parent: Node, key: str) -> list[Node]:
    value = parent.get(key)
    if value is None:
        return []
    if type(value) is not list or not _ONLY_OBJECTS.issuperset(map(type, value)):
        raise _unexpected(key, "a list of objects", value)
    return value


def text(parent: Node, key: str) -> str | None:
    """Read a text without invisible characters and surrounding white space; return None if nothing is left."""
    value = parent.get(key)
    if value is None:
        return None
    if type(value) is not str:
        raise _unexpected(key, "text", value)
    return visible(value).strip() or None


def texts(parent: Node, key: str) -> tuple[str, ...]:
    value = parent.get(key)
    if value is None:
        return ()
    if type(value) is not list or not _ONLY_TEXTS.issuperset(map(type, value)):
        raise _unexpected(key, "a list of texts", value)
    return tuple(item for each in value if (item := visible(each).strip()))


def flag(parent: Node, key: str) -> bool | None:
    value = parent.get(key)
    if value is None or type(value) is bool:
        return value
    raise _unexpected(key, "true or false", value)


def integer(parent: Node, key: str) -> int | None:
    value = parent.get(key)
    if value is None or (type(value) is int and abs(value) <= _GREATEST):
        return value
    if type(value) is int:
        raise RecordError(f"{key}: a number of more than 18 digits")
    raise _unexpected(key, "a whole number", value)


def real(parent: Node, key: str) -> float | None:
    value = parent.get(key)
    if value is None or type(value) in (float, int):
        return value
    raise _unexpected(key, "a number", value)


def enum(parent: Node, key: str) -> str | None:
    value = text(parent, key)
    return canonical(value) if value else None


def enums(parent: Node, key: str) -> tuple[str, ...]:
    return tuple(canonical(value) for value in texts(parent, key))


def plain_date(parent: Node, key: str) -> PartialDate | None:
    value = text(parent, key)
    return PartialDate(value) if value else None


def date_struct(parent: Node, key: str) -> PartialDate | None:
    struct = node(parent, key)
    value = text(struct, "date")
    return PartialDate(value, date_kind(struct)) if value else None


def date_kind(struct: Node) -> DateKind | None:
    return _DATE_KINDS.get(text(struct, "type") or "")


def _unexpected(key: str, expected: str, value: object) -> RecordError:
    kinds = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return RecordError(f"{key}: expected {expected}, found {kinds.get(type(value), type(value).__name__)}")
