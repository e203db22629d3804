"""Statements over many rows: lists as one parameter, and rows without wrapping."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import orjson
from sqlalchemy import Executable, Select, func, select
from sqlmodel import Session


def listed(values: Sequence[int] | Sequence[str]) -> Select[Any]:
    """Any number of values as one parameter, to be `in_`."""
    return select(func.json_each(orjson.dumps(values).decode()).table_valued("value").c.value)


def driver_rows(session: Session, statement: Executable) -> Iterable[tuple[Any, ...]]:
    """As the driver gives them: of millions, wrapping each would take longer than reading it."""
    return cast("Iterable[tuple[Any, ...]]", session.connection().execute(statement).cursor)
