"""Serves the least that a list could cost: the same bytes as a constant, and its template over data that is ready."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from app.main import today
from app.pages.trial_list import TrialList, build
from app.runtime.log import configure_logging
from app.search.find import Search
from app.search.query import TrialQuery
from app.settings import read_settings
from app.web.data.store import Store
from app.web.rendering import Renderer
from app.web.state import AppState, Reader
from app.web.telemetry.metrics import Metrics
from app.web.telemetry.request_log import RequestLog
from app.web.telemetry.route_names import RouteNames


def application() -> FastAPI:
    settings = read_settings()
    configure_logging("json")
    state = AppState(settings, Store(settings), Metrics(), Renderer.of(settings), today)
    ready: list[TrialList] = []
    app = FastAPI(openapi_url=None)
    app.add_middleware(RequestLog, names=RouteNames(app.routes), observer=state.metrics)

    @app.get("/template")
    def template(request: Request) -> Response:
        if not ready:
            database = state.store.opened()
            with database.reading() as session:
                data = Reader(session, database.catalogues, today())
                search = Search(session, data.catalogue, TrialQuery())
                ready.append(build(request, state, data, search))
        return state.renderer.page(request, "trial_list.html", ready[0])

    constant: list[str] = []

    @app.get("/constant")
    def same(request: Request) -> Response:
        if not constant:
            constant.append(bytes(template(request).body).decode())
        return HTMLResponse(constant[0])

    return app
