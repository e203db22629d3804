"""`trialmark backup`."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from app.commands.parts.terminal import err, out
from app.database.disk_space import as_size
from app.settings import read_settings


def backup(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="File to create, or a folder in which the backup gets a dated name."
        ),
    ],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    without_check: Annotated[
        bool,
        typer.Option("--without-check", help="Check only that the file is intact, not its derived data."),
    ] = False,
) -> None:
    """Copy the database, even while it is in use, and verify the copy before it gets its name.

    Example: trialmark backup /backups
    """
    from app.custody.backup import make_backup
    from app.custody.interruption import interruptible
    from app.runtime.progress import progress

    settings = read_settings()
    started = perf_counter()
    with interruptible("the backup"):
        made = make_backup(
            settings.database_path,
            path,
            datetime.now(UTC),
            partial(progress, err, "Copying", unit="MB"),
            replace=force,
            with_check=not without_check,
        )
    verified = "verified" if made.is_checked else "the file is intact, its derived data were not checked"
    seconds = perf_counter() - started
    out.print(
        f"{made.path}: {as_size(made.size)}, schema {made.revision}, {verified}, in {seconds:.1f} seconds"
    )
