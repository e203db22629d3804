"""What a request may reach: the settings, the database, the catalogue in memory, the renderer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.database import reading
from app.search.catalogue import Catalogue, Catalogues
from app.search.freshness import Freshness
from app.settings import Settings
from app.web.edition import Edition
from app.web.rendering import Renderer


@dataclass(frozen=True)
class AppState:
    settings: Settings
    engine: Engine
    catalogues: Catalogues
    renderer: Renderer
    today: Callable[[], date]


@dataclass(frozen=True)
class Reader:
    """One request's view of the data: everything read through it is of one data version."""

    session: Session
    catalogue: Catalogue
    edition: Edition

    @property
    def freshness(self) -> Freshness:
        return self.catalogue.freshness(self.session)


def app_state(request: Request) -> AppState:
    state: AppState = request.app.state.trialmark
    return state


def _reader(state: "State") -> Iterator[Reader]:
    with reading(state.engine) as session:
        catalogue = state.catalogues.current(session)
        yield Reader(session, catalogue, Edition(catalogue.version, state.today()))


State = Annotated[AppState, Depends(app_state)]
Data = Annotated[Reader, Depends(_reader)]
