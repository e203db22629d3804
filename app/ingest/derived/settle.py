"""Brings the links of stored trials up to date with what all records together say.

Records bring concepts besides MeSH's, names of these concepts, and explanations of abbreviations. The links depend on
the documents and MeSH alone, whatever the order and the number of the runs that brought the documents:

    terms of the documents -> concepts and names -> abbreviations explained -> their meanings -> links
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import orjson
from pyroaring import BitMap
from sqlalchemy import Engine, delete, func, select, text, update
from sqlmodel import Session, col

from app.conditions.names.linking import Linker
from app.conditions.names.same_name import key_of
from app.conditions.registry_terms import concepts_of_records
from app.conditions.stored_traces import trials_naming, trials_writing
from app.conditions.stored_vocabulary import (
    load_mesh,
    load_vocabulary,
    store_concepts,
    stored_concepts,
    stored_explanations,
)
from app.conditions.vocabulary import Explained, NewConcept, Vocabulary, meanings
from app.database.bulk import chunks, insert_rows
from app.database.engine import reading, writing
from app.database.sql import driver_rows, listed
from app.index.revision import current_revision, mark_names, move_revision, names_revision
from app.ingest.derived.relink_batches import NamesMovedError, linked_anew, relink, write_anew
from app.ingest.sources.source import SourceError
from app.ingest.write.due import CONDITION, mark_names_due
from app.models import Concept, ConceptName, Condition, Trial, TrialAbbreviation, TrialCondition
from app.text.slugs import slug_of

_TRIALS_PER_NEW_NAME = 50
"""With more than one new name per so many trials, all trials are linked again: searching for each takes longer."""
_ATTEMPTS = 10
_STATED = text(
    "SELECT rowid, conditions, keywords FROM trial_text "
    "WHERE rowid IN (SELECT value FROM json_each(:trial_ids))"
)


@dataclass
class LearnedByBatch:
    """The concepts that a run has learned, and which of them were known when it linked trials."""

    learned: list[NewConcept] = field(default_factory=list)
    """In the order in which they were learned."""
    batches: list[tuple[int, BitMap]] = field(default_factory=list)
    """(number of concepts that were known, trials linked with them)"""


def settle(engine: Engine, known: LearnedByBatch | None = None) -> int:
    """Link trials again where the new names or meanings may change their links, and return how many trials that were.

    The result is the same as if all names and meanings had been known from the beginning. `known` says with which
    new names a run has linked its trials, so that they are not linked again.

    Raises:
        SourceError: other processes keep changing the names.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _settle_names(engine, known or LearnedByBatch()) + _settle_meanings(engine)
        except NamesMovedError:
            known = None
    raise SourceError(
        "other runs keep changing the names of conditions; run this again when they have finished"
    )


def adopt_names(engine: Engine) -> None:
    """Store the concepts and names that the documents' terms bring, without linking trials by them.

    All trials are linked again next.
    """
    with writing(engine) as session:
        names = _names(session)
        if names.changed or names.new:
            move_revision(session)
            _store_names(session, names)
            mark_names(session)


@dataclass(frozen=True)
class _Names:
    """The concepts that come from records alone, before and now."""

    before: dict[str, NewConcept]
    """The concepts that are stored."""
    now: dict[str, NewConcept]
    """The concepts that the stored documents yield."""
    new: frozenset[str]
    """MeSH ids of concepts for which not all trials have been searched yet."""

    @property
    def changed(self) -> list[str]:
        """MeSH ids of the concepts that were added, removed or renamed."""
        either = self.before.keys() | self.now.keys()
        return sorted(mesh_id for mesh_id in either if self.before.get(mesh_id) != self.now.get(mesh_id))

    def forms(self, mesh_ids: Iterable[str]) -> list[NewConcept]:
        """Return both the stored and the present forms of concepts."""
        return [
            names[mesh_id] for mesh_id in mesh_ids for names in (self.before, self.now) if mesh_id in names
        ]


def _settle_names(engine: Engine, known: LearnedByBatch) -> int:
    with reading(engine) as session:
        revision = current_revision(session)
        names = _names(session)
        if not (names.changed or names.new):
            return 0
        vocabulary = load_vocabulary(session, names.now.values())
        trial_ids = _concerned(session, names, known)
    relink(engine, sorted(trial_ids), vocabulary)
    with writing(engine) as session:
        _link_what_came_meanwhile(session, engine, vocabulary, revision)
        _store_names(session, names)
        mark_names(session)
    return len(trial_ids)


