"""Reads what lists count from beside the first requests of a worker, so that no reader has to wait for it."""

from itertools import islice
from threading import Thread

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


def start_warming(engine: Engine, catalogues: Catalogues) -> Thread:
    """To be joined before the engine is disposed of; a database that is not ready is left to the first request."""
    thread = Thread(target=_warm, args=(engine, catalogues), name="warming", daemon=True)
    thread.start()
    return thread


def _warm(engine: Engine, catalogues: Catalogues) -> None:
    try:
        with reading(engine) as session:
            _read(catalogues.current(session), session)
    except (DBAPIError, engine.dialect.loaded_dbapi.Error):
        return


def _read(catalogue: Catalogue, session: Session) -> None:
    """In the order in which the first page asks for it; what only filtered lists need comes last."""
    if default := sort_named(DEFAULT_SORT):
        catalogue.orders(session, default)
    catalogue.trials(session)
    for facet in FACETS:
        catalogue.postings(session, facet.name)
    for facet in FACETS:
        postings = catalogue.postings(session, facet.name)
        if has_many_values(postings):
            catalogue.values_by_trial(session, facet.name)
        for posting in islice(postings.values(), _MOST_OPENED):
            posting.trials  # noqa: B018  opened by being asked for
    catalogue.postings(session, EXACT_CONDITION.name)
    catalogue.broader(session)
