"""What commands want of the database before they begin: that it stands already, or that it is brought up to date."""

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
    """Open a database that is there, and leave a single file behind unless another process uses it.

    Raises:
        ExpectedError: there is none, or it cannot be read.
    """
    require_file(settings.database_path)
    engine = open_engine(settings, read_only=True)
    try:
        yield engine
    finally:
        engine.dispose()
        fold_log_into_file(settings)


def ready_settings() -> Settings:
    """Read the settings of a command that works on a database with the program's own schema.

    Raises:
        ExpectedError: there is none, or it is of another schema.
    """
    settings = read_settings()
    with read_only(settings) as engine:
        require_current_schema(engine)
    return settings


def require_servable(settings: Settings) -> None:
    """Raise ExpectedError unless pages can be made of the database, and would be right."""
    with read_only(settings) as engine:
        require_current_schema(engine)
        require_current_derivation(engine)


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the schema, and derive anew what other code derived: new records must not be mixed with that.

    Raises:
        ExpectedError: it cannot be done; the database stays as it was.
    """
    migrate(settings, err.print)
    if read_file_standing(settings.database_path).wants_reindex:
        out.print(f"{reindex_everything(settings):,} trials reindexed, which an earlier version had derived.")


def reindex_everything(settings: Settings, *, space_check: bool = True) -> int:
    """Derive everything anew from the stored documents, and return of how many trials."""
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
