"""Statements over many rows: lists as one parameter, and rows without wrapping."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import orjson
from sqlalchemy import Executable, Select, bindparam, func, select
from sqlmodel import Session

Integer = TypeVar("Integer", bound=np.integer[Any])


def listed(values: Sequence[int] | Sequence[str]) -> Select[Any]:
    """Any number of values as one parameter, to be `in_`."""
    return select(func.json_each(orjson.dumps(values).decode()).table_valued("value").c.value)


LISTED = select(func.json_each(bindparam("listed")).table_valued("value").c.value)
"""The same in a statement that is made once, for `rows_of`."""


def driver_rows(
    session: Session, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> Iterable[tuple[Any, ...]]:
    """As the driver gives them: of millions, wrapping each would take longer than reading it."""
    return cast("Iterable[tuple[Any, ...]]", session.connection().execute(statement, parameters).cursor)


def rows_of(session: Session, statement: Executable, values: Sequence[int]) -> Iterable[tuple[Any, ...]]:
    """Rows, as the driver gives them, of a statement that holds LISTED."""
    return driver_rows(session, statement, {"listed": orjson.dumps(values).decode()})


def integers(json_list: str, dtype: type[Integer]) -> npt.NDArray[Integer]:
    """Those of a list that SQLite has put together, millions of them without an object each; all fit the type."""
    return np.fromstring(json_list[1:-1], dtype=dtype, sep=",")
