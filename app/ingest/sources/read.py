"""Turns one raw record into a document that can be written, or into a rejection that says why not."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from app.ingest.sources.source import RawRecord
from app.record.data_day import data_day
from app.record.trial import MissingIdError, RecordError, TrialRecord
from app.registries import Registry

_OWN_ID = re.compile(rb'"nctId"\s*:\s*"(NCT\d{8})"')
_ANY_ID = re.compile(rb"NCT\d{8}")
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


def refuse(raw: RawRecord) -> Rejection | None:
    """Refuse a record that must not be stored, even if it could be read."""
    return _rejection(raw, raw.fault) if raw.fault else None


def parse_document(registry: Registry, raw: RawRecord) -> ParsedDocument | Rejection:
    """Parse a record far enough to tell whether it is stored already."""
    try:
        document: Any = orjson.loads(raw.data)
        if not isinstance(document, dict):
            return _rejection(raw, "not a JSON object")
        fingerprint = registry.fingerprint(document)
    except orjson.JSONDecodeError as error:
        return _rejection(raw, _TOO_DEEP if "ecursion" in error.msg else f"not JSON: {error}")
    except (RecursionError, TypeError):  # orjson raises these for a document that it read but cannot write
        return _rejection(raw, _TOO_DEEP)
    return ParsedDocument(raw, document, sha256(fingerprint).digest())


def read_parsed(registry: Registry, parsed: ParsedDocument, now: datetime) -> ReadDocument | Rejection:
    try:
        record = registry.normalise(parsed.document)
        missing = registry.missing_fields(parsed.document)
    except MissingIdError as error:
        return replace(_rejection(parsed.raw, str(error)), is_without_id=True)
    except RecordError as error:
        return _rejection(parsed.raw, str(error))
    except RecursionError:
        return _rejection(parsed.raw, _TOO_DEEP)
    return ReadDocument(record, parsed.raw.data, parsed.sha256, now, missing)


def registry_id_in(data: bytes) -> str | None:
    """Find the registry id of a document that is not read yet: the first one, if none is certainly its own."""
    own = _OWN_ID.search(data)
    if own:
        return own[1].decode()
    found = _ANY_ID.search(data)
    return found[0].decode() if found else None


def _rejection(raw: RawRecord, reason: str) -> Rejection:
    return Rejection(
        position=raw.position,
        registry_id=registry_id_in(raw.data),
        reason=reason,
        excerpt=raw.data[:_EXCERPT].decode("utf-8", "replace").replace("\x00", "\ufffd"),
        ids=tuple({found.decode() for found in _ANY_ID.findall(raw.data)}),
    )
