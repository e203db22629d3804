"""`trialmark check`."""

from app.commands.ready import ready_settings
from app.commands.terminal import err, fail, out
from app.database import open_engine


def check() -> None:
    """Verify that the database is whole and that counts and full text agree with the tables.

    Example: trialmark check
    """
    from app.ingest.check import problems

    settings = ready_settings()
    found = problems(open_engine(settings, read_only=True))
    for problem in found:
        err.print(problem)
    if found:
        fail("run 'trialmark reindex', then check again")
    out.print("Everything agrees.")
