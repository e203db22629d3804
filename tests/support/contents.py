"""Dumps what the rows of a database say, so that two databases can be compared however they came about.

Numbers that only one database gave (row ids, revisions, random tokens) and times are left out. A row that points to
another one names it instead: a trial by its registry id; a condition, intervention or sponsor by its slug.
"""

from collections.abc import Mapping
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

import app.models  # noqa: F401  describes the tables

Row = dict[str, Any]
Contents = dict[str, list[Row]]
"""Rows of each table, in order."""

NAMES = ("condition", "intervention", "sponsor")
"""Tables whose rows stay when the last trial that had them has changed."""
HISTORY = ("sync_run", "rejected_record", "watermark")
"""Tables that record past runs."""

_LEFT_OUT: dict[str, set[str]] = {
    "data_version": {
        "id",
        "version",
        "changed_at",
        "rebuilt_in",
        "broader_in",
        "names_in",
        "token",
        "recent_tokens",
    },
    "facet_posting": {"changed_in"},
    "rejected_record": {"id", "rejected_at"},
    "source_document": {"fetched_at"},
    "suggestion": {"id", "count"},
    "sync_run": {"id", "started_at", "finished_at"},
    "trial": {"id", "changed_in"},
    "vocabulary": {"loaded_at"},
    "watermark": {"changed_at"},
    **{name: {"id"} for name in NAMES},
}


def contents(engine: Engine) -> Contents:
    """Dump every row of every table, the documents and the full text included."""
    with engine.connect() as connection:
        tables = {
            name: [dict(row) for row in connection.execute(text(statement)).mappings()]
            for name, statement in _statements().items()
        }
    trials = {row["id"]: row["registry_id"] for row in tables["trial"]}
    slugs = {name: {row["id"]: row["slug"] for row in tables[name]} for name in NAMES}
    return {
        table: sorted((_named(table, row, trials, slugs) for row in rows), key=repr)
        for table, rows in tables.items()
    }


def contents_of_trials(engine: Engine) -> Contents:
    """Dump what follows from the stored documents: no history of runs, no names that no trial has any more.

    The day of the registry's own data is left out too. It moves daily in every document and changes no trial, so it
    says when a document was read; `sha256` stands for all else that is in the document.
    """
    found = contents(engine)
    for table in HISTORY:
        del found[table]
    for name in NAMES:
        used = {row[f"{name}_id"] for row in found[f"trial_{name}"]}
        found[name] = [row for row in found[name] if row["slug"] in used]
    found["facet_posting"] = [row for row in found["facet_posting"] if row["count"]]
    for row in found["source_document"]:
        del row["document"], row["data_version"]
    return found


def derived_contents(engine: Engine) -> Contents:
    """Dump all that follows from the stored documents and the vocabulary, down to names that no trial has.

    Left out is what may differ between two databases of the same documents: the history of runs, the documents as they
    were received, values that no trial has any more, places of suggestions and which of them carry a count.
    """
    found = contents(engine)
    for table in HISTORY:
        del found[table]
    found["facet_posting"] = [row for row in found["facet_posting"] if row["count"]]
    for row in found["source_document"]:
        del row["document"], row["data_version"]
    return found


def differences(one: Contents, other: Contents) -> dict[str, tuple[list[Row], list[Row]]]:
    """Return the rows that only one of the two has, by table; empty where both say the same."""
    found = {}
    for table in sorted(one.keys() | other.keys()):
        here, there = one.get(table, []), other.get(table, [])
        if here != there:
            found[table] = (
                [row for row in here if row not in there],
                [row for row in there if row not in here],
            )
    return found


def _statements() -> dict[str, str]:
    statements = {table.name: f'SELECT * FROM "{table.name}"' for table in SQLModel.metadata.sorted_tables}
    texts = ("trial_text", "trial_trace")
    return statements | {table: f"SELECT rowid AS trial_id, * FROM {table}" for table in texts}


def _named(table: str, row: Row, trials: Mapping[int, str], slugs: Mapping[str, Mapping[int, str]]) -> Row:
    named = {key: value for key, value in row.items() if key not in _LEFT_OUT.get(table, ())}
    if "trial_id" in named:
        named["trial_id"] = trials.get(named["trial_id"], "no such trial")
    if "bitmap" in named:
        named["bitmap"] = sorted(
            trials.get(number, "no such trial") for number in BitMap.deserialize(named["bitmap"])
        )
    if "broader_id" in named:
        named["broader_id"] = slugs["condition"].get(named["broader_id"], "no such name")
    for name in NAMES:
        if named.get(f"{name}_id") is not None:
            named[f"{name}_id"] = slugs[name].get(named[f"{name}_id"], "no such name")
    return named
