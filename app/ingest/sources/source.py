"""The source of a run: a stream of raw records, each with the position that a rejection names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.failures import ExpectedError
from app.ingest.sources.following import Following

Report = Callable[[int, int], None]
"""Called after each batch with how much of the source's size is read, and how many records that was."""


class SourceError(ExpectedError):
    """A source cannot be read at all; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    position: str
    """The place in the source where a person finds the record: "line 12", "NCT06141304.json"."""
    data: bytes
    """One JSON document, not parsed yet."""
    done: int
    """How much of `Source.size` has been read, including this record."""
    fault: str = ""
    """Why the source could not deliver the whole record, in which case `data` is only its beginning."""


@dataclass(frozen=True)
class Source:
    name: str
    """The name for people: that of the file or of the registry."""
    key: str
    """The registry, or the address of the file: no other source has this key, and rejections are kept under it."""
    size: int | None
    """The size in the unit of `RawRecord.done`; None if it is not known before the end."""
    records: Iterator[RawRecord]
    is_whole: bool
    """This run sees every record of the source, so earlier rejections that do not recur are deleted."""
    following: Following | None = None
    """For a live registry: what the run may vouch for."""
