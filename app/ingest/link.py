"""Writes the links of trials to conditions, and what stands above each condition."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlmodel import Session, col

from app.ingest.bulk import chunks, ids_of, insert_rows
from app.ingest.concepts import Vocabulary
from app.ingest.conditions import ConditionLink, abbreviations_of, condition_links
from app.ingest.rows import Row
from app.models import Condition, ConditionBroader, TrialAbbreviation, TrialCondition
from app.record import TrialRecord


def write_conditions(
    session: Session, records: Sequence[tuple[int, TrialRecord]], vocabulary: Vocabulary
) -> None:
    """Add the links of trials that have none; the vocabulary must know every term of the records."""
    abbreviations = {trial_id: abbreviations_of(record, vocabulary) for trial_id, record in records}
    by_trial = [
        (trial_id, condition_links(record, abbreviations[trial_id], vocabulary))
        for trial_id, record in records
    ]
    named = _named(by_trial)
    ids = ids_of(session, Condition, named)
    _learn_mesh_ids(session, ids, named)
    _write_broader(session, [record for _, record in records], ids, named, vocabulary)
    insert_rows(session, TrialCondition, _link_rows(by_trial, ids))
    insert_rows(
        session,
        TrialAbbreviation,
        (
            {"trial_id": trial_id, "abbreviation": abbreviation, "mesh_id": mesh_id}
            for trial_id, pairs in abbreviations.items()
            for abbreviation, mesh_id in sorted(pairs)
        ),
    )


def _named(by_trial: Sequence[tuple[int, list[ConditionLink]]]) -> dict[str, Row]:
    named: dict[str, Row] = {}
    for _, links in by_trial:
        for link in links:
            row = named.setdefault(link.slug, {"slug": link.slug, "name": link.name, "mesh_id": None})
            if link.mesh_id and row["mesh_id"] is None:
                row.update(mesh_id=link.mesh_id, name=link.name)
    return named


def _link_rows(by_trial: Sequence[tuple[int, list[ConditionLink]]], ids: dict[str, int]) -> Iterator[Row]:
    for trial_id, links in by_trial:
        for position, link in enumerate(links):
            yield {
                "trial_id": trial_id,
                "condition_id": ids[link.slug],
                "source": link.source,
                "position": position,
                "manner": link.manner,
                "words": link.words,
            }


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


def _write_broader(
    session: Session,
    records: Sequence[TrialRecord],
    ids: dict[str, int],
    named: dict[str, Row],
    vocabulary: Vocabulary,
) -> None:
    """From MeSH's trees; of a concept outside them, from the records that are indexed with it alone."""
    by_mesh_id = {str(row["mesh_id"]): ids[slug] for slug, row in named.items() if row["mesh_id"]}
    above = {mesh_id: set(vocabulary.ancestors(mesh_id)) for mesh_id in by_mesh_id}
    for record in records:
        terms = record.condition_terms
        if len(terms.concepts) == 1:
            mesh_id = vocabulary.id_of(terms.concepts[0])
            if not above[mesh_id]:
                above[mesh_id] = {vocabulary.id_of(term) for term in terms.ancestors}
    insert_rows(
        session,
        ConditionBroader,
        (
            {"condition_id": by_mesh_id[mesh_id], "broader_id": by_mesh_id[broader]}
            for mesh_id, all_broader in above.items()
            for broader in sorted(all_broader)
            if broader in by_mesh_id
        ),
        or_ignore=True,
    )
