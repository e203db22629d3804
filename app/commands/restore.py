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
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A backup made by 'trialmark backup'.")],
) -> None:
    """Replace the database by a verified copy of a backup, and keep the old database beside it.

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
    reindexed_note = f"; {done.reindexed:,} trials reindexed" if done.reindexed else ""
    out.print(
        f"Restored {settings.database_path} from {path}: {as_size(done.size)}, in {seconds:.1f} seconds{reindexed_note}"
    )
    if done.kept:
        out.print(f"The old database is kept as {done.kept}: delete it when you no longer need it.")
