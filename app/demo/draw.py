"""Seeded random choices. The demo makes all choices with a Draw, so that a trial depends only on its number."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Values with relative weights, prepared so that a choice takes one bisection."""

    __slots__ = ("_bounds", "values")

    def __init__(self, weights: Mapping[T, float]) -> None:
        self.values = tuple(weights)
        total = sum(weights.values())
        # The last bound is left out, so that a rounding error cannot lead past the end of the values.
        self._bounds = tuple(bound / total for bound in accumulate(weights.values()))[:-1]

    def at(self, position: float) -> T:
        """Return the value at a position between 0 and 1."""
        return self.values[bisect_right(self._bounds, position)]


class Draw(Random):
    """A seeded generator with the few fast choices that the demo needs.

    `random.choice`, `randint` and `sample` avoid a bias that does not matter here, and take five times as long. A demo
    of 600,000 trials makes a hundred million choices.
    """

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, values: Sequence[T]) -> T:
        return values[int(self.random() * len(values))]

    def weighted(self, table: Weighted[T]) -> T:
        return table.at(self.random())

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def rank(self, size: int, skew: float) -> int:
        """Return a position from 0 to size - 1. The greater the skew, the more often it is one of the first."""
        return int(size * self.random() ** skew)

    def several(self, values: Sequence[T], count: int) -> list[T]:
        """Return up to `count` different values in random order."""
        size = len(values)
        count = min(count, size)
        if count == 1:
            return [self.pick(values)]
        pool, random = list(values), self.random
        for place in range(count):
            other = place + int(random() * (size - place))
            pool[place], pool[other] = pool[other], pool[place]
        return pool[:count]
