"""The composition root: settings, database, pages and middleware become one application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app import __version__
from app.api import trials as api
from app.pages import (
    about_data,
    condition,
    conditions,
    error,
    facet_values,
    favicon,
    home,
    opensearch,
    operations,
    sitemap,
    suggestions,
    trial_list,
)
from app.pages.trial import page as trial
from app.search.budget import HEAVY_AT_ONCE, LONGEST_WAIT_FOR_TURN, MOST_HEAVY_WAITING
from app.settings import Settings
from app.web.addresses import Addresses, Prefixed
from app.web.assets import Assets
from app.web.data.problems import DatabaseUnavailableError
from app.web.data.store import Store
from app.web.hosts import Hosts, allowed_hosts
from app.web.limits.of_requests import in_time, short_enough
from app.web.limits.turns import Turns
from app.web.page_cache import PageCache
from app.web.rendering import Renderer
from app.web.security import SecurityHeaders
from app.web.state import AppState
from app.web.telemetry.metrics import Metrics
from app.web.telemetry.request_log import RequestLog
from app.web.telemetry.route_names import RouteNames

_COMPRESS_FROM = 1_000
"""The smallest response that is compressed, in bytes. Compressing smaller ones gains nothing."""

OWN_NAMES = frozenset(
    {
        "trials",
        "conditions",
        "about",
        "api",
        "openapi.json",
        "study",
        "ct2",
        "static",
        "healthz",
        "readyz",
        "metrics",
        "robots.txt",
        "sitemap",
        "sitemap.xml",
        "opensearch.xml",
        "favicon.ico",
    }
)
"""The first segments of all paths. A proxy's prefix that equals one of them is ambiguous; see `Prefixed`."""


def today() -> date:
    return datetime.now(UTC).date()


def create_app(settings: Settings, *, today: Callable[[], date] = today) -> FastAPI:
    """Build the application for the database in the settings. Pages count days from `today`."""
    store, metrics = Store(settings), Metrics()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with suppress(
            DatabaseUnavailableError
        ):  # already logged; pages report it until the database can be read
            store.opened()
        yield
        store.close()

    app = FastAPI(
        title="Trialmark",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
        dependencies=[Depends(short_enough), Depends(in_time, scope="function")],
    )
    app.state.turns = Turns(
        at_once=HEAVY_AT_ONCE, most_waiting=MOST_HEAVY_WAITING, longest_wait=LONGEST_WAIT_FOR_TURN
    )
    app.state.trialmark = AppState(settings, store, metrics, Renderer.of(settings), today)
    for page in (
        home,
        trial_list,
        facet_values,
        suggestions,
        trial,
        conditions,
        condition,
        about_data,
        api,
        operations,
        sitemap,
        opensearch,
        favicon,
    ):
        app.include_router(page.router)
    app.mount("/static", Assets())
    error.register(app)
    app.add_middleware(GZipMiddleware, minimum_size=_COMPRESS_FROM, compresslevel=4)
    app.add_middleware(PageCache, edition=lambda: store.edition(today()), resized=metrics.resize_cache)
    at = f"Trialmark is at {settings.public_url}/. " if settings.public_url else ""
    app.add_middleware(Hosts, allowed=allowed_hosts(settings), advice=at)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(
        RequestLog, names=RouteNames(app.routes), observer=metrics, with_queries=settings.log_queries
    )
    app.add_middleware(Prefixed, addresses=Addresses.of(settings), own_names=OWN_NAMES)
    return app
