"""Reads the rows of every table as SQL gives them, and changes some by hand."""

from typing import Any

from pyroaring import BitMap
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

Rows = list[dict[str, Any]]


def contents(engine: Engine) -> dict[str, Rows]:
    """Return every row of every table, the full text included."""
    statements = {table.name: f'SELECT * FROM "{table.name}"' for table in SQLModel.metadata.sorted_tables}
    statements["trial_text"] = "SELECT rowid AS trial_id, * FROM trial_text"
    with engine.connect() as connection:
        return {
            name: sorted((dict(row) for row in connection.execute(text(statement)).mappings()), key=repr)
            for name, statement in statements.items()
        }


def derived(engine: Engine) -> dict[str, Rows]:
    """Return all rows without the revision and the columns that are marked with it."""
    rows = contents(engine)
    del rows["data_version"]
    for row in (*rows["trial"], *rows["facet_posting"]):
        del row["changed_in"]
    return rows


def meaning(engine: Engine) -> dict[str, list[str]]:
    """Return what the derived rows say, independent of the ids that trials and names were given.

    Names that no trial has are left out, and so is the vocabulary, which remembers how earlier versions were indexed.
    """
    rows = derived(engine)
    rows["facet_posting"] = [row for row in rows["facet_posting"] if row["count"]]
    trials = {row["id"]: row["registry_id"] for row in rows["trial"]}
    names = {
        table: {row.pop("id"): row for row in rows[table]}
        for table in ("condition", "intervention", "sponsor")
    }
    learned = ("concept", "concept_name", "condition_broader")
    for table in ("sync_run", "rejected_record", *learned, *names):
        rows.pop(table)
    for row in rows["source_document"]:
        del row["document"], row["fetched_at"], row["data_version"]
    for row in (row for table in rows.values() for row in table):
        row.pop("id", None)
        if "trial_id" in row:
            row["trial_id"] = trials[row["trial_id"]]
        if "bitmap" in row:
            row["bitmap"] = sorted(trials[number] for number in BitMap.deserialize(row["bitmap"]))
        for table, known in names.items():
            if key := row.pop(f"{table}_id", None):
                row[table] = known[key]
    return {name: sorted(map(repr, table)) for name, table in rows.items()}


def rows_of(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def stored(engine: Engine) -> list[str]:
    return [title for (title,) in rows_of(engine, "SELECT title FROM trial ORDER BY registry_id")]


def change(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)
