"""`cached_property` that does not make threads wait for each other.

Up to Python 3.11 the standard library's holds one lock for all instances of a class while it computes, so that one
long search would hold up every other search of the process. From 3.12 on it has no lock.
"""

import sys
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")

if sys.version_info >= (3, 12):
    from functools import cached_property
else:

    class cached_property(Generic[T]):  # noqa: N801  stands in for the standard library's
        """Compute a value when it is first asked for, then keep it in the instance."""

        def __init__(self, compute: Callable[[Any], T]) -> None:
            self._compute = compute
            self.__doc__ = compute.__doc__

        def __set_name__(self, _owner: type[Any], name: str) -> None:
            self._name = name

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> "cached_property[T]": ...

        @overload
        def __get__(self, instance: object, owner: type[Any]) -> T: ...

        def __get__(self, instance: object | None, owner: type[Any]) -> "T | cached_property[T]":
            if instance is None:
                return self
            value = self._compute(instance)
            instance.__dict__[self._name] = value
            return value


__all__ = ["cached_property"]
