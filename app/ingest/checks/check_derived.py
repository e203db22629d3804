"""Compares stored rows with what the code derives from the stored documents now; nothing is written."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, select
from sqlmodel import Session, SQLModel, col

from app.conditions.registry_terms import concepts_of_records, is_counted
from app.conditions.stored_vocabulary import load_mesh, load_vocabulary, stored_concepts, stored_explanations
from app.database.engine import reading
from app.database.sql import listed
from app.ingest.derived.labels import Slugs, labels_of_conditions, names_written
from app.ingest.derived.names import hierarchy, stored_hierarchy
from app.ingest.derived.settle import explanations
from app.ingest.derived.suggested import conditions, drugs, sponsors
from app.ingest.long_work.reindex import derived_anew, differing
from app.ingest.prepare.stored_documents import all_terms
from app.ingest.write.due import INTERVENTION, SPONSOR
from app.models import (
    Condition,
    InterventionName,
    SponsorName,
    Suggestion,
    Trial,
    TrialCondition,
    TrialIntervention,
    TrialSponsor,
    table_of,
)

_SAMPLE = 200
"""The number of trials to derive again unless all are asked for."""
_MOST_NAMED = 20


def problems_of_trials(engine: Engine, *, is_thorough: bool) -> list[str]:
    """Return a line for each trial whose rows differ from those that its document yields."""
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
        trial_ids = _sample(session, is_thorough=is_thorough)
    found: list[str] = []
    for batch in derived_anew(engine, trial_ids, vocabulary):
        with reading(engine) as session:
            different = differing(session, batch)
        found += (f"{write.prepared.registry_id} differs from its stored document" for write in different)
        if len(found) >= _MOST_NAMED:
            break
    return found[:_MOST_NAMED]


def problems_of_names(session: Session, *, is_thorough: bool) -> list[str]:
    """Return a line for each name or group of names that does not follow from the trials."""
    return list(_problems_of_names(session, is_thorough=is_thorough))


def _problems_of_names(session: Session, *, is_thorough: bool) -> Iterator[str]:
    trial_ids = None if is_thorough else _sample(session, is_thorough=False)
    yield from _wrong_names(session, trial_ids)
    vocabulary = load_vocabulary(session)
    if sorted(stored_concepts(session)) != concepts_of_records(session, load_mesh(session)):
        yield "the concepts that only records bring do not match the stored records"
    if stored_explanations(session, vocabulary) != explanations(session, vocabulary):
        yield "the meanings of abbreviations do not match what the stored records explain"
    if stored_hierarchy(session) != hierarchy(session):
        yield "the hierarchy of conditions does not match MeSH and the stored records"
    if is_thorough:
        if not is_counted(session, all_terms(session)):
            yield "the counts of the registry's terms do not match the stored records"
        yield from _wrong_suggestions(session)


def _sample(session: Session, *, is_thorough: bool) -> list[int]:
    """Return the ids of trials from all over the table."""
    ids = select(col(Trial.id)).order_by(col(Trial.id))
    trial_ids = [trial_id or 0 for trial_id in session.execute(ids).scalars()]
    return trial_ids if is_thorough else trial_ids[:: len(trial_ids) // _SAMPLE + 1]


def _wrong_names(session: Session, trial_ids: Sequence[int] | None) -> Iterator[str]:
    of_conditions = _slugs(session, Condition, TrialCondition, "condition_id", trial_ids)
    of_interventions = _slugs(session, InterventionName, TrialIntervention, "intervention_id", trial_ids)
    of_sponsors = _slugs(session, SponsorName, TrialSponsor, "sponsor_id", trial_ids)
    for model, slugs, names in (
        (Condition, of_conditions, labels_of_conditions(session, of_conditions)),
        (InterventionName, of_interventions, names_written(session, INTERVENTION, of_interventions)),
        (SponsorName, of_sponsors, names_written(session, SPONSOR, of_sponsors)),
    ):
        stored = select(col(model.slug), col(model.name))
        if slugs is not None:
            stored = stored.where(col(model.slug).in_(listed(slugs)))
        wrong = sorted(slug for slug, name in session.execute(stored) if names.get(slug) != name)
        for slug in wrong[:_MOST_NAMED]:
            yield f"{table_of(model).name} {slug} does not have the name that its trials use"


def _slugs(
    session: Session,
    model: type[Condition] | type[InterventionName] | type[SponsorName],
    links: type[SQLModel],
    column: str,
    trial_ids: Sequence[int] | None,
) -> Slugs:
    """Return the slugs of the names that trials use; None for all."""
    if trial_ids is None:
        return None
    table = table_of(links)
    used = select(table.c[column]).where(table.c.trial_id.in_(listed(trial_ids)))
    return list(session.execute(select(col(model.slug)).where(col(model.id).in_(used))).scalars())


def _wrong_suggestions(session: Session) -> Iterator[str]:
    columns = (Suggestion.label, Suggestion.value, Suggestion.names)
    for kind, rows in (
        ("condition", conditions(session)),
        ("drug", drugs(session)),
        ("sponsor", sponsors(session)),
    ):
        expected = sorted((str(row["label"]), str(row["value"]), str(row["names"])) for row in rows)
        stored = session.execute(select(*map(col, columns)).where(col(Suggestion.kind) == kind))
        if sorted(map(tuple, stored)) != expected:
            yield f"the search box's {kind} suggestions do not match the trials"
