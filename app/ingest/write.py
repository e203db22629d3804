"""Writes a batch of records and everything derived from them in one transaction, in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Table, delete, func, insert, select, update
from sqlmodel import Session, SQLModel, col

from app.ingest import rows
from app.ingest.postings import Entries, chunks, entries_of, update_postings
from app.ingest.read import ReadDocument
from app.ingest.rows import Row
from app.models import (
    Condition,
    DataVersion,
    Intervention,
    Location,
    SourceDocument,
    Sponsor,
    Trial,
    TrialAgeGroup,
    TrialAlias,
    TrialCondition,
    TrialCountry,
    TrialIntervention,
    TrialPhase,
    TrialSponsor,
    table_of,
)
from app.record import TrialRecord
from app.search import text
from app.search.conditions import slug_of

_DERIVED: tuple[type[SQLModel], ...] = (
    TrialAlias,
    TrialPhase,
    TrialAgeGroup,
    TrialCondition,
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


def write_batch(session: Session, writes: Sequence[Write]) -> None:
    """Add and replace trials; the caller's transaction makes all of it visible at once."""
    replaced = [write.trial_id for write in writes if write.trial_id is not None]
    before = entries_of(session, replaced) if replaced else Entries()
    trial_ids = write_rows(session, writes)
    update_postings(session, before, entries_of(session, trial_ids))


def write_rows(session: Session, writes: Sequence[Write]) -> list[int]:
    """Everything but the postings; returns the trials' ids."""
    replaced = [write.trial_id for write in writes if write.trial_id is not None]
    for table in map(table_of, _DERIVED):
        _delete(session, table, replaced)
    text.remove(session, replaced)
    numbered = _numbered(session, writes)
    _write_trials(session, numbered, frozenset(replaced))
    records = [(trial_id, document.record) for trial_id, document in numbered]
    _write_links(session, records)
    text.index(session, [rows.full_text_row(trial_id, record) for trial_id, record in records])
    move_data_version(session, numbered[0][1].fetched_at)
    return [trial_id for trial_id, _ in records]


def _numbered(session: Session, writes: Sequence[Write]) -> list[tuple[int, ReadDocument]]:
    next_id = _next_id(session, Trial)
    numbered = []
    for write in writes:
        trial_id = write.trial_id
        if trial_id is None:
            trial_id = next_id
            next_id += 1
        numbered.append((trial_id, write.document))
    return numbered


def _write_trials(
    session: Session, numbered: list[tuple[int, ReadDocument]], replaced: frozenset[int]
) -> None:
    compressor = zstandard.ZstdCompressor(level=6)
    trials = [rows.trial_row(trial_id, document.record) for trial_id, document in numbered]
    _insert(session, Trial, (row for row in trials if row["id"] not in replaced))
    if changed := [row for row in trials if row["id"] in replaced]:
        session.execute(update(Trial), changed)
    _delete(session, table_of(SourceDocument), sorted(replaced))
    _insert(
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
    _insert(session, TrialAlias, (row for item in records for row in rows.alias_rows(*item)), or_ignore=True)
    _insert(session, TrialPhase, (row for item in records for row in rows.phase_rows(*item)))
    _insert(session, TrialAgeGroup, (row for item in records for row in rows.age_group_rows(*item)))
    _insert(session, Location, (row for item in records for row in rows.location_rows(*item)))
    _insert(session, TrialCountry, (row for item in records for row in rows.country_rows(*item)))
    _write_conditions(session, records)
    _write_interventions(session, records)
    _write_sponsors(session, records)


def _write_conditions(session: Session, records: list[tuple[int, TrialRecord]]) -> None:
    by_trial = [(trial_id, rows.conditions_of(record)) for trial_id, record in records]
    named: dict[str, Row] = {}
    for _, conditions in by_trial:
        for condition in conditions:
            row = named.setdefault(
                condition.slug, {"slug": condition.slug, "name": condition.name, "mesh_id": None}
            )
            if condition.mesh_id and row["mesh_id"] is None:
                row.update(mesh_id=condition.mesh_id, name=condition.name)
    ids = _ids(session, Condition, named)
    _learn_mesh_ids(session, ids, named)
    _insert(
        session,
        TrialCondition,
        (
            {
                "trial_id": trial_id,
                "condition_id": ids[condition.slug],
                "source": condition.source,
                "position": position,
            }
            for trial_id, conditions in by_trial
            for position, condition in enumerate(conditions)
        ),
    )


def _learn_mesh_ids(session: Session, ids: dict[str, int], named: dict[str, Row]) -> None:
    """A condition known by its stated name alone gets the MeSH id that a later record brings."""
    unnamed: set[int] = set()
    for chunk in chunks(list(ids.values())):
        unnamed.update(
            session.execute(
                select(col(Condition.id)).where(
                    col(Condition.id).in_(chunk), col(Condition.mesh_id).is_(None)
                )
            ).scalars()
        )
    learned = [
        {"id": ids[slug], "mesh_id": row["mesh_id"], "name": row["name"]}
        for slug, row in named.items()
        if row["mesh_id"] and ids[slug] in unnamed
    ]
    if learned:
        session.execute(update(Condition), learned)


def _write_interventions(session: Session, records: list[tuple[int, TrialRecord]]) -> None:
    named: dict[str, Row] = {}
    for _, record in records:
        for intervention in record.interventions:
            if intervention.name:
                slug = slug_of(intervention.name)
                named.setdefault(slug, {"slug": slug, "name": intervention.name})
    ids = _ids(session, Intervention, named)
    _insert(
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
    ids = _ids(session, Sponsor, named)
    _insert(
        session,
        TrialSponsor,
        (
            {"trial_id": trial_id, "sponsor_id": ids[slug], **row}
            for (trial_id, slug, _), row in links.items()
        ),
    )


def _ids(session: Session, model: Any, named: dict[str, Row]) -> dict[str, int]:
    """The ids of named rows by slug; names not stored yet are added."""
    ids: dict[str, int] = {}
    for chunk in chunks(list(named)):
        known = session.execute(select(model.slug, model.id).where(model.slug.in_(chunk)))
        ids.update(known.all())
    next_id = _next_id(session, model)
    missing = [slug for slug in named if slug not in ids]
    ids.update({slug: next_id + offset for offset, slug in enumerate(missing)})
    _insert(session, model, ({"id": ids[slug], **named[slug]} for slug in missing))
    return ids


def move_data_version(session: Session, changed_at: datetime) -> None:
    """Tell every reader that what it keeps in memory is of the past."""
    current = session.get(DataVersion, 1) or DataVersion(version=0, changed_at=changed_at)
    current.version += 1
    current.changed_at = changed_at
    session.add(current)
    session.flush()


def _next_id(session: Session, model: Any) -> int:
    return (session.execute(select(func.max(model.id))).scalar() or 0) + 1


def _insert(session: Session, model: type[SQLModel], new: Iterable[Row], *, or_ignore: bool = False) -> None:
    statement = insert(table_of(model))
    if or_ignore:
        statement = statement.prefix_with("OR IGNORE", dialect="sqlite")
    if batch := list(new):
        session.connection().execute(statement, batch)


def _delete(session: Session, table: Table, trial_ids: Sequence[int]) -> None:
    for chunk in chunks(trial_ids):
        session.execute(delete(table).where(table.c.trial_id.in_(chunk)))
