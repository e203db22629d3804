"""Prepares the batches of a run in their order: the first ones here, those of a long run in other processes."""

import gc
import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from itertools import chain, islice
from multiprocessing import get_context

from app.allocator import give_back_large_blocks
from app.database import open_engine, reading
from app.ingest.concepts import NewConcept, load_vocabulary
from app.ingest.prepare import PreparedBatch, Preparer
from app.ingest.source import RawRecord, SourceError
from app.registries import registry_named
from app.settings import Settings

HERE = 10
"""So many batches are done before it is worth starting other processes."""
_WORKERS = min(4, os.cpu_count() or 1)
_AHEAD = 2
"""Batches under way for each worker, so that none of them waits for the writing."""
MOST_UNDER_WAY = _WORKERS * _AHEAD
_NEWS = 1_000
"""Concepts learned last, which each worker is told of; what else it misses is settled at the end of the run."""
_COLLECT_AFTER = 100_000
"""New objects; documents are trees, which go away without a collector."""

Raws = list[RawRecord]

_own: list[Preparer] = []
"""A worker's only preparer."""


def prepared_batches(preparer: Preparer, batches: Iterator[Raws]) -> Iterator[tuple[Raws, PreparedBatch]]:
    """Each batch as it was and as it is prepared, from what was stored up to MOST_UNDER_WAY batches before.

    Raises:
        SourceError: a worker was ended from outside.
    """
    for raws in islice(batches, HERE):
        yield raws, preparer.prepare(raws)
    if (next_one := next(batches, None)) is not None:
        yield from _elsewhere(preparer, chain([next_one], batches))


def _elsewhere(preparer: Preparer, batches: Iterator[Raws]) -> Iterator[tuple[Raws, PreparedBatch]]:
    url = preparer.engine.url.render_as_string(hide_password=False)
    own = (url, preparer.registry.name, preparer.now)
    pool = ProcessPoolExecutor(_WORKERS, get_context("spawn"), _start, own)
    under_way: deque[tuple[Raws, Future[PreparedBatch]]] = deque()
    gc.freeze()
    try:
        for raws in batches:
            under_way.append((raws, pool.submit(_prepare, raws, preparer.vocabulary.learned[-_NEWS:])))
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


def _first(under_way: deque[tuple[Raws, Future[PreparedBatch]]]) -> tuple[Raws, PreparedBatch]:
    raws, future = under_way.popleft()
    return raws, future.result()


def _start(database_url: str, registry: str, now: datetime) -> None:
    give_back_large_blocks()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run is told as well, and ends its workers
    engine = open_engine(Settings(database_url=database_url), read_only=True)
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
    _own.append(Preparer(engine, registry_named(registry), now, vocabulary))
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _prepare(raws: Raws, learned: list[NewConcept]) -> PreparedBatch:
    preparer = _own[0]
    preparer.vocabulary.take_in(learned)
    return preparer.prepare(raws)
