"""Prepares the batches of a run in order: the first ones in this process, those of a long run in worker processes."""

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

BATCHES_BEFORE_WORKERS = 10
"""Batches prepared in this process before workers are started. Shorter runs stay in this process."""
_WORKERS = min(4, os.cpu_count() or 1)
_AHEAD = 2
"""Batches under way for each worker, so that no worker waits for the writing."""
MOST_UNDER_WAY = _WORKERS * _AHEAD
_NICENESS = 5
"""Workers give way to the writing process: on two processors, all others wait for it."""
_COLLECT_AFTER = 100_000
"""New objects between two garbage collections; documents are trees, which are freed without the collector."""

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Batch_contra = TypeVar("Batch_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


class Preparing(Protocol[Batch_contra, Result_co]):
    """Does all work on one batch after the other that needs no writing, with a vocabulary that learns from them."""

    vocabulary: Vocabulary

    def prepare(self, batch: Batch_contra, /) -> Result_co: ...

    @property
    def worker_factory(self) -> "Callable[[], Preparing[Batch_contra, Result_co]]":
        """Builds an equivalent preparer in a worker process, which knows all that this one has learned so far."""


_own: list[Preparing[Any, Any]] = []
"""The only preparer of a worker process."""


def prepared_batches(
    preparer: Preparing[Batch, Result], batches: Iterator[Batch]
) -> Iterator[tuple[Batch, Result, int]]:
    """Yield each batch, what was prepared from it, and how many of the learned concepts were known for that.

    It is prepared from what was stored up to MOST_UNDER_WAY batches before.

    Raises:
        SourceError: a worker was killed from outside.
    """
    for batch in islice(batches, BATCHES_BEFORE_WORKERS):
        known = len(preparer.vocabulary.learned)
        yield batch, preparer.prepare(batch), known
    if (next_one := next(batches, None)) is not None:
        yield from _prepared_by_workers(preparer, chain([next_one], batches))


def _prepared_by_workers(
    preparer: Preparing[Batch, Result], batches: Iterator[Batch]
) -> Iterator[tuple[Batch, Result, int]]:
    pool = ProcessPoolExecutor(_WORKERS, get_context("spawn"), _start, (preparer.worker_factory,))
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
            "a worker process was killed from outside, perhaps because memory ran out; "
            "run it again: what was written stays, and the rest follows"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()


def _first(under_way: deque[tuple[Batch, Future[Result], int]]) -> tuple[Batch, Result, int]:
    batch, future, known = under_way.popleft()
    return batch, future.result(), known


def _start(factory: Callable[[], Preparing[Any, Any]]) -> None:
    give_back_large_blocks()
    os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run gets the signal too, and stops its workers
    _own.append(factory())
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _prepare(batch: Any, learned: list[NewConcept]) -> Any:
    preparer = _own[0]
    preparer.vocabulary.take_in(learned)
    return preparer.prepare(batch)
