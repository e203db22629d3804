"""Finishes long work that an earlier run left unfinished, before a run builds on it."""

from sqlalchemy import Engine

from app.database.engine import reading
from app.index.revision import derivation_of, wants_relink
from app.ingest.long_work.progress import is_under_way
from app.ingest.long_work.reindex import REINDEX, reindex
from app.ingest.long_work.relink import relink_everything
from app.ingest.sources.source import Report
from app.models import DERIVATION


def wants_reindex(engine: Engine) -> bool:
    """Tell whether reindexing was interrupted, or another version of the program derived the data."""
    with reading(engine) as session:
        is_of_another = derivation_of(session) not in {None, DERIVATION}
        return is_of_another or is_under_way(session, REINDEX)


def finish_earlier_work(engine: Engine, report: Report) -> None:
    """Reindex, or link trials by the loaded MeSH, if that is not finished."""
    if wants_reindex(engine):
        reindex(engine, report)
    with reading(engine) as session:
        is_relink_wanted = wants_relink(session)
    if is_relink_wanted:
        relink_everything(engine, report)
