"""State that a request can reach: the settings, the database that is open now, the renderer."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from app.database.deadline import unhurried
from app.runtime.cached import cached_property
from app.search.counts.catalogue import Catalogue, Catalogues
from app.search.counts.freshness import Freshness
from app.settings import Settings
from app.web.data.store import Store
from app.web.edition import Edition
from app.web.rendering import Renderer
from app.web.telemetry.metrics import Metrics


@dataclass(frozen=True)
class AppState:
    settings: Settings
    store: Store
    metrics: Metrics
    renderer: Renderer
    today: Callable[[], date]


@dataclass(frozen=True)
class Reader:
    """One request's view of the data; everything read through it belongs to one revision."""

    session: Session
    catalogues: Catalogues
    today: date

    @cached_property
    def catalogue(self) -> Catalogue:
        return self.catalogues.current(self.session)

    @property
    def edition(self) -> Edition:
        return Edition(self.catalogue.version, self.catalogue.token, self.today)

    @property
    def freshness(self) -> Freshness:
        return self.catalogue.freshness(self.session)


def app_state(request: Request) -> AppState:
    state: AppState = request.app.state.trialmark
    return state


async def _state(request: Request) -> AppState:
    """Return the state on the event loop: it waits for nothing, so going to a thread would take longer."""
    return app_state(request)


async def _reader(state: "State") -> AsyncIterator[Reader]:
    """Give a request the current database until it ends; a database that replaces it is for later requests."""
    database = state.store.ready()
    if database is None:
        with unhurried():  # opening serves all requests, so this one's deadline does not apply
            database = await run_in_threadpool(state.store.opened)
    with database.reading() as session:
        yield Reader(session, database.catalogues, state.today())


State = Annotated[AppState, Depends(_state)]
Data = Annotated[Reader, Depends(_reader)]
