"""Where documents come from: a stream of raw records, each with its place for a complaint to name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.failures import ExpectedError
from app.ingest.sources.following import Following

Report = Callable[[int, int], None]
"""Told after each batch how much of the source's size is read, and how many records that was."""


class SourceError(ExpectedError):
    """A source that cannot be read at all, in one line that says what to do."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    position: str
    """Where in the source a person finds it: "line 12", "NCT06141304.json"."""
    data: bytes
    """One JSON document, not parsed yet."""
    done: int
    """How much of `Source.size` has been read with it."""
    fault: str = ""
    """Why the source could not hand it out whole; `data` is its beginning."""


@dataclass(frozen=True)
class Source:
    name: str
    """As people read it: the file's name, or the registry's."""
    key: str
    """Tells it from every other source: the registry, or the address of the file. Complaints are kept under it."""
    size: int | None
    """In the unit of `RawRecord.done`; None where it is not known before the end."""
    records: Iterator[RawRecord]
    is_whole: bool
    """Everything that the source has passes by: complaints of earlier runs about the rest are settled."""
    following: Following | None = None
    """Of a live registry: what the run may vouch for."""
