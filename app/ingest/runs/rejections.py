"""Keeps the records that could not be read, by source, until a run reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlmodel import Session, col

from app.database.sql import listed
from app.ingest.runs.judge import CONTESTED
from app.ingest.sources.read import Rejection
from app.ingest.sources.source import Source
from app.models import RejectedRecord

MOST_KEPT = 10_000
"""Rejections kept from one run; more say something about the source, not about its records."""


@dataclass
class Complaints:
    """The open rejections from earlier runs of a source, and the rejections of this run."""

    source: Source
    open_ids: frozenset[str]
    """Registry ids of records that an earlier run could not read."""
    contested_ids: frozenset[str]
    """Registry ids, among these, of records that came twice."""
    found: list[Rejection] = field(default_factory=list)
    count: int = 0
    _read: set[str] = field(default_factory=set)

    @property
    def are_all_kept(self) -> bool:
        return self.count <= MOST_KEPT

    def has_new_nameless(self, session: Session) -> bool:
        """Tell whether this run met records without an id that no earlier run has met.

        They cannot be asked for by id. If the fault passes, they come again only if the next run looks as far back as
        this one. If the fault stays, it must not keep every run from moving on.
        """
        nameless = {rejection.excerpt for rejection in self.found if not rejection.registry_id}
        known = select(col(RejectedRecord.excerpt)).where(
            _of(self.source), col(RejectedRecord.registry_id).is_(None)
        )
        return not nameless <= set(session.execute(known).scalars())

    def add(self, rejections: Sequence[Rejection]) -> None:
        self.count += len(rejections)
        self.found += rejections[: MOST_KEPT - len(self.found)]

    def note_read(self, registry_ids: Iterable[str]) -> None:
        """Note that this run could read some records."""
        self._read.update(self.open_ids.intersection(registry_ids))

    def are_known(self, session: Session) -> bool:
        """Tell whether this run found no rejection that is not stored, and settled none that is."""
        stored = session.execute(select(RejectedRecord).where(_of(self.source))).scalars()
        known = {self._identity(record) for record in stored}
        found = {self._identity(rejection) for rejection in self.found}
        if self.source.is_whole:
            return found == known
        return found <= known and not self._settled() and not self._passed(session)

    def write(self, session: Session, now: datetime) -> None:
        """Replace the stored rejections of the records that this run met."""
        outdated = delete(RejectedRecord).where(_of(self.source))
        if not self.source.is_whole:
            again = {rejection.registry_id for rejection in self.found if rejection.registry_id}
            came_by = listed(sorted(self._settled() | again))
            passed = listed([*self._passed(session), *self._met_again(session)])
            outdated = outdated.where(
                or_(col(RejectedRecord.registry_id).in_(came_by), col(RejectedRecord.id).in_(passed))
            )
        session.execute(outdated)
        session.add_all(
            RejectedRecord(
                source=self.source.name,
                source_key=self.source.key,
                position=rejection.position,
                registry_id=rejection.registry_id,
                reason=rejection.reason,
                excerpt=rejection.excerpt,
                rejected_at=now,
            )
            for rejection in {self._identity(rejection): rejection for rejection in self.found}.values()
        )

    def _identity(self, complaint: Rejection | RejectedRecord) -> tuple[str, str, str]:
        """Return what identifies a rejection; a live registry may send one record in several spellings."""
        is_named = self.source.following is not None and complaint.registry_id is not None
        return complaint.position, complaint.reason, "" if is_named else complaint.excerpt

    def _met_again(self, session: Session) -> list[int]:
        """Return stored rejections of records without an id that this run has met as well."""
        nameless = {rejection.excerpt for rejection in self.found if not rejection.registry_id}
        return [row_id for row_id, excerpt, _ in self._nameless(session) if excerpt in nameless]

    def _passed(self, session: Session) -> list[int]:
        """Return stored rejections of records without an id that this run should have met, but has not."""
        looked_from = self.source.following.looked_from if self.source.following else None
        if looked_from is None:
            return []
        nameless = {rejection.excerpt for rejection in self.found if not rejection.registry_id}
        return [
            row_id
            for row_id, excerpt, rejected_at in self._nameless(session)
            if excerpt not in nameless and rejected_at > looked_from
        ]

    def _nameless(self, session: Session) -> list[tuple[int, str, datetime]]:
        columns = (RejectedRecord.id, RejectedRecord.excerpt, RejectedRecord.rejected_at)
        found = select(*map(col, columns)).where(_of(self.source), col(RejectedRecord.registry_id).is_(None))
        return [
            (row_id or 0, excerpt, rejected_at) for row_id, excerpt, rejected_at in session.execute(found)
        ]

    def _settled(self) -> set[str]:
        """Return ids of records that were read, or that the registry no longer has when it is asked for them."""
        settled = set(self._read)
        following = self.source.following
        if following is not None and following.has_all_asked_again:
            settled |= following.asked_again
        return settled - {rejection.registry_id for rejection in self.found}


def open_complaints(session: Session, source: Source) -> Complaints:
    """Return the rejections that earlier runs of the source left open."""
    found = select(col(RejectedRecord.registry_id), col(RejectedRecord.reason)).where(_of(source))
    rows = [(registry_id, reason) for registry_id, reason in session.execute(found) if registry_id]
    return Complaints(
        source,
        frozenset(registry_id for registry_id, _ in rows),
        frozenset(registry_id for registry_id, reason in rows if reason == CONTESTED),
    )


def ids_to_ask_again(session: Session, key: str, name: str) -> list[str]:
    """Return the registry ids of a source's records that no run could read so far."""
    found = select(col(RejectedRecord.registry_id)).where(_named(key, name)).distinct()
    return sorted(registry_id for registry_id in session.execute(found).scalars() if registry_id)


def _of(source: Source) -> ColumnElement[bool]:
    return _named(source.key, source.name)


def _named(key: str, name: str) -> ColumnElement[bool]:
    """Match the rejections of a source; those from before keys were kept are known by the name alone."""
    of_before = and_(col(RejectedRecord.source_key).is_(None), col(RejectedRecord.source) == name)
    return or_(col(RejectedRecord.source_key) == key, of_before)
