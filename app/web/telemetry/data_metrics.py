"""Metrics of the database: number of trials, age and size of the data, and whether it can be read at all."""

import platform
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select
from sqlmodel import Session, col

from app import __version__
from app.models import DERIVATION, RejectedRecord, Revision, SyncRun
from app.web.assets import code_version
from app.web.data.open_database import OpenDatabase
from app.web.data.readiness import Readiness, last_compared, now, readiness
from app.web.data.store import Store

_LAST_RUN = select(SyncRun).order_by(col(SyncRun.id).desc()).limit(1)
_REJECTED = select(func.count()).select_from(RejectedRecord)


class DataMetrics:
    """A collector that reads the database once per scrape; if it cannot be read, the metrics say so."""

    def __init__(self, store: Store, max_age: timedelta | None) -> None:
        self._store = store
        self._max_age = max_age

    def collect(self) -> Iterable[Metric]:
        found = readiness(self._store, self._max_age)
        yield _build()
        yield _gauge("ready", "1 if /readyz says that the service is ready", float(found.problem is None))
        yield from self._files()
        yield from self._data(found)

    def _files(self) -> Iterator[Metric]:
        path = self._store.path.resolve()
        for name, what, file in (
            ("database_bytes", "Size of the database file", path),
            (
                "database_log_bytes",
                "Size of the database's write-ahead log",
                path.with_name(f"{path.name}-wal"),
            ),
        ):
            try:
                yield _gauge(name, what, file.stat().st_size)
            except OSError:
                continue

    def _data(self, found: Readiness) -> Iterator[Metric]:
        database = self._store.ready()
        if database is None or (found.problem and found.problem.code == "damaged"):
            return
        with database.reading() as session:
            yield from _revision(session)
            yield from _runs(session)
            yield from _trials(session, database)
        kept = GaugeMetricFamily(
            "trialmark_catalogue_parts",
            "Parts of the catalogue that the answering worker keeps",
            labels=["kind"],
        )
        for kind, number in database.catalogues.sizes().items():
            kept.add_metric([kind], number)
        yield kept


def _build() -> Metric:
    family = GaugeMetricFamily(
        "trialmark_build_info",
        "Version of the program that answers",
        labels=["version", "code", "derivation", "python", "sqlite"],
    )
    values = [
        __version__,
        code_version(),
        str(DERIVATION),
        platform.python_version(),
        sqlite3.sqlite_version,
    ]
    family.add_metric(values, 1)
    return family


def _revision(session: Session) -> Iterator[Metric]:
    state = session.get(Revision, 1)
    if state is None:
        return
    yield _gauge("data_revision", "Increases with every change of the data", state.version)
    yield _gauge("data_changed_timestamp_seconds", "When the data last changed", _seconds(state.changed_at))
    yield _gauge("data_loading", "1 while a first load is not finished", float(state.is_loading))
    if compared := last_compared(session):
        age = max(0.0, (now() - compared).total_seconds())
        yield _gauge("data_age_seconds", "Time since the data was last compared with its source", age)


def _runs(session: Session) -> Iterator[Metric]:
    yield _gauge(
        "rejected_records", "Records that could not be read", session.execute(_REJECTED).scalar_one()
    )
    run = session.execute(_LAST_RUN).scalar()
    if run is None:
        return
    yield _gauge("last_run_timestamp_seconds", "When a run last finished", _seconds(run.finished_at))
    records = GaugeMetricFamily(
        "trialmark_last_run_records", "What became of the records of the last run", labels=["outcome"]
    )
    for outcome in ("new", "changed", "unchanged", "rejected"):
        records.add_metric([outcome], getattr(run, outcome))
    yield records


def _trials(session: Session, database: OpenDatabase) -> Iterator[Metric]:
    freshness = database.catalogues.current(session).freshness(session)
    family = GaugeMetricFamily("trialmark_trials", "Trials in the lists", labels=["kind"])
    family.add_metric(["registry"], freshness.trials - freshness.synthetic)
    family.add_metric(["synthetic"], freshness.synthetic)
    yield family


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(f"trialmark_{name}", documentation, value=value)


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