def _link_what_came_meanwhile(session: Session, engine: Engine, vocabulary: Vocabulary, since: int) -> None:
    """Link the trials that other runs have written since a revision, by a vocabulary that was unknown to them.

    Raises:
        NamesMovedError: the vocabulary itself is out of date.
    """
    if names_revision(session) != vocabulary.names_in or vocabulary.learned:
        raise NamesMovedError
    move_revision(session)
    later = select(col(Trial.id)).where(col(Trial.changed_in) > since).order_by(col(Trial.id))
    trial_ids = [trial_id or 0 for trial_id in session.execute(later).scalars()]
    for anew in linked_anew(engine, trial_ids, vocabulary):
        write_anew(session, anew, vocabulary)
    if vocabulary.learned:
        raise NamesMovedError


def _names(session: Session) -> _Names:
    new = select(col(ConceptName.mesh_id)).where(col(ConceptName.kind) == "new")
    return _Names(
        before={concept.mesh_id: concept for concept in stored_concepts(session)},
        now={concept.mesh_id: concept for concept in concepts_of_records(session, load_mesh(session))},
        new=frozenset(session.execute(new).scalars()),
    )


def _concerned(session: Session, names: _Names, known: LearnedByBatch) -> BitMap:
    """Return the trials whose stored links may differ from those by the present names."""
    concerned = BitMap()
    for concept in names.forms(names.changed):
        concerned |= _holding(session, concept)
    everything = BitMap(trial_id or 0 for trial_id in session.execute(select(col(Trial.id))).scalars())
    place_of = {concept.mesh_id: place for place, concept in enumerate(known.learned)}
    new = [names.now[mesh_id] for mesh_id in sorted(names.new - set(names.changed)) if mesh_id in names.now]
    holding: dict[str, BitMap] = {}
    unlinked = everything.difference(*(own for _, own in known.batches))
    for known_count, trials in [*known.batches, (0, unlinked)]:
        unknown = [concept for concept in new if place_of.get(concept.mesh_id, known_count) >= known_count]
        if len(unknown) * _TRIALS_PER_NEW_NAME > len(everything):
            concerned |= trials
            continue
        for concept in unknown:
            if concept.mesh_id not in holding:
                holding[concept.mesh_id] = _holding(session, concept)
            concerned |= holding[concept.mesh_id] & trials
    return concerned


def _holding(session: Session, concept: NewConcept) -> BitMap:
    """Return the trials that may contain a name of a concept, or that have a condition with its slug.

    They include all trials that the registry indexed with the concept.
    """
    linked = (
        select(col(TrialCondition.trial_id))
        .join_from(TrialCondition, Condition, col(TrialCondition.condition_id) == col(Condition.id))
        .where(col(Condition.slug) == concept.slug)
    )
    at_address = BitMap([trial_id for (trial_id,) in driver_rows(session, linked)])
    return at_address.union(*(trials_naming(session, key) for key in concept.keys))


def _store_names(session: Session, names: _Names) -> None:
    """Replace the stored concepts of records with the present ones, by which all trials are linked now."""
    changed = names.changed
    for chunk in chunks(changed):
        session.execute(delete(ConceptName).where(col(ConceptName.mesh_id).in_(chunk)))
        session.execute(delete(Concept).where(col(Concept.mesh_id).in_(chunk)))
    store_concepts(session, [names.now[mesh_id] for mesh_id in changed if mesh_id in names.now])
    for chunk in chunks(sorted({*changed, *names.new})):
        is_looked_at = (col(ConceptName.kind) == "new") & col(ConceptName.mesh_id).in_(chunk)
        session.execute(update(ConceptName).where(is_looked_at).values(kind="name"))
    slugs = {concept.slug for concept in names.forms({*changed, *names.new})}
    mark_names_due(session, CONDITION, slugs)


def _settle_meanings(engine: Engine) -> int:
    with reading(engine) as session:
        revision = current_revision(session)
        before = load_vocabulary(session)
        explained = explanations(session, before)
        if explained == stored_explanations(session, before):
            return 0
        of_mesh = {name: before.linker.abbreviations[name] for name in before.abbreviations_of_mesh}
        abbreviations = meanings(explained) | of_mesh
        now = replace(before, linker=replace(before.linker, abbreviations=abbreviations))
        trial_ids = _writing(session, before.linker, now.linker)
    relink(engine, sorted(trial_ids), now)
    with writing(engine) as session:
        _link_what_came_meanwhile(session, engine, now, revision)
        _store_explanations(session, explained, before)
        mark_names(session)
    return len(trial_ids)


