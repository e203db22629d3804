"""Runs over the stand-in registry, as `trialmark ingest ctgov` makes them, but without waits."""

from typing import Any

from sqlalchemy import Engine

from app.ingest.runs.live import open_live
from app.ingest.runs.summary import Summary
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.registries.politeness import Politeness
from tests.ctgov_server import CtgovServer
from tests.support.tables import rows_of

HURRIED = Politeness(min_interval=0, first_wait=0, attempts=2, timeout=20)


def run(engine: Engine, server: CtgovServer, *, politeness: Politeness = HURRIED, **wanted: Any) -> Summary:
    """Bring the database up to date with the registry."""
    source = open_live(engine, CTGOV, server.base_url, politeness=politeness, **wanted)
    return sync(engine, CTGOV, source, lambda *_: None)


def titles(engine: Engine) -> dict[str, str]:
    """Return the titles of the stored trials by registry id."""
    found: dict[str, str] = dict(rows_of(engine, "SELECT registry_id, title FROM trial"))
    return found


def asked_since(server: CtgovServer) -> str | None:
    """Return the day from which on the last run asked for studies, None for all."""
    last = [request.query for request in server.requests if request.path == "/studies"]
    first_pages = [query for query in last if "pageToken" not in query and "filter.ids" not in query]
    asked = first_pages[-1].get("filter.advanced")
    return asked.partition("RANGE[")[2][:10] if asked else None
