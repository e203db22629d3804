"""Error pages, whole and as fragments, and the API's problem responses: what went wrong and where to go next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from sqlite3 import Error as SqliteError
from urllib.parse import parse_qsl, quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from app.database.deadline import TookTooLongError, is_interruption
from app.failures import DamagedDataError
from app.pages.parts.frame import Frame, frame
from app.search.budget import LONGEST_QUERY_STRING, MOST_PARAMETERS, OverBudgetError
from app.search.counts.freshness import Freshness
from app.search.narrower import narrower, within_budget
from app.search.query import BadParameterError, TrialQuery
from app.web.answers import VisibleJSON
from app.web.data.problems import DatabaseUnavailableError, problem_with
from app.web.data.readiness import readiness
from app.web.errors import Links, PageNotFoundError
from app.web.limits.turns import BusyError
from app.web.security import HEADERS
from app.web.state import AppState, app_state
from app.web.telemetry.request_id import HEADER, request_id

_log = structlog.get_logger("trialmark.error")
_HOME = (("Search all trials", "/trials"), ("Home", "/"))
_TRY_AGAIN_AFTER = 10
"""Seconds: about as long as it takes to move a file into place, or to answer a queue of searches."""
_RETRY = {"Retry-After": str(_TRY_AGAIN_AFTER)}
_UNREADABLE = "The data cannot be read at the moment"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    frame: Frame
    heading: str
    message: str
    links: Links
    reference: str
    """Id of this request in the log; empty where the reader can correct the request."""


def register(app: FastAPI) -> None:
    app.add_exception_handler(BadParameterError, _bad_parameter)
    app.add_exception_handler(OverBudgetError, _over_budget)
    app.add_exception_handler(TookTooLongError, _took_too_long)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(PageNotFoundError, _not_found)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in (DatabaseUnavailableError, DamagedDataError, DBAPIError, SqliteError):
        app.add_exception_handler(kind, _database_failed)
    app.add_exception_handler(Exception, _failure)


def _bad_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadParameterError)  # noqa: S101  registered for this class only
    if _is_api(request):
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), parameter=error.name)
    links = ((f"The same search without “{error.name}”", error.query.url()), *_HOME)
    message = f"The parameter “{error.name}” cannot be used: {error.reason}."
    return _page(request, HTTPStatus.BAD_REQUEST, "This search cannot be read", message, links)


def _over_budget(request: Request, error: Exception) -> Response:
    assert isinstance(error, OverBudgetError)  # noqa: S101  registered for this class only
    status = HTTPStatus.BAD_REQUEST
    message = f"It has {error.asked:,} {error.limit}; at most {error.most:,} are allowed. {error.advice}"
    if _is_api(request):
        return _problem(status, message, limit=error.limit, most=str(error.most))
    nearest = within_budget(_query_of(request))
    links = () if nearest.is_everything else (("As much of this search as is allowed", nearest.url()),)
    return _page(request, status, "This search asks for too much", message, (*links, *_HOME))


def _took_too_long(request: Request, _error: Exception) -> Response:
    """Answer a request that ran out of time; link to searches that cost less, not to the same one again."""
    status, seconds = HTTPStatus.SERVICE_UNAVAILABLE, app_state(request).settings.request_seconds
    _log.warning("took too long", path=request.url.path, seconds=seconds)
    message = (
        f"It was stopped after {seconds:g} seconds. Add a filter, use fewer words, "
        "or write whole words instead of beginnings with *."
    )
    if _is_api(request):
        return _problem(status, f"The search took too long. {message}")
    return _page(request, status, "This search took too long", message, (*_narrower_links(request), *_HOME))


def _busy(request: Request, _error: Exception) -> Response:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = f"Many large searches are being worked on just now. Try again in {_TRY_AGAIN_AFTER} seconds."
    if _is_api(request):
        return _problem(status, message, headers=_RETRY)
    links = (("Try again", _address(request)), *_narrower_links(request), *_HOME)
    response = _page(request, status, "Too many searches at once", message, links)
    response.headers.update(_RETRY)
    return response


def _narrower_links(request: Request) -> Iterator[tuple[str, str]]:
    for label, search in narrower(within_budget(_query_of(request))):
        yield label, search.url()


def _query_of(request: Request) -> TrialQuery:
    """Read as much as possible of the search in an address, however long the address is."""
    start = request.scope["query_string"][:LONGEST_QUERY_STRING].decode("latin-1")
    pairs = parse_qsl("&".join(start.split("&")[:MOST_PARAMETERS]))
    try:
        return TrialQuery.parse(pairs)
    except BadParameterError as error:
        return error.query


def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, PageNotFoundError)  # noqa: S101  registered for this class only
    if _is_api(request):
        return _problem(HTTPStatus.NOT_FOUND, str(error))
    return _page(request, HTTPStatus.NOT_FOUND, "Not found", str(error), (*error.links, *_HOME))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    status = HTTPStatus(error.status_code)
    if _is_api(request):
        return _problem(status, status.phrase, headers=error.headers)
    if status is HTTPStatus.NOT_FOUND:
        message = "There is no page at this address."
        return _page(request, status, "Not found", message, _HOME)
    response = _page(request, status, status.phrase, f"The server answers: {status.description}.", _HOME)
    response.headers.update(error.headers or {})
    return response


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class only
    first = error.errors()[0]
    parameter = str(first["loc"][-1])
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{parameter}: {first['msg']}", parameter=parameter)


def _database_failed(request: Request, error: Exception) -> Response:
    """Answer 503 where the deadline interrupted a statement, or where the database file cannot be read.

    Any other error is a bug in the program and is raised again.
    """
    if is_interruption(error.orig if isinstance(error, DBAPIError) else error):
        return _took_too_long(request, error)
    if problem_with(error) is None:
        raise error
    return _unreadable(request)


def _unreadable(request: Request) -> Response:
    """Tell readers only that the data cannot be read; administrators find the reason in the log and in /readyz."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "Try again in a few moments."
    if _is_api(request):
        return _problem(status, f"{_UNREADABLE}. {message}", headers=_RETRY)
    response = _page(request, status, _UNREADABLE, message, (("Try again", _address(request)),))
    response.headers.update(_RETRY)
    return response


