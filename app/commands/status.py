"""`trialmark status`."""

from app.commands.parts.ready import read_only
from app.commands.parts.terminal import out
from app.database.disk_space import as_size
from app.database.engine import read_file_standing, require_current_schema
from app.database.sqlite_file import size_of
from app.database.standing import why_derivation_differs
from app.settings import read_settings


def status() -> None:
    """Show what is in the database and how current it is.

    Example: trialmark status
    """
    from app.ingest.checks.status import describe

    settings = read_settings()
    path = settings.database_path
    standing = read_file_standing(path)
    _say("Database", f"{path}, {as_size(size_of(path))}")
    _say("Schema", standing.revision or "none")
    with read_only(settings) as engine:
        require_current_schema(engine)
        _say("Derived", why_derivation_differs(standing) or "by this version")
        for label, value in describe(engine):
            _say(label, value)


def _say(label: str, value: str) -> None:
    out.print(f"{f'{label}:' if label else '':<16}{value}")
