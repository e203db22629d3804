"""Makes databases that can be told apart on every page, and damages their files."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.database.engine import open_engine
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.settings import Settings
from tests.factories import source, study

WORDS = ("Alpha", "Beta")
"""Words of the two databases: each is in every page of its own database, and in none of the other."""
NOBODY = 65534
_TRIALS = 30


def settings_of(path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{path}")


def make_database(empty: Path, path: Path, word: str) -> Path:
    """Fill a copy of an empty database with trials that have a word in title, condition, drug and sponsor.

    Two such databases have the same revision, numbers of trials and registry ids: only the words and the token differ.
    """
    shutil.copy(empty, path)
    engine = open_engine(settings_of(path))
    studies = [
        study(
            f"NCT{number:08d}",
            title=f"{word} trial {number}",
            conditions=[f"{word} disease"],
            interventions=[("DRUG", f"{word}mycin")],
            sponsor=f"{word} University",
        )
        for number in range(1, _TRIALS + 1)
    ]
    sync(engine, CTGOV, source(studies, name="file"), lambda *_: None)
    engine.dispose()
    return path


def overwrite(path: Path, start: int, length: int) -> None:
    """Write bytes that are no database page into the middle of the file, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


@contextmanager
def as_ordinary_user(*, owned: Path) -> Iterator[None]:
    """Give up root's right to read and write everything, where the tests have it."""
    if os.geteuid() != 0:
        yield
        return
    for path in (owned, *owned.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
