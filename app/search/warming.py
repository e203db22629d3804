"""Reads what lists count from beside the first requests of a worker, so that no reader has to wait for it."""

from itertools import islice
from threading import Event, Thread
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.database import reading
from app.search.catalogue import Catalogue, Catalogues
from app.search.counts import has_many_values
from app.search.facets import EXACT_CONDITION, FACETS
from app.search.sort import DEFAULT_SORT, sort_named

_MOST_OPENED = 1_000
"""Values of a facet, the commonest first; few lists count more."""


class Warming(Thread):
    """To be stopped before the engine is disposed of; a database that is not ready is left to the first request."""

    def __init__(self, engine: Engine, catalogues: Catalogues) -> None:
        super().__init__(name="warming", daemon=True)
        self._engine = engine
        self._catalogues = catalogues
        self._is_over = Event()

    def run(self) -> None:
        try:
            started = monotonic()
            with reading(self._engine) as session:
                _read_for_first_page(self._catalogues.current(session), session)
            self._is_over.wait(monotonic() - started)  # the first page has the processor to itself
            with reading(self._engine) as session:
                self._read_for_filters(self._catalogues.current(session), session)
        except (DBAPIError, self._engine.dialect.loaded_dbapi.Error):
            return

    def stop(self) -> None:
        self._is_over.set()
        self.join()

    def _read_for_filters(self, catalogue: Catalogue, session: Session) -> None:
        for facet in FACETS:
            if self._is_over.is_set():
                return
            postings = catalogue.postings(session, facet.name)
            if has_many_values(postings):
                catalogue.values_by_trial(session, facet.name)
            for posting in islice(postings.values(), _MOST_OPENED):
                posting.trials  # noqa: B018  opened by being asked for
        catalogue.postings(session, EXACT_CONDITION.name)
        catalogue.broader(session)


def _read_for_first_page(catalogue: Catalogue, session: Session) -> None:
    """In the order in which it is asked for."""
    if default := sort_named(DEFAULT_SORT):
        catalogue.orders(session, default)
    catalogue.trials(session)
    for facet in FACETS:
        catalogue.postings(session, facet.name)
