"""What a run over a live registry may vouch for: from which day on the next run need not look back.

The day is the one that the registry stated before the first page. A record that was updated while the run went on
belongs to a later day, so the next run asks for it again.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pyroaring import BitMap64
from sqlmodel import Session

from app.models import Watermark
from app.record.data_day import data_day

OVERLAP = timedelta(days=7)
"""Looked through again before the watermark: the registry shows some records days after the day they bear."""


@dataclass
class Following:
    """One run over a live registry: what it set out to do, and what it has met so far."""

    registry: str
    scope: str | None
    """The name of the watermark. None where no later run may build on this one, as it asked from a day by hand."""
    version: str | None
    """The day of the registry's data before the first page, ISO; None where it stated none that can be relied on."""
    promised: int | None
    """How many records the registry said that it would send."""
    is_full: bool = False
    """Asked for everything that the registry lists, to find out what it lists no longer."""
    accepts_removals: bool = False
    asked_again: frozenset[str] = frozenset()
    """Ids of records that an earlier run could not read; asked for by id whatever their day."""
    has_all_asked_again: bool = True
    """The registry answered for each of these ids, if only by leaving it out."""
    looked_from: datetime | None = None
    """When the watermark was written that the run builds on. Whatever a run has met since, this one meets again."""
    warnings: list[str] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    """The ids of everything that came, if the run is full."""
    marked: dict[str, int] = field(default_factory=dict)
    """Trial ids, by registry id, of those that are marked as no longer listed."""
    met_nameless: bool = False
    """A record came that does not say which trial it is of: any that is missing may be it."""
    _numbers: BitMap64 = field(default_factory=BitMap64)
    _nameless: int = 0

    def count(self, registry_id: str | None) -> None:
        """Count a record of the pages; the same one twice does not stand for another that is missing."""
        if registry_id is None:
            self._nameless += 1
        else:
            self._numbers.add(_number(registry_id))

    def has_counted(self, registry_id: str) -> bool:
        return _number(registry_id) in self._numbers

    @property
    def received(self) -> int:
        return len(self._numbers) + self._nameless

    @property
    def is_complete(self) -> bool:
        """As many records came as the registry promised, or more."""
        return self.promised is not None and self.received >= self.promised

    @property
    def has_exact_count(self) -> bool:
        return self.promised == self.received

    def see(self, registry_ids: Collection[str]) -> list[int]:
        """Note what the registry lists; returns the trials among them that are marked as no longer listed."""
        if self.is_full:
            self.listed.update(registry_ids)
        return [self.marked.pop(registry_id) for registry_id in registry_ids if registry_id in self.marked]

    def missing_words(self) -> str:
        """Why the run does not vouch for its day, though it came to its end."""
        if self.promised is None:
            return "the registry did not say how many records there are, so none may be missing"
        return f"the registry promised {self.promised:,} records and sent {self.received:,} different ones"


def since(session: Session, scope: str, today: date) -> tuple[date, datetime] | None:
    """The day from which on a run has to look, and when that was settled; None where it has to look at everything.

    A watermark that lies in the future is none to build on: either it was written, or it is read, by a wrong clock.
    """
    watermark = session.get(Watermark, scope)
    if watermark is None:
        return None
    known = data_day(watermark.version, min(today, watermark.changed_at.date()))
    return (date.fromisoformat(known) - OVERLAP, watermark.changed_at) if known else None


def stored_version(session: Session, scope: str) -> str | None:
    watermark = session.get(Watermark, scope)
    return watermark.version if watermark else None


def move_watermark(session: Session, scope: str, version: str, now: datetime) -> None:
    """Vouch for a day; it may lie before the one of last time, if the registry went back to earlier data."""
    session.merge(Watermark(scope=scope, version=version, changed_at=now))


def _number(registry_id: str) -> int:
    """Return the digits of an id, by which the ids of one registry differ; a bitmap of them takes little memory."""
    return int("".join(filter(str.isdigit, registry_id)) or 0) % (1 << 64)
