"""Records from a registry's live interface, whole or since the last run."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

import orjson
from sqlalchemy import Engine, select
from sqlmodel import col

from app.database import reading
from app.ingest.read import registry_id_in
from app.ingest.source import RawRecord, Source
from app.models import SyncRun
from app.registries.ctgov import fetch

_OVERLAP = timedelta(days=2)
"""Read again before the last run's data version: the registry posts in its own time zone."""


def open_ctgov(
    engine: Engine,
    base_url: str,
    *,
    condition: str | None = None,
    since: date | None = None,
    is_full: bool = False,
    politeness: fetch.Politeness = fetch.POLITE,
) -> Source:
    """The live registry: everything on the first run or with `is_full`, later what was updated since.

    Raises:
        FetchError: the registry cannot be reached or refuses the request.
    """
    name = f"ctgov: {condition}" if condition else "ctgov"
    if since is not None:
        name += f" since {since}"  # what came before that day was not asked for: no later run may build on this one
    elif not is_full:
        since = _since_last_run(engine, name)
    version = fetch.data_version(base_url, politeness=politeness)
    pages = fetch.pages(base_url, condition=condition, since=since, politeness=politeness)
    first = next(pages, None)
    return Source(
        name=name,
        size=first.total if first else 0,
        records=_records(chain((first,) if first else (), pages)),
        is_whole=since is None,
        data_version=version[:10] if version else None,
    )


def _since_last_run(engine: Engine, name: str) -> date | None:
    with reading(engine) as session:
        latest = session.execute(
            select(col(SyncRun.data_version))
            .where(col(SyncRun.source) == name, col(SyncRun.data_version).is_not(None))
            .order_by(col(SyncRun.id).desc())
            .limit(1)
        ).scalar()
    return date.fromisoformat(latest[:10]) - _OVERLAP if latest else None


def _records(pages: Iterator[fetch.Page]) -> Iterator[RawRecord]:
    done = 0
    for page in pages:
        for study in page.studies:
            done += 1
            data = orjson.dumps(study)
            yield RawRecord(registry_id_in(data) or f"study {done}", data, done)
