"""Writes a batch of records and everything derived from them in one transaction, in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import zstandard
from sqlalchemy import update
from sqlmodel import Session, SQLModel

from app.ingest import rows
from app.ingest.bulk import delete_rows, ids_of, insert_rows, next_id
from app.ingest.concepts import Vocabulary
from app.ingest.link import write_conditions
from app.ingest.postings import Entries, entries_of, update_postings
from app.ingest.read import ReadDocument
from app.ingest.rows import Row  # noqa: TC001  used at run time
from app.models import (
    DataVersion,
    Intervention,
    Location,
    SourceDocument,
    Sponsor,
    StatedCondition,
    Trial,
    TrialAbbreviation,
    TrialAgeGroup,
    TrialAlias,
    TrialCondition,
    TrialCountry,
    TrialIntervention,
    TrialPhase,
    TrialSponsor,
)
from app.record import TrialRecord
from app.search import text
from app.search.conditions import slug_of

_DERIVED: tuple[type[SQLModel], ...] = (
    TrialAlias,
    TrialPhase,
    TrialAgeGroup,
    StatedCondition,
    TrialCondition,
    TrialAbbreviation,
    TrialIntervention,
    TrialSponsor,
    TrialCountry,
    Location,
)


@dataclass(frozen=True, slots=True)
class Write:
    document: ReadDocument
    trial_id: int | None
    """None for a trial that is new."""


def write_batch(session: Session, writes: Sequence[Write], vocabulary: Vocabulary) -> None:
    """Add and replace trials; the caller's transaction makes all of it visible at once."""
    replaced = [write.trial_id for write in writes if write.trial_id is not None]
    before = entries_of(session, replaced) if replaced else Entries()
    trial_ids = write_rows(session, writes, vocabulary)
    update_postings(session, before, entries_of(session, trial_ids))


def write_rows(session: Session, writes: Sequence[Write], vocabulary: Vocabulary) -> list[int]:
    """Everything but the postings; returns the trials' ids."""
    replaced = [write.trial_id for write in writes if write.trial_id is not None]
    for model in _DERIVED:
        delete_rows(session, model, replaced)
    text.remove(session, replaced)
    numbered = _numbered(session, writes)
    _write_trials(session, numbered, frozenset(replaced))
    records = [(trial_id, document.record) for trial_id, document in numbered]
    _write_links(session, records)
    vocabulary.learn_concepts(session, (record for _, record in records))
    write_conditions(session, records, vocabulary)
    text.index(session, [rows.full_text_row(trial_id, record) for trial_id, record in records])
    move_data_version(session, numbered[0][1].fetched_at)
    return [trial_id for trial_id, _ in records]


def _numbered(session: Session, writes: Sequence[Write]) -> list[tuple[int, ReadDocument]]:
    free = next_id(session, Trial)
    numbered = []
    for write in writes:
        trial_id = write.trial_id
        if trial_id is None:
            trial_id = free
            free += 1
        numbered.append((trial_id, write.document))
    return numbered


def _write_trials(
    session: Session, numbered: list[tuple[int, ReadDocument]], replaced: frozenset[int]
) -> None:
    compressor = zstandard.ZstdCompressor(level=6)
    trials = [rows.trial_row(trial_id, document.record) for trial_id, document in numbered]
    insert_rows(session, Trial, (row for row in trials if row["id"] not in replaced))
    if changed := [row for row in trials if row["id"] in replaced]:
        session.execute(update(Trial), changed)
    delete_rows(session, SourceDocument, sorted(replaced))
    insert_rows(
        session,
        SourceDocument,
        (
            {
                "trial_id": trial_id,
                "document": compressor.compress(document.data),
                "sha256": document.sha256,
                "fetched_at": document.fetched_at,
                "data_version": document.record.data_version,
            }
            for trial_id, document in numbered
        ),
    )


def _write_links(session: Session, records: list[tuple[int, TrialRecord]]) -> None:
    insert_rows(
        session, TrialAlias, (row for item in records for row in rows.alias_rows(*item)), or_ignore=True
    )
    insert_rows(session, TrialPhase, (row for item in records for row in rows.phase_rows(*item)))
    insert_rows(session, TrialAgeGroup, (row for item in records for row in rows.age_group_rows(*item)))
    insert_rows(session, Location, (row for item in records for row in rows.location_rows(*item)))
    insert_rows(session, TrialCountry, (row for item in records for row in rows.country_rows(*item)))
    insert_rows(
        session, StatedCondition, (row for item in records for row in rows.stated_condition_rows(*item))
    )
    _write_interventions(session, records)
    _write_sponsors(session, records)


def _write_interventions(session: Session, records: list[tuple[int, TrialRecord]]) -> None:
    named: dict[str, Row] = {}
    for _, record in records:
        for intervention in record.interventions:
            if intervention.name:
                slug = slug_of(intervention.name)
                named.setdefault(slug, {"slug": slug, "name": intervention.name})
    ids = ids_of(session, Intervention, named)
    insert_rows(
        session,
        TrialIntervention,
        (
            {
                "trial_id": trial_id,
                "position": position,
                "intervention_id": ids[slug_of(intervention.name)] if intervention.name else None,
                "type": intervention.type,
            }
            for trial_id, record in records
            for position, intervention in enumerate(record.interventions)
        ),
    )


def _write_sponsors(session: Session, records: list[tuple[int, TrialRecord]]) -> None:
    links: dict[tuple[int, str, str], Row] = {}
    named: dict[str, Row] = {}
    for trial_id, record in records:
        leads = (record.lead_sponsor,) if record.lead_sponsor else ()
        for role, sponsors in (("lead", leads), ("collaborator", record.collaborators)):
            for sponsor in sponsors:
                slug = slug_of(sponsor.name)
                sponsor_class = sponsor.sponsor_class
                named.setdefault(slug, {"slug": slug, "name": sponsor.name, "sponsor_class": sponsor_class})
                links[trial_id, slug, role] = {"role": role, "sponsor_class": sponsor_class}
    ids = ids_of(session, Sponsor, named)
    insert_rows(
        session,
        TrialSponsor,
        (
            {"trial_id": trial_id, "sponsor_id": ids[slug], **row}
            for (trial_id, slug, _), row in links.items()
        ),
    )


def move_data_version(session: Session, changed_at: datetime | None = None) -> None:
    """Tell every reader that what it keeps in memory is of the past. `changed_at` is UTC, now by default."""
    changed_at = changed_at or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    current = session.get(DataVersion, 1) or DataVersion(version=0, changed_at=changed_at)
    current.version += 1
    current.changed_at = changed_at
    session.add(current)
    session.flush()
