"""Writes prepared records and everything derived from them in one transaction, in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import Session, SQLModel

from app.conditions.registry_terms import TermCounts, count_terms
from app.conditions.stored_links import write_conditions
from app.conditions.stored_traces import index_traces, remove_traces
from app.database.bulk import Row, delete_rows, ids_of, insert_rows, insert_values, next_id
from app.index.text_columns import add_texts, remove_texts
from app.ingest.prepare.record import Prepared
from app.ingest.prepare.rows import TRIAL_TABLES
from app.ingest.prepare.stored_documents import stored_terms
from app.models import (
    InterventionName,
    SourceDocument,
    SponsorName,
    Trial,
    TrialAbbreviation,
    TrialCondition,
    TrialIntervention,
    TrialSponsor,
)

_DERIVED: tuple[type[SQLModel], ...] = (
    *(table.model for table in TRIAL_TABLES),
    TrialCondition,
    TrialAbbreviation,
    TrialIntervention,
    TrialSponsor,
)

Numbered = Sequence[tuple[int, Prepared]]


@dataclass(frozen=True, slots=True)
class Write:
    prepared: Prepared
    trial_id: int | None
    """None for a new trial."""


def write_rows(session: Session, writes: Sequence[Write], revision: int) -> list[int]:
    """Add and replace trials, with everything but the postings; return their ids."""
    replaced = [write.trial_id for write in writes if write.trial_id is not None]
    _count_terms(session, writes)
    for model in _DERIVED if replaced else ():
        delete_rows(session, model, replaced)
    remove_from_indexes(session, replaced)
    numbered = _numbered(session, writes)
    _write_trials(session, numbered, frozenset(replaced), revision)
    for place, table in enumerate(TRIAL_TABLES):
        values = [(trial_id, *row) for trial_id, prepared in numbered for row in prepared.links[place]]
        insert_values(session, table.model, ("trial_id", *table.columns), values)
    _write_interventions(session, numbered)
    _write_sponsors(session, numbered)
    write_conditions(session, [(trial_id, prepared.conditions) for trial_id, prepared in numbered])
    add_texts(session, [(trial_id, *prepared.text) for trial_id, prepared in numbered])
    index_traces(session, [(trial_id, prepared.traces) for trial_id, prepared in numbered])
    return [trial_id for trial_id, _ in numbered]


def remove_from_indexes(session: Session, trial_ids: Sequence[int]) -> None:
    """Remove trials from the full-text tables, which no foreign key reaches."""
    remove_texts(session, trial_ids)
    remove_traces(session, trial_ids)


def _count_terms(session: Session, writes: Sequence[Write]) -> None:
    """Count the terms that the trials are indexed with now, in place of their former ones."""
    changes = TermCounts.none()
    for write in writes:
        if write.prepared.source is not None:  # else the document stays
            changes.add(write.prepared.terms)
    documents_of_before = [
        write.trial_id for write in writes if write.trial_id is not None and write.prepared.source is not None
    ]
    for terms in stored_terms(session, documents_of_before):
        changes.add(terms, -1)
    count_terms(session, changes)


def _numbered(session: Session, writes: Sequence[Write]) -> list[tuple[int, Prepared]]:
    free = next_id(session, Trial)
    numbered = []
    for write in writes:
        trial_id = write.trial_id
        if trial_id is None:
            trial_id = free
            free += 1
        numbered.append((trial_id, write.prepared))
    return numbered


def _write_trials(session: Session, numbered: Numbered, replaced: frozenset[int], revision: int) -> None:
    trials: list[Row] = [
        {"id": trial_id, "changed_in": revision, **prepared.trial} for trial_id, prepared in numbered
    ]
    insert_rows(session, Trial, (row for row in trials if row["id"] not in replaced))
    if changed := [row for row in trials if row["id"] in replaced]:
        session.execute(update(Trial), changed)
    documents = {trial_id: prepared.source for trial_id, prepared in numbered if prepared.source}
    delete_rows(session, SourceDocument, sorted(replaced & documents.keys()))
    insert_rows(
        session, SourceDocument, ({"trial_id": trial_id, **row} for trial_id, row in documents.items())
    )


def _write_interventions(session: Session, numbered: Numbered) -> None:
    named: dict[str, Row] = {}
    for _, prepared in numbered:
        for item in prepared.interventions:
            if item.slug is not None:
                named.setdefault(item.slug, {"slug": item.slug, "name": item.name})
    ids = ids_of(session, InterventionName, named)
    insert_values(
        session,
        TrialIntervention,
        ("trial_id", "position", "intervention_id", "type", "words"),
        [
            (trial_id, item.position, None if item.slug is None else ids[item.slug], item.type, item.name)
            for trial_id, prepared in numbered
            for item in prepared.interventions
        ],
    )


def _write_sponsors(session: Session, numbered: Numbered) -> None:
    named: dict[str, Row] = {}
    for _, prepared in numbered:
        for sponsor in prepared.sponsors:
            named.setdefault(sponsor.slug, {"slug": sponsor.slug, "name": sponsor.name})
    ids = ids_of(session, SponsorName, named)
    insert_values(
        session,
        TrialSponsor,
        ("trial_id", "sponsor_id", "role", "sponsor_class", "words"),
        [
            (trial_id, ids[sponsor.slug], sponsor.role, sponsor.sponsor_class, sponsor.name)
            for trial_id, prepared in numbered
            for sponsor in prepared.sponsors
        ],
    )
