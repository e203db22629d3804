"""The state of a database: its schema version, the code that derived its tables, and what follows from both."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.models import DERIVATION


@dataclass(frozen=True)
class Standing:
    revision: str | None
    """The schema version; None if there are no tables."""
    is_foreign: bool = False
    """The database contains tables of another program."""
    has_trials: bool = False
    derived_by: int = 0
    """The DERIVATION that built the tables; 0 if it was not recorded yet."""

    @property
    def wants_reindex(self) -> bool:
        """Other code derived the stored data. A database without trials has nothing derived."""
        return self.has_trials and self.derived_by != DERIVATION


Ask = Callable[[str], Sequence[Sequence[Any]]]
"""A function that runs a statement and returns its rows."""


def read_standing(ask: Ask) -> Standing:
    """Read the state of a database, whatever its schema version."""
    tables = {name for (name,) in ask("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    revisions = (
        sorted(str(name) for (name,) in ask("SELECT version_num FROM alembic_version"))
        if "alembic_version" in tables
        else []
    )
    if not revisions:
        return Standing(None, is_foreign=bool(tables - {"alembic_version"}))
    if not {"trial", "data_version"} <= tables:
        return Standing(", ".join(revisions), is_foreign=True)
    has_trials = bool(ask("SELECT 1 FROM trial LIMIT 1"))
    columns = {name for (name,) in ask("SELECT name FROM pragma_table_info('data_version')")}
    derived_by = ask("SELECT derived_by FROM data_version") if "derived_by" in columns else []
    return Standing(", ".join(revisions), has_trials=has_trials, derived_by=sum(row[0] for row in derived_by))


@cache
def revisions_in(migrations: Path) -> tuple[str, ...]:
    """Return the schema versions that the program knows, the newest last."""
    return tuple(
        sorted(script.name.partition("_")[0] for script in (migrations / "versions").glob("[0-9]*.py"))
    )


def why_not_ours(standing: Standing, known: tuple[str, ...]) -> str | None:
    """Explain why no command may touch this database; None if commands may."""
    if standing.is_foreign:
        return "the database contains tables of another program, not Trialmark's"
    if standing.revision is None or standing.revision in known:
        return None
    if re.fullmatch(r"\d{4}", standing.revision) and standing.revision > known[-1]:
        return (
            f"the database was made by a newer version of Trialmark (schema {standing.revision}, this program knows "
            f"{known[-1]}): upgrade the program, or restore an older backup"
        )
    return f"the database has a schema that Trialmark does not know ({standing.revision!r})"


def why_schema_differs(standing: Standing, known: tuple[str, ...]) -> str | None:
    """Explain why the program cannot read the database; None if its schema is the program's own."""
    if reason := why_not_ours(standing, known):
        return reason
    if standing.revision is None:
        return "the database has no tables yet: run 'trialmark migrate'"
    if standing.revision != known[-1]:
        return (
            f"the database has schema {standing.revision}, this program needs {known[-1]}: "
            "run 'trialmark migrate --reindex'"
        )
    return None


def why_derivation_differs(standing: Standing) -> str | None:
    """Explain why the data derived from the documents cannot be relied on; None if they can."""
    if not standing.wants_reindex:
        return None
    age = "a newer" if standing.derived_by > DERIVATION else "an earlier"
    return f"{age} version of Trialmark derived the stored data from the registry's records: run 'trialmark reindex'"
