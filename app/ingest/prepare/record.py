"""Turns one raw record into rows that lack only their ids.

This is all the work that can be done before the database is written, and it can be done in any process.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

import zstandard
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from app.conditions.mapping import Linked, explanations_of, linked
from app.conditions.names.traces import traces_of
from app.conditions.stored_vocabulary import load_vocabulary
from app.conditions.vocabulary import NewConcept, Vocabulary
from app.database.bulk import Row, Values
from app.database.engine import open_engine, reading
from app.database.sql import listed
from app.ingest.prepare import rows
from app.ingest.sources.read import (
    ReadDocument,
    Rejection,
    age,
    parse_document,
    read_parsed,
    refuse,
    reject,
)
from app.ingest.sources.source import RawRecord
from app.models import SourceDocument, Trial
from app.record.data_day import data_day
from app.record.trial import Terms
from app.registries import Registry, registry_named
from app.settings import Settings

ZSTD_LEVEL = 3
_CLASH = "the id {} is that of a trial from {}"


@dataclass(frozen=True, slots=True)
class Prepared:
    registry_id: str
    age: tuple[str, str]
    """A key that is greater for a later version of the same trial."""
    sha256: bytes
    release: str | None
    missing: tuple[str, ...]
    """Fields that the registry requires and the document lacks."""
    source: Row | None
    """The row of the document; None if the stored document stays."""
    trial: Row
    links: tuple[Sequence[Values], ...]
    """The rows of each table, in the order of `rows.TRIAL_TABLES`."""
    interventions: list[rows.NamedIntervention]
    sponsors: list[rows.NamedSponsor]
    conditions: Linked
    text: Values
    terms: Terms
    traces: str
    """Traces of what the record's words may name: see `app.conditions.names.traces`."""


class Unchanged(NamedTuple):
    registry_id: str
    trial_id: int
    release: str | None


class Stored(NamedTuple):
    registry: str
    registry_id: str
    trial_id: int
    sha256: bytes
    age: tuple[str, str]


@dataclass(slots=True)
class PreparedBatch:
    prepared: list[Prepared] = field(default_factory=list)
    unchanged: list[Unchanged] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    new_concepts: list[NewConcept] = field(default_factory=list)
    """The concepts that the records brought; the rows refer to them."""
    names_in: int = 0
    """The revision of the names by which the records were linked."""


@dataclass
class Preparer:
    """Prepares the batches of one run, with a vocabulary that learns from them."""

    engine: Engine
    registry: Registry
    now: datetime
    vocabulary: Vocabulary

    @property
    def worker_factory(self) -> Callable[[], "Preparer"]:
        url = self.engine.url.render_as_string(hide_password=False)
        return partial(_preparer, url, self.registry.name, self.now, tuple(self.vocabulary.learned))

    def prepare(self, raws: Sequence[RawRecord]) -> PreparedBatch:
        """Look up the records of a batch; read, link and lay out as rows those that are not stored as they are."""
        hints = [self.registry.id_in(raw.data) or "" for raw in raws]
        times = Counter(hints)
        with reading(self.engine) as session:
            stored = stored_versions(session, list(times))
        batch = PreparedBatch(names_in=self.vocabulary.names_in)
        read: list[ReadDocument] = []
        raw_of: dict[str, RawRecord] = {}
        for raw, hint in zip(raws, hints, strict=True):
            known = stored.get(hint) if times[hint] == 1 else None
            match self._read(raw, known):
                case Unchanged() as unchanged:
                    batch.unchanged.append(unchanged)
                case Rejection() as rejection:
                    batch.rejections.append(rejection)
                case document:
                    read.append(document)
                    raw_of[document.record.registry_id] = raw
        for clash in self._clashes(read, stored):
            read = [document for document in read if document.record.registry_id != clash.registry_id]
            reason = _CLASH.format(clash.registry_id, registry_named(clash.registry).label)
            batch.rejections.append(reject(self.registry, raw_of[clash.registry_id], reason))
        batch.new_concepts = self.vocabulary.learn(document.record for document in read)
        batch.prepared = [prepared(document, self.vocabulary, _source(document)) for document in read]
        return batch

    def _clashes(self, read: list[ReadDocument], stored: dict[str, Stored]) -> list[Stored]:
        """Find the trials of other registries that have an id of these documents: an address can lead to one only."""
        unseen = [
            document.record.registry_id for document in read if document.record.registry_id not in stored
        ]
        if unseen:
            with reading(self.engine) as session:
                stored = stored | stored_versions(session, unseen)
        ids = dict.fromkeys(document.record.registry_id for document in read)
        return [known for name in ids if (known := stored.get(name)) and known.registry != self.registry.name]

    def _read(self, raw: RawRecord, known: Stored | None) -> Unchanged | Rejection | ReadDocument:
        parsed = refuse(self.registry, raw) or parse_document(self.registry, raw)
        if isinstance(parsed, Rejection):
            return parsed
        if known and known.sha256 == parsed.sha256:
            version = data_day(self.registry.release(parsed.document), self.now.date())
            return Unchanged(known.registry_id, known.trial_id, version)
        return read_parsed(self.registry, parsed, self.now)


def _preparer(database_url: str, registry: str, now: datetime, learned: Sequence[NewConcept]) -> Preparer:
    engine = open_engine(Settings(database_url=database_url), read_only=True)
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
    vocabulary.take_in(learned)
    return Preparer(engine, registry_named(registry), now, vocabulary)


def prepared(document: ReadDocument, vocabulary: Vocabulary, source: Row | None = None) -> Prepared:
    """Derive all rows of a document; the vocabulary must know every term of the record."""
    record = document.record
    explanations = explanations_of(record)
    return Prepared(
        registry_id=record.registry_id,
        age=document.age,
        sha256=document.sha256,
        release=data_day(record.release, document.fetched_at.date()),
        missing=document.missing,
        source=source,
        trial=rows.trial_row(record),
        links=tuple(table.rows(record) for table in rows.TRIAL_TABLES),
        interventions=rows.interventions(record),
        sponsors=rows.sponsors(record),
        conditions=linked(record, vocabulary, explanations),
        text=rows.full_text(record),
        terms=record.condition_terms,
        traces=traces_of((*record.conditions, *record.keywords), explanations),
    )


def _source(document: ReadDocument) -> Row:
    return {
        "document": _compressor().compress(document.data),
        "sha256": document.sha256,
        "fetched_at": document.fetched_at,
        "data_version": data_day(document.record.release, document.fetched_at.date()),
    }


@cache
def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL)


def stored_versions(session: Session, registry_ids: Sequence[str]) -> dict[str, Stored]:
    """Return the stored versions of trials, by registry id."""
    found = session.execute(
        select(
            col(Trial.registry_name),
            col(Trial.registry_id),
            col(Trial.id),
            col(SourceDocument.sha256),
            col(Trial.last_update_posted),
            col(SourceDocument.release),
            col(SourceDocument.fetched_at),
        )
        .join_from(Trial, SourceDocument, col(Trial.id) == col(SourceDocument.trial_id))
        .where(col(Trial.registry_id).in_(listed(registry_ids)))
    )
    return {
        registry_id: Stored(registry, registry_id, trial_id or 0, sha256, age(updated, version, fetched_at))
        for registry, registry_id, trial_id, sha256, updated, version, fetched_at in found
    }
