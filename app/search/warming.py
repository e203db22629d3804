"""Warming up of a new worker process, so that no reader has to wait for it.

While the first requests are answered, a thread reads the data that lists count from and that words are ranked by.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from threading import Event, Thread
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.database.engine import reading
from app.failures import DamagedDataError
from app.index.facets import EXACT_CONDITION, FACETS
from app.search.counts.catalogue import Catalogue, Catalogues
from app.search.counts.of_result import has_many_values
from app.search.counts.sort import DEFAULT_SORT, sort_named
from app.search.words import text

_MOST_OPENED = 1_000
"""Values of a facet whose bitmaps are opened, the commonest first; few lists count more values."""


class Warming(Thread):
    """The thread that warms up a worker process.

    Stop it before the engine is disposed of. It leaves anything that cannot be read to the first request.
    """

    def __init__(self, engine: Engine, catalogues: Catalogues) -> None:
        super().__init__(name="warming", daemon=True)
        self._engine = engine
        self._catalogues = catalogues
        self._is_over = Event()

    def run(self) -> None:
        try:
            started = monotonic()
            self._read(_for_first_page)
            self._is_over.wait(monotonic() - started)  # leaves the processor to the first page
            self._read(_for_filters)
        except (DBAPIError, self._engine.dialect.loaded_dbapi.Error, DamagedDataError):
            return

    def stop(self) -> None:
        """Stop after the part that is being read, and wait for that; return at once if never started."""
        self._is_over.set()
        if self.ident is not None:
            self.join()

    def _read(self, parts: Callable[[Catalogue, Session], Iterator[object]]) -> None:
        if self._is_over.is_set():
            return
        with reading(self._engine) as session:
            for _ in parts(self._catalogues.current(session), session):
                if self._is_over.is_set():
                    return


def _for_first_page(catalogue: Catalogue, session: Session) -> Iterator[object]:
    """Yield the parts in the order in which the first page asks for them."""
    if default := sort_named(DEFAULT_SORT):
        yield catalogue.orders(session, default)
    yield catalogue.trials(session)
    for facet in FACETS:
        yield catalogue.postings(session, facet.name)


def _for_filters(catalogue: Catalogue, session: Session) -> Iterator[object]:
    for facet in FACETS:
        postings = catalogue.postings(session, facet.name)
        if has_many_values(postings):
            yield catalogue.values_by_trial(session, facet.name)
        for posting in islice(postings.values(), _MOST_OPENED):
            yield posting.trials
    yield catalogue.postings(session, EXACT_CONDITION.name)
    yield catalogue.broader(session)
    text.read_lengths(session)
