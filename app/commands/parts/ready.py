"""Prepares the database for a command: requires that it is current, or brings it up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from app.commands.parts.terminal import err, out
from app.database.engine import (
    fold_log_into_file,
    migrate,
    open_engine,
    read_file_standing,
    require_current_derivation,
    require_current_schema,
)
from app.database.sqlite_file import require_file
from app.settings import Settings, read_settings


@contextmanager
def read_only(settings: Settings) -> Iterator[Engine]:
    """Open an existing database for reading. Afterwards, merge the log into the file unless another process uses it.

    Raises:
        ExpectedError: there is no database, or it cannot be read.
    """
    require_file(settings.database_path)
    engine = open_engine(settings, read_only=True)
    try:
        yield engine
    finally:
        engine.dispose()
        fold_log_into_file(settings)


def ready_settings() -> Settings:
    """Read the settings, and require a database with this program's schema.

    Raises:
        ExpectedError: there is no database, or it has another schema.
    """
    settings = read_settings()
    with read_only(settings) as engine:
        require_current_schema(engine)
    return settings


def require_servable(settings: Settings) -> None:
    """Raise ExpectedError unless the database has this program's schema and derived data, so that pages are correct."""
    with read_only(settings) as engine:
        require_current_schema(engine)
        require_current_derivation(engine)


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the schema, and reindex if another version made the derived data, which must not mix with new records.

    Raises:
        ExpectedError: the schema cannot be migrated; the database is unchanged.
    """
    migrate(settings, err.print)
    if read_file_standing(settings.database_path).wants_reindex:
        out.print(
            f"{reindex_everything(settings):,} trials reindexed, because another version had derived them."
        )


def reindex_everything(settings: Settings, *, space_check: bool = True) -> int:
    """Rebuild all derived data from the stored documents, and return the number of trials."""
    from app.ingest.long_work.reindex import reindex, stored_count
    from app.ingest.long_work.space import REINDEX_SHARE, require_space
    from app.ingest.runs.run_lock import one_run
    from app.runtime.progress import progress

    engine = open_engine(settings)
    if space_check:
        out.print(require_space(engine, REINDEX_SHARE, "reindex"))
    with one_run(engine, err.print), progress(err, "Reindexing", stored_count(engine)) as report:
        done = reindex(engine, report)
    engine.dispose()
    return done
