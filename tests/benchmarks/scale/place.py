"""The files of one benchmark: the database, and beside it the made-up studies, which are written only once."""

import gzip
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from app.demo import studies
from app.settings import Settings


@dataclass(frozen=True)
class Place:
    database: Path
    trials: int

    @property
    def studies(self) -> Path:
        return self.database.with_name(f"studies-{self.trials}.ndjson.gz")

    @property
    def changes(self) -> Path:
        return self.database.with_name(f"changes-{self.trials}.ndjson.gz")

    @property
    def settings(self) -> Settings:
        return Settings(database_url=f"sqlite:///{self.database}")

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the environment of the processes that run the program."""
        return os.environ | {
            "TRIALMARK_DATABASE_URL": self.settings.database_url,
            "TRIALMARK_LOG_FORMAT": "json",
        }

    def beside(self, name: str) -> Path:
        return self.database.with_name(name)

    def smaller(self) -> "Place":
        """Return a place for a tenth as many trials in a database of their own."""
        return Place(self.database.with_stem(f"{self.database.stem}-tenth"), self.trials // 10)

    def write_studies(self) -> None:
        if not self.studies.exists():
            write_lines(self.studies, map(orjson.dumps, studies(self.trials)))

    def remove_database(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)

    def database_bytes(self) -> int:
        files = self.database.parent.glob(f"{self.database.name}*")
        return sum(file.stat().st_size for file in files)


def write_lines(path: Path, lines: Iterator[bytes]) -> None:
    """Write the whole file or nothing, for a file cut short would be taken for a whole one the next time."""
    unfinished = path.with_name(f"unfinished-{path.name}")
    with gzip.open(unfinished, "wb", compresslevel=1) as file:
        file.writelines(line + b"\n" for line in lines)
    unfinished.rename(path)
