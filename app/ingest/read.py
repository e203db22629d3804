"""One raw record becomes a document that can be written, or a complaint that says why not."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from app.ingest.source import RawRecord
from app.record import RecordError, TrialRecord
from app.registries import Registry

_ID_IN_TEXT = re.compile(rb"NCT\d{8}")
_EXCERPT = 300


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

    @property
    def age(self) -> tuple[str, str]:
        """Greater for a later version of the same trial."""
        updated = self.record.dates.last_update_posted
        return (updated.text if updated else "", self.record.data_version or "")


@dataclass(frozen=True, slots=True)
class Rejection:
    position: str
    registry_id: str | None
    reason: str
    excerpt: str


def read_document(registry: Registry, raw: RawRecord, now: datetime) -> ReadDocument | Rejection:
    """Parse and normalise; what cannot be read comes back as a Rejection."""
    parsed = parse_document(registry, raw)
    return parsed if isinstance(parsed, Rejection) else read_parsed(registry, parsed, now)


def parse_document(registry: Registry, raw: RawRecord) -> ParsedDocument | Rejection:
    """As much as tells whether it is known."""
    try:
        document: Any = orjson.loads(raw.data)
        if not isinstance(document, dict):
            return _rejection(raw, "not a JSON object")
        fingerprint = registry.fingerprint(document)
    except orjson.JSONDecodeError as error:
        return _rejection(raw, f"not JSON: {error}")
    except (RecursionError, TypeError):  # what orjson says of a document that it read but cannot write
        return _rejection(raw, "nested too deep")
    return ParsedDocument(raw, document, sha256(fingerprint).digest())


def read_parsed(registry: Registry, parsed: ParsedDocument, now: datetime) -> ReadDocument | Rejection:
    try:
        record = registry.normalise(parsed.document)
    except RecordError as error:
        return _rejection(parsed.raw, str(error))
    except RecursionError:
        return _rejection(parsed.raw, "nested too deep")
    return ReadDocument(record, parsed.raw.data, parsed.sha256, now)


def registry_id_in(data: bytes) -> str | None:
    """The first registry id in a document, read or not."""
    found = _ID_IN_TEXT.search(data)
    return found[0].decode() if found else None


def _rejection(raw: RawRecord, reason: str) -> Rejection:
    return Rejection(
        position=raw.position,
        registry_id=registry_id_in(raw.data),
        reason=reason,
        excerpt=raw.data[:_EXCERPT].decode("utf-8", "replace").replace("\x00", "\ufffd"),
    )
