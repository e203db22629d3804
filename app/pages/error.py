"""Error pages, whole and as fragments, and the API's problem answers: what went wrong, and the way on."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.database import reading
from app.pages.frame import Frame, frame
from app.search.freshness import Freshness
from app.search.query import BadParameterError
from app.web.answers import VisibleJSON
from app.web.errors import Links, PageNotFoundError
from app.web.security import HEADERS
from app.web.state import AppState, app_state

_log = structlog.get_logger("trialmark.error")
_HOME = (("Search all trials", "/trials"), ("Home", "/"))


@dataclass(frozen=True, slots=True)
class ErrorPage:
    frame: Frame
    heading: str
    message: str
    links: Links


def register(app: FastAPI) -> None:
    app.add_exception_handler(BadParameterError, _bad_parameter)
    app.add_exception_handler(PageNotFoundError, _not_found)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failure)


def _bad_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadParameterError)  # noqa: S101  registered for it alone
    if _is_api(request):
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), parameter=error.name)
    links = ((f"The same search without “{error.name}”", error.query.url()), *_HOME)
    message = f"The parameter “{error.name}” cannot be used: {error.reason}."
    return _page(request, HTTPStatus.BAD_REQUEST, "This search cannot be read", message, links)


def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, PageNotFoundError)  # noqa: S101  registered for it alone
    if _is_api(request):
        return _problem(HTTPStatus.NOT_FOUND, str(error))
    return _page(request, HTTPStatus.NOT_FOUND, "Not found", str(error), (*error.links, *_HOME))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it alone
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
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for it alone
    first = error.errors()[0]
    parameter = str(first["loc"][-1])
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{parameter}: {first['msg']}", parameter=parameter)


def _failure(request: Request, error: Exception) -> Response:
    _log.error("failure", path=request.scope["path"], exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if _is_api(request):
        return _problem(status, "This failed on our side; try again in a moment.")
    message = "This failed on our side, not on yours. Nothing is lost: try again in a moment."
    path, query = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    address = f"{path}?{query}" if query else path
    return _page(request, status, "Something went wrong", message, (("Try again", address), *_HOME))


def _page(request: Request, status: HTTPStatus, heading: str, message: str, links: Links) -> Response:
    state = app_state(request)
    freshness = Freshness() if status is HTTPStatus.INTERNAL_SERVER_ERROR else _freshness(state)
    page = ErrorPage(frame(request, state, freshness, heading, is_indexed=False), heading, message, links)
    response = state.renderer.page(request, "error.html", page, status=status)
    response.headers.update(HEADERS)  # a failure is answered outside the middleware that adds them
    return response


def _freshness(state: AppState) -> Freshness:
    with reading(state.engine) as session:
        return state.catalogues.current(session).freshness(session)


def _problem(
    status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **more: str
) -> Response:
    """RFC 9457, Problem Details for HTTP APIs."""
    body = {"title": status.phrase, "status": int(status), "detail": detail, **more}
    return VisibleJSON(body, status, {**HEADERS, **(headers or {})}, media_type="application/problem+json")


def _is_api(request: Request) -> bool:
    path: str = request.scope["path"]
    return path.startswith("/api/")
