"""Databases as earlier versions of the program left them, kept in tests/schemas, and ways to compare them."""

import gzip
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import zstandard

SCHEMAS = Path(__file__).parents[1] / "schemas"
REVISIONS = tuple(sorted({path.name[:4] for path in SCHEMAS.glob("*.db.gz")}))
KINDS = ("real", "synthetic")


def make_old_database(path: Path, revision: str, kind: str) -> None:
    """Make the database that the code of a schema revision filled with three trials, real or synthetic."""
    path.write_bytes(gzip.decompress((SCHEMAS / f"{revision}-{kind}.db.gz").read_bytes()))


def documents_in(path: Path) -> list[bytes]:
    """Return the registry's documents in a database of any schema revision, in the order of their trials."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT document FROM source_document ORDER BY trial_id").fetchall()
    return [zstandard.decompress(document) for (document,) in rows]


def shape_of(path: Path) -> dict[str, object]:
    """Describe the columns, keys and indexes of each table, whatever order they were made in."""
    with closing(sqlite3.connect(path)) as connection:

        def ask(statement: str, first: int = 0) -> list[tuple[object, ...]]:
            """Return the columns from `first` on; those before it only number the rows."""
            return sorted((tuple(row[first:]) for row in connection.execute(statement)), key=repr)

        tables = [str(name) for (name,) in ask("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            table: (
                ask(f"PRAGMA table_xinfo('{table}')", 1),
                ask(f"PRAGMA foreign_key_list('{table}')", 2),
                [
                    (name, ask(f"SELECT seqno, name FROM pragma_index_info('{name}')"))
                    for (name,) in ask(f"SELECT name FROM pragma_index_list('{table}')")
                ],
            )
            for table in tables
            if not table.startswith("sqlite_")
        }


def _keep(database: Path, kept: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
    kept.write_bytes(gzip.compress(database.read_bytes(), mtime=0))


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), Path(sys.argv[2]))
