"""Prepares the batches of a run in their order: the first ones here, those of a long run in other processes."""

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from app.conditions.vocabulary import NewConcept, Vocabulary
from app.ingest.sources.source import SourceError
from app.runtime.allocator import give_back_large_blocks

HERE = 10
"""So many batches are done before it is worth starting other processes."""
_WORKERS = min(4, os.cpu_count() or 1)
_AHEAD = 2
"""Batches under way for each worker, so that none of them waits for the writing."""
MOST_UNDER_WAY = _WORKERS * _AHEAD
_NICENESS = 5
"""The writing comes first: on two processors it is what the others wait for."""
_COLLECT_AFTER = 100_000
"""New objects; documents are trees, which go away without a collector."""

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Batch_contra = TypeVar("Batch_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


class Preparing(Protocol[Batch_contra, Result_co]):
    """Does all that needs no writing for one batch after the other, with a vocabulary that learns from them."""

    vocabulary: Vocabulary

    def prepare(self, batch: Batch_contra, /) -> Result_co: ...

    @property
    def twin(self) -> "Callable[[], Preparing[Batch_contra, Result_co]]":
        """Makes its like in another process, that knows all that this one has learned so far."""


_own: list[Preparing[Any, Any]] = []
"""A worker's only one."""


def prepared_batches(
    preparer: Preparing[Batch, Result], batches: Iterator[Batch]
) -> Iterator[tuple[Batch, Result, int]]:
    """Yield each batch as it was, as it is prepared, and how many of the learned concepts were known to it.

    It is prepared from what was stored up to MOST_UNDER_WAY batches before.

    Raises:
        SourceError: a worker was ended from outside.
    """
    for batch in islice(batches, HERE):
        known = len(preparer.vocabulary.learned)
        yield batch, preparer.prepare(batch), known
    if (next_one := next(batches, None)) is not None:
        yield from _elsewhere(preparer, chain([next_one], batches))


def _elsewhere(
    preparer: Preparing[Batch, Result], batches: Iterator[Batch]
) -> Iterator[tuple[Batch, Result, int]]:
    pool = ProcessPoolExecutor(_WORKERS, get_context("spawn"), _start, (preparer.twin,))
    under_way: deque[tuple[Batch, Future[Result], int]] = deque()
    at_start = len(preparer.vocabulary.learned)
    gc.freeze()
    try:
        for batch in batches:
            learned = preparer.vocabulary.learned
            future = pool.submit(_prepare, batch, learned[at_start:])
            under_way.append((batch, future, len(learned)))
            if len(under_way) == MOST_UNDER_WAY:
                yield _first(under_way)
        while under_way:
            yield _first(under_way)
    except BrokenProcessPool as error:
        raise SourceError(
            "a process that prepared records was ended from outside, perhaps for want of memory; "
            "run it again: what was written stays, and the rest follows"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()


def _first(under_way: deque[tuple[Batch, Future[Result], int]]) -> tuple[Batch, Result, int]:
    batch, future, known = under_way.popleft()
    return batch, future.result(), known


def _start(twin: Callable[[], Preparing[Any, Any]]) -> None:
    give_back_large_blocks()
    os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run is told as well, and ends its workers
    _own.append(twin())
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _prepare(batch: Any, learned: list[NewConcept]) -> Any:
    preparer = _own[0]
    preparer.vocabulary.take_in(learned)
    return preparer.prepare(batch)
