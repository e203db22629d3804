"""`trialmark check`."""

from typing import Annotated

import typer

from app.commands.parts.ready import read_only, ready_settings
from app.commands.parts.terminal import err, fail, out
from app.database.engine import require_current_derivation


def check(
    *,
    thorough: Annotated[
        bool,
        typer.Option("--thorough", help="Compare every trial with its stored document, not only a sample."),
    ] = False,
) -> None:
    """Verify that the database is intact and that all derived data agree with the stored documents.

    Example: trialmark check
    """
    from app.ingest.checks.check import interruptions, problems

    settings = ready_settings()
    with read_only(settings) as engine:
        require_current_derivation(engine)
        for line in interruptions(engine):
            err.print(f"Unfinished: {line}")
        found = problems(engine, is_thorough=thorough)
    for problem in found:
        err.print(problem)
    if found:
        fail("run 'trialmark reindex', then check again")
    out.print("Everything agrees.")
