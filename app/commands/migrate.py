"""`trialmark migrate`."""

from typing import Annotated

import typer

from app.commands.parts.ready import reindex_everything
from app.commands.parts.terminal import err, out
from app.database.engine import migrate as migrate_database
from app.database.engine import read_file_standing
from app.settings import read_settings


def migrate(
    *,
    reindex: Annotated[
        bool, typer.Option("--reindex", help="Also rebuild derived data that an earlier version made.")
    ] = False,
) -> None:
    """Bring the database's schema up to date. 'demo', 'ingest' and 'mesh' do so by themselves.

    Example: trialmark migrate --reindex
    """
    settings = read_settings()
    migrate_database(settings, err.print)
    if not read_file_standing(settings.database_path).wants_reindex:
        out.print("The schema is up to date.")
    elif reindex:
        out.print(f"The schema is up to date; {reindex_everything(settings):,} trials reindexed.")
    else:
        out.print(
            "The schema is up to date, but another version made the derived data: run 'trialmark reindex' "
            "before you serve pages."
        )
