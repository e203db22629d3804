"""Statements over many rows: lists passed as one parameter, and rows that SQLAlchemy does not wrap."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import orjson
from sqlalchemy import Executable, Select, bindparam, func, select
from sqlmodel import Session

Integer = TypeVar("Integer", bound=np.integer[Any])


def listed(values: Sequence[int] | Sequence[str]) -> Select[Any]:
    """Return a subquery for `in_`: any number of values, passed as one parameter."""
    return select(func.json_each(orjson.dumps(values).decode()).table_valued("value").c.value)


LISTED = select(func.json_each(bindparam("listed")).table_valued("value").c.value)
"""The same subquery for a statement that is built once and run by `rows_of`."""


def driver_rows(
    session: Session, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> Iterable[tuple[Any, ...]]:
    """Return rows as the driver gives them.

    With millions of rows, wrapping each would take longer than reading it.
    """
    return cast("Iterable[tuple[Any, ...]]", session.connection().execute(statement, parameters).cursor)


def rows_of(session: Session, statement: Executable, values: Sequence[int]) -> Iterable[tuple[Any, ...]]:
    """Run a statement that contains LISTED, and return rows as the driver gives them."""
    return driver_rows(session, statement, {"listed": orjson.dumps(values).decode()})


def integers(json_list: str, dtype: type[Integer]) -> npt.NDArray[Integer]:
    """Convert a JSON list that SQLite has built into an array; all numbers must fit the type.

    No Python object is created for each of the millions of numbers.
    """
    return np.fromstring(json_list[1:-1], dtype=dtype, sep=",")
