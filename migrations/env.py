"""Alembic's entry: one transaction a migration, on the database that the settings name."""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import app.models  # noqa: F401  declares the tables

_FULL_TEXT = "trial_text"


def _is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """The full-text table and its shadows are written by hand: no model describes them."""
    return not (kind == "table" and (name or "").startswith(_FULL_TEXT))


def _migrate() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("run migrations through 'trialmark migrate', which knows the database")
    engine = create_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            include_object=_is_ours,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


_migrate()
