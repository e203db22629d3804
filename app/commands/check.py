"""`trialmark check`."""

from app.commands.ready import read_only, ready_settings
from app.commands.terminal import err, fail, out
from app.database import require_current_derivation


def check() -> None:
    """Verify that the database is whole and that counts and full text agree with the tables.

    Example: trialmark check
    """
    from app.ingest.check import problems

    settings = ready_settings()
    with read_only(settings) as engine:
        require_current_derivation(engine)
        found = problems(engine)
    for problem in found:
        err.print(problem)
    if found:
        fail("run 'trialmark reindex', then check again")
    out.print("Everything agrees.")