def _failure(request: Request, error: Exception) -> Response:
    _log.error("failure", exc_info=error)
    if readiness(app_state(request).store).problem:  # a damaged database can make any code fail
        return _unreadable(request)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if _is_api(request):
        return _problem(status, "This failed on our side; try again in a moment.")
    message = "This failed on our side, not on yours. Nothing is lost: try again in a moment."
    return _page(request, status, "Something went wrong", message, (("Try again", _address(request)), *_HOME))


def _address(request: Request) -> str:
    path, query = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _page(request: Request, status: HTTPStatus, heading: str, message: str, links: Links) -> Response:
    state = app_state(request)
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    freshness = Freshness() if is_ours else _freshness(state)
    inside = frame(request, state, freshness, heading, is_indexed=False)
    page = ErrorPage(inside, heading, message, links, request_id() if is_ours else "")
    response = state.renderer.page(request, "error.html", page, status=status)
    response.headers.update(_own_headers())
    return response


def _own_headers() -> dict[str, str]:
    """Return the headers that middleware adds to other responses; a failure is answered outside of it."""
    return {**HEADERS, HEADER: request_id()}


def _freshness(state: AppState) -> Freshness:
    """Return the facts of the footer, or none where the database cannot be read, so that the page still renders."""
    try:
        database = state.store.opened()
        with database.reading() as session:
            return database.catalogues.current(session).freshness(session)
    except (DatabaseUnavailableError, DamagedDataError, DBAPIError, SqliteError):
        return Freshness()


def _problem(
    status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **more: str
) -> Response:
    """Return a response in the format of RFC 9457, Problem Details for HTTP APIs."""
    body = {
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "reference": request_id(),
        **more,
    }
    headers = {**_own_headers(), "Cache-Control": "no-cache", **(headers or {})}
    return VisibleJSON(body, int(status), headers, media_type="application/problem+json")


def _is_api(request: Request) -> bool:
    path: str = request.scope["path"]
    return path.startswith("/api/")
