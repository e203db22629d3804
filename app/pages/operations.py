"""Endpoints for machines: liveness, readiness, metrics, and the rules for crawlers."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from app.web.data.readiness import readiness
from app.web.state import State
from app.web.telemetry.data_metrics import DataMetrics

router = APIRouter(include_in_schema=False)

_NOT_KEPT = {"Cache-Control": "no-store"}


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> Response:
    """Answer on the event loop, so that the process counts as alive however long pages wait for the database."""
    return JSONResponse({"status": "ok"}, headers=_NOT_KEPT)


@router.api_route("/readyz", methods=["GET", "HEAD"])
def readyz(state: State) -> Response:
    """Answer 200 when pages can be trusted, else 503 with a code for machines and a sentence on what to do."""
    found = readiness(state.store, state.settings.max_data_age)
    if problem := found.problem:
        body = {"status": "not ready", "code": problem.code, "reason": problem.sentence}
        return JSONResponse(body, 503, _NOT_KEPT)
    notes = {"notes": list(found.notes)} if found.notes else {}
    return JSONResponse({"status": "ready", **notes}, headers=_NOT_KEPT)


@router.api_route("/metrics", methods=["GET", "HEAD"])
def metrics(state: State) -> Response:
    """Answer a scrape by Prometheus; the proxy in front must keep this path from the public."""
    data = DataMetrics(state.store, state.settings.max_data_age)
    return Response(state.metrics.exposition(data), media_type=CONTENT_TYPE_LATEST, headers=_NOT_KEPT)


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def robots(state: State) -> Response:
    addresses = state.renderer.addresses
    lines = ["User-agent: *", *(f"Disallow: {addresses.path(path)}" for path in ("/trials/filter/", "/api/"))]
    if addresses.public_url:
        lines += ["", f"Sitemap: {addresses.public('/sitemap.xml')}"]
    return PlainTextResponse("\n".join(lines) + "\n")
