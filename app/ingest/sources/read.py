"""Turns one raw record into a document that can be written, or into a rejection that says why not."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from app.ingest.sources.source import RawRecord
from app.record.data_day import data_day
from app.record.trial import MissingIdError, RecordError, TrialRecord
from app.registries import Registry

DEEPEST = 254
"""Levels of nesting; orjson cannot write a document that is nested deeper."""
_EXCERPT = 300
_TOO_DEEP = f"nested deeper than {DEEPEST} levels"


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    raw: RawRecord
    document: dict[str, Any]
    sha256: bytes


@dataclass(frozen=True, slots=True)
class ReadDocument:
    record: TrialRecord
    data: bytes
    sha256: bytes
    fetched_at: datetime
    missing: tuple[str, ...] = ()
    """Fields that the registry requires and this document does not have."""

    @property
    def age(self) -> tuple[str, str]:
        """A key that is greater for a later version of the same trial."""
        updated = self.record.dates.last_update_posted
        return age(updated.text if updated else None, self.record.release, self.fetched_at)


@dataclass(frozen=True, slots=True)
class Rejection:
    position: str
    registry_id: str | None
    reason: str
    excerpt: str
    ids: tuple[str, ...] = ()
    """Every registry id in the record: one of them is its own."""
    is_without_id: bool = False
    """The document is in order, except that it does not name its trial."""


def age(updated: str | None, version: str | None, fetched_at: datetime) -> tuple[str, str]:
    """Return the day on which a version of a trial was posted and its release: greater for a later version.

    A day that lay in the future when the version was fetched is left out: it would block every right version that
    follows.
    """
    fetched_on = fetched_at.date()
    posted = updated if updated and updated[:10] <= fetched_on.isoformat() else ""
    return posted, data_day(version, fetched_on) or ""


def read_document(registry: Registry, raw: RawRecord, now: datetime) -> ReadDocument | Rejection:
    """Parse and normalize a record; one that cannot be read comes back as a Rejection."""
    parsed = parse_document(registry, raw)
    return parsed if isinstance(parsed, Rejection) else read_parsed(registry, parsed, now)


def refuse(registry: Registry, raw: RawRecord) -> Rejection | None:
    """Refuse a record that must not be stored, even if it could be read."""
    return reject(registry, raw, raw.fault) if raw.fault else None


def parse_document(registry: Registry, raw: RawRecord) -> ParsedDocument | Rejection:
    """Parse a record far enough to tell whether it is stored already."""
    try:
        document: Any = orjson.loads(raw.data)
        if not isinstance(document, dict):
            return reject(registry, raw, "not a JSON object")
        fingerprint = registry.fingerprint(document)
    except orjson.JSONDecodeError as error:
        return reject(registry, raw, _TOO_DEEP if "ecursion" in error.msg else f"not JSON: {error}")
    except (RecursionError, TypeError):  # orjson raises these for a document that it read but cannot write
        return reject(registry, raw, _TOO_DEEP)
    return ParsedDocument(raw, document, sha256(fingerprint).digest())


def read_parsed(registry: Registry, parsed: ParsedDocument, now: datetime) -> ReadDocument | Rejection:
    try:
        record = registry.normalize(parsed.document)
        missing = registry.missing_fields(parsed.document)
    except MissingIdError as error:
        return replace(reject(registry, parsed.raw, str(error)), is_without_id=True)
    except RecordError as error:
        return reject(registry, parsed.raw, str(error))
    except RecursionError:
        return reject(registry, parsed.raw, _TOO_DEEP)
    except (TypeError, ValueError, LookupError, AttributeError) as error:  # an oddity nobody thought of yet
        return reject(registry, parsed.raw, f"could not be read: {type(error).__name__}: {error}"[:_EXCERPT])
    return ReadDocument(record, parsed.raw.data, parsed.sha256, now, missing)


def reject(registry: Registry, raw: RawRecord, reason: str) -> Rejection:
    """Return the complaint about a record, with the ids that a person may know it by."""
    ids = registry.ids_in(raw.data)
    return Rejection(
        position=raw.position,
        registry_id=next(iter(ids), None),
        reason=reason,
        excerpt=raw.data[:_EXCERPT].decode("utf-8", "replace").replace("\x00", "\ufffd"),
        ids=ids,
    )
