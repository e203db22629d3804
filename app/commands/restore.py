"""`trialmark restore`."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from app.commands.parts.ready import reindex_everything
from app.commands.parts.terminal import err, out
from app.database.disk_space import as_size
from app.settings import read_settings


def restore(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A backup that 'trialmark backup' made.")],
) -> None:
    """Put a verified copy of a backup in the database's place; the database of before is kept beside it.

    Example: trialmark restore /backups/trialmark-2026-11-28T020000Z.db
    """
    from app.custody.interruption import interruptible
    from app.custody.restore import restore as restore_backup
    from app.runtime.progress import progress

    settings = read_settings()
    started = perf_counter()
    with interruptible("restoring"):
        done = restore_backup(
            path,
            settings,
            datetime.now(UTC),
            partial(progress, err, "Copying", unit="MB"),
            announce=err.print,
            reindex=reindex_everything,
        )
    seconds = perf_counter() - started
    anew = f"; {done.reindexed:,} trials were derived anew" if done.reindexed else ""
    out.print(
        f"{settings.database_path} is what {path} was, {as_size(done.size)}, in {seconds:.1f} seconds{anew}"
    )
    if done.kept:
        out.print(f"The database of before is {done.kept}: delete it when it is not needed any more.")