def explanations(session: Session, vocabulary: Vocabulary) -> list[Explained]:
    """Return how trials explain abbreviations, in the form to be stored.

    Each abbreviation is spelled as most trials spell it, or as a name that the concept has anyway.
    """
    written: dict[str, Counter[str]] = defaultdict(Counter)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    counts = select(
        col(TrialAbbreviation.abbreviation), col(TrialAbbreviation.mesh_id), func.count()
    ).group_by(col(TrialAbbreviation.abbreviation), col(TrialAbbreviation.mesh_id))
    for abbreviation, mesh_id, count in driver_rows(session, counts):
        if mesh_id in vocabulary.linker.own_names:
            found[slug_of(abbreviation)][mesh_id] += count
            written[slug_of(abbreviation)][abbreviation] += count
    texts = {
        slug: min(each.items(), key=lambda item: (-item[1], item[0]))[0] for slug, each in written.items()
    }
    names = _names_by_slug(session, list(found))
    return sorted(
        Explained(slug, mesh_id, names.get((slug, mesh_id), texts[slug]), count)
        for slug, by_concept in found.items()
        for mesh_id, count in by_concept.items()
    )


def _names_by_slug(session: Session, slugs: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return the texts of names by slug and MeSH id, except for names that are only learned."""
    names = select(col(ConceptName.slug), col(ConceptName.mesh_id), col(ConceptName.text)).where(
        col(ConceptName.slug).in_(listed(slugs)), col(ConceptName.kind) != "learned"
    )
    return {(slug, mesh_id): name for slug, mesh_id, name in session.execute(names)}


def _writing(session: Session, before: Linker, now: Linker) -> BitMap:
    """Return the trials in which a condition or keyword has another meaning by the present abbreviations."""
    either = {*before.abbreviations.items()} ^ {*now.abbreviations.items()}
    trials = BitMap()
    for abbreviation in sorted({abbreviation for abbreviation, _ in either}):
        trials |= trials_writing(session, abbreviation)
    changed = BitMap()
    for chunk in chunks(sorted(trials)):
        explained = _explained_by(session, chunk)
        asked = {"trial_ids": orjson.dumps(chunk).decode()}
        for trial_id, conditions, keywords in session.execute(_STATED, asked):
            own = explained[trial_id]
            phrases = {*conditions.split("\n"), *keywords.split("\n")}
            if any(
                list(before.abbreviated(each, own)) != list(now.abbreviated(each, own)) for each in phrases
            ):
                changed.add(trial_id)
    return changed


def _explained_by(session: Session, trial_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return the meanings of abbreviations in the trials that explain them, by trial id."""
    explained: dict[int, dict[str, str]] = defaultdict(dict)
    rows = select(
        col(TrialAbbreviation.trial_id), col(TrialAbbreviation.abbreviation), col(TrialAbbreviation.mesh_id)
    ).where(col(TrialAbbreviation.trial_id).in_(listed(trial_ids)))
    for trial_id, abbreviation, mesh_id in sorted(driver_rows(session, rows)):
        explained[trial_id][abbreviation] = mesh_id
    return explained


def _store_explanations(session: Session, explained: Sequence[Explained], before: Vocabulary) -> None:
    """Store what the records explain, and mark as due the concepts that gain or lose a name by it."""
    had = {(row.slug, row.mesh_id) for row in stored_explanations(session, before)}
    has = {(row.slug, row.mesh_id) for row in explained}
    session.execute(delete(ConceptName).where(col(ConceptName.kind) == "learned"))
    session.execute(update(ConceptName).where(col(ConceptName.count) > 0).values(count=0))
    names = _names_by_slug(session, sorted({row.slug for row in explained}))
    new, known = [], []
    for slug, mesh_id, abbreviation, trials in explained:
        if (slug, mesh_id) in names:
            known.append({"slug": slug, "mesh_id": mesh_id, "count": trials})
        else:
            row = {"slug": slug, "mesh_id": mesh_id, "text": abbreviation, "key": key_of(abbreviation)}
            new.append({**row, "kind": "learned", "count": trials})
    insert_rows(session, ConceptName, new)
    if known:
        session.execute(update(ConceptName), known)
    changed = sorted({before.concepts[mesh_id].slug for _, mesh_id in had ^ has})
    mark_names_due(session, CONDITION, changed)
