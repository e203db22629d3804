"""`trialmark status`."""

from app.commands.ready import ready_settings
from app.commands.terminal import out
from app.database import open_engine


def status() -> None:
    """Say what is in the database and how fresh it is.

    Example: trialmark status
    """
    from app.ingest.status import describe

    settings = ready_settings()
    for label, value in describe(open_engine(settings, read_only=True)):
        out.print(f"{f'{label}:' if label else '':<16}{value}")
