"""Brings the names that are due up to date at the end of every run, in one transaction.

This covers what conditions, interventions and sponsors are called, the deletion of names that no trial uses any more,
the hierarchy of conditions, and what the search box offers.
"""

from collections.abc import Sequence

from sqlalchemy import Engine, delete, func, select, tuple_, update
from sqlmodel import Session, col

from app.conditions.registry_terms import above_by_records
from app.conditions.stored_vocabulary import load_vocabulary
from app.database.bulk import chunks, insert_values
from app.database.engine import reading, writing
from app.database.sql import driver_rows, listed
from app.index.revision import mark_broader, move_revision
from app.index.suggestion_ids import suggested_revision
from app.ingest.derived.labels import Slugs, relabel_conditions, relabel_interventions, relabel_sponsors
from app.ingest.derived.suggestions import (
    DueSuggestions,
    are_current,
    are_due,
    rebuild_suggestions,
    renew_suggestions,
)
from app.ingest.write.due import (
    ACRONYM,
    CONDITION,
    DRUG,
    INTERVENTION,
    SPONSOR,
    clear_due,
    due_names,
    mark_all_due,
)
from app.ingest.write.postings import forget_empty_postings
from app.models import (
    Concept,
    Condition,
    ConditionBroader,
    DueName,
    InterventionName,
    SponsorName,
    TrialCondition,
    TrialIntervention,
    TrialSponsor,
)

_PAIR = (col(ConditionBroader.condition_id), col(ConditionBroader.broader_id))


def renew_names(engine: Engine) -> None:
    """Bring the names that are due up to date, if there are any."""
    with reading(engine) as session:
        is_due = session.execute(select(func.count()).select_from(DueName)).scalar_one() > 0
        if not is_due and are_current(session):
            return
    with writing(engine) as session:
        move_revision(session)
        renew_due_names(session)


def renew_due_names(session: Session) -> None:
    """Bring the names that are due up to date; after many changes, all names.

    The transaction must have raised the revision already.
    """
    if are_due(session):
        mark_all_due(session)
    due = due_names(session)
    if due is None:
        _renew_all(session)
    else:
        _renew(session, due)
    clear_due(session)


def _renew_all(session: Session) -> None:
    pairs = stored_hierarchy(session)
    _drop_unused(session, None, None, None)
    _renew_mesh_ids(session, None)
    relabel_conditions(session, None)
    relabel_sponsors(session, None)
    relabel_interventions(session, None)
    _renew_hierarchy(session, pairs)
    forget_empty_postings(session)
    rebuild_suggestions(session)


def _renew(session: Session, due: dict[str, list[str]]) -> None:
    since, pairs = suggested_revision(session), stored_hierarchy(session)
    conditions, interventions, sponsors = due[CONDITION], due[INTERVENTION], due[SPONSOR]
    drugs = {*due[DRUG], *_search_words(session, interventions)}
    _drop_unused(session, conditions, interventions, sponsors)
    _renew_mesh_ids(session, conditions)
    relabel_conditions(session, conditions)
    relabel_sponsors(session, sponsors)
    drugs |= relabel_interventions(session, interventions)
    if conditions:
        _renew_hierarchy(session, pairs)
    renew_suggestions(session, DueSuggestions(conditions, sorted(drugs), sponsors, due[ACRONYM], since=since))


def _search_words(session: Session, slugs: Sequence[str]) -> list[str]:
    words = select(col(InterventionName.search_words)).where(col(InterventionName.slug).in_(listed(slugs)))
    return list(session.execute(words).scalars())


def _drop_unused(session: Session, conditions: Slugs, interventions: Slugs, sponsors: Slugs) -> None:
    """Delete the names that no trial uses any more."""
    for model, link, slugs in (
        (Condition, TrialCondition.condition_id, conditions),
        (InterventionName, TrialIntervention.intervention_id, interventions),
        (SponsorName, TrialSponsor.sponsor_id, sponsors),
    ):
        is_used = select(1).where(col(link) == col(model.id)).exists()
        unused = delete(model).where(~is_used)
        if slugs is not None:
            unused = unused.where(col(model.slug).in_(listed(slugs)))
        session.execute(unused.execution_options(synchronize_session=False))


def _renew_mesh_ids(session: Session, slugs: Slugs) -> None:
    """Give each condition the MeSH id of the concept with the same slug, if there is one."""
    mesh_id = select(col(Concept.mesh_id)).where(col(Concept.slug) == col(Condition.slug)).scalar_subquery()
    wrong = update(Condition).where(col(Condition.mesh_id).is_distinct_from(mesh_id)).values(mesh_id=mesh_id)
    if slugs is not None:
        wrong = wrong.where(col(Condition.slug).in_(listed(slugs)))
    session.execute(wrong.execution_options(synchronize_session=False))


def stored_hierarchy(session: Session) -> set[tuple[int, int]]:
    """Return the stored pairs of a condition's id and the id of a broader condition."""
    return set(driver_rows(session, select(*_PAIR)))


def hierarchy(session: Session) -> set[tuple[int, int]]:
    """Return the pairs that are to be stored, among the conditions that trials have.

    They follow from MeSH or, where MeSH says nothing, from the records.
    """
    vocabulary = load_vocabulary(session)
    by_records = above_by_records(session, vocabulary)
    known = select(col(Condition.mesh_id), col(Condition.id)).where(col(Condition.mesh_id).is_not(None))
    ids: dict[str, int] = dict(session.execute(known).all())
    return {
        (condition_id, ids[higher])
        for mesh_id, condition_id in ids.items()
        for higher in vocabulary.ancestors(mesh_id) or by_records.get(mesh_id, frozenset())
        if higher in ids
    }


def _renew_hierarchy(session: Session, before: set[tuple[int, int]]) -> None:
    """Store the hierarchy, and tell readers if it is not the one before."""
    pairs, stored = hierarchy(session), stored_hierarchy(session)
    for chunk in chunks(sorted(stored - pairs)):
        session.execute(delete(ConditionBroader).where(tuple_(*_PAIR).in_(chunk)))
    insert_values(session, ConditionBroader, ("condition_id", "broader_id"), sorted(pairs - stored))
    if pairs != before:
        mark_broader(session)
