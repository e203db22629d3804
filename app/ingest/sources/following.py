"""What a run over a live registry may vouch for: the day before which the next run need not look.

The day is the release that the registry stated before the first page. A record that was updated during the run belongs
to a later day, so the next run asks for it again.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pyroaring import BitMap64
from sqlmodel import Session

from app.models import Watermark
from app.record.data_day import data_day

OVERLAP = timedelta(days=7)
"""The days before the watermark that are searched again: some records appear days after the date that they carry."""


@dataclass
class Following:
    """One run over a live registry: what it set out to do, and what it has met so far."""

    registry: str
    scope: str | None
    """The name of the watermark; None if no later run may build on this one, whose first day was chosen by hand."""
    version: str | None
    """The registry's release before the first page (an ISO day); None if it stated none that can be relied on."""
    promised: int | None
    """The number of records that the registry said it would send."""
    is_full: bool = False
    """The run asks for everything that the registry lists, to find out what it no longer lists."""
    accepts_removals: bool = False
    asked_again: frozenset[str] = frozenset()
    """Ids of records that an earlier run could not read; they are asked for by id, whatever their date."""
    has_all_asked_again: bool = True
    """The registry answered for each of these ids, if only by leaving it out."""
    looked_from: datetime | None = None
    """When the watermark was written that this run builds on. What other runs have met since, this one meets again."""
    warnings: list[str] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    """The ids of all records that came, if the run is full."""
    marked: dict[str, int] = field(default_factory=dict)
    """The trials that are marked as no longer listed: trial ids by registry id."""
    met_nameless: bool = False
    """A record came that does not say which trial it belongs to: that may be any of the missing ones."""
    _numbers: BitMap64 = field(default_factory=BitMap64)
    _nameless: int = 0

    def count(self, registry_id: str | None) -> None:
        """Count a record of the pages; a second copy of a record does not make up for a missing one."""
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
        """At least as many records came as the registry promised."""
        return self.promised is not None and self.received >= self.promised

    @property
    def has_exact_count(self) -> bool:
        return self.promised == self.received

    def see(self, registry_ids: Collection[str]) -> list[int]:
        """Note what the registry lists, and return the ids of the trials among it that are marked as unlisted."""
        if self.is_full:
            self.listed.update(registry_ids)
        return [self.marked.pop(registry_id) for registry_id in registry_ids if registry_id in self.marked]

    def missing_words(self) -> str:
        """Explain why the run does not vouch for its day, although it reached its end."""
        if self.promised is None:
            return "the registry did not say how many records there are, so some may be missing"
        return f"the registry promised {self.promised:,} records and sent {self.received:,} different ones"


def since(session: Session, scope: str, today: date) -> tuple[date, datetime] | None:
    """Return the day from which a run has to look and when that was settled; None if it has to look at everything.

    A watermark that lies in the future is ignored: a wrong clock either wrote it or is reading it now.
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
    """Vouch for a day; it may be earlier than the last one if the registry went back to earlier data."""
    session.merge(Watermark(scope=scope, version=version, changed_at=now))


def _number(registry_id: str) -> int:
    """Return the digits of an id, by which the ids of one registry differ; a bitmap of them takes little memory."""
    return int("".join(filter(str.isdigit, registry_id)) or 0) % (1 << 64)
