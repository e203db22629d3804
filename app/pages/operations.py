"""For machines that watch the service: is the process alive, is the database ready, what may be crawled."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import DatabaseError

from app.database import DatabaseNotReadyError, require_current_schema
from app.web.state import State

router = APIRouter(include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"])
def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.api_route("/readyz", methods=["GET", "HEAD"])
def readyz(state: State) -> Response:
    """200 when the database answers and has the program's schema, else 503 with the reason."""
    try:
        require_current_schema(state.engine)
    except (DatabaseNotReadyError, DatabaseError) as error:
        return JSONResponse({"status": "not ready", "reason": str(error).splitlines()[0]}, 503)
    return JSONResponse({"status": "ready"})


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def robots(state: State) -> Response:
    path = state.renderer.addresses.path
    return PlainTextResponse(
        f"User-agent: *\nDisallow: {path('/trials/filter/')}\nDisallow: {path('/api/')}\n"
    )
