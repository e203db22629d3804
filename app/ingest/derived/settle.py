"""Brings the links of stored trials up to date with what their records, all together, say: which concepts there are
beside MeSH's and how they are called, and what abbreviations mean.

Links follow from the documents and MeSH alone, in whatever order and in however many runs they came:

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

_MANY = 50
"""With one new name for every so many trials, all of them are linked anew: looking for each name would take longer."""
_ATTEMPTS = 10
_STATED = text(
    "SELECT rowid, conditions, keywords FROM trial_text "
    "WHERE rowid IN (SELECT value FROM json_each(:trial_ids))"
)


@dataclass
class LearnedByBatch:
    """Which of the concepts that a run has learned were known when it linked trials."""

    learned: list[NewConcept] = field(default_factory=list)
    """In their order."""
    batches: list[tuple[int, BitMap]] = field(default_factory=list)
    """(so many of them were known, trials)"""


def settle(engine: Engine, known: LearnedByBatch | None = None) -> int:
    """Link anew the trials that names or meanings concern which they were not linked by; returns how many.

    It ends with everything as if all had been known from the beginning. `known` spares it trials that a run has
    linked by names that are new to others.

    Raises:
        SourceError: other processes keep changing the names.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _settle_names(engine, known or LearnedByBatch()) + _settle_meanings(engine)
        except NamesMovedError:
            known = None
    raise SourceError("other runs keep changing the names of conditions; run this again when they are done")


def adopt_names(engine: Engine) -> None:
    """Store what the documents' terms say of concepts, without linking trials by it: all are linked anew next."""
    with writing(engine) as session:
        names = _names(session)
        if names.changed or names.new:
            move_revision(session)
            _store_names(session, names)
            mark_names(session)


@dataclass(frozen=True)
class _Names:
    """What becomes of the concepts that records alone bring."""

    before: dict[str, NewConcept]
    """As they are stored."""
    now: dict[str, NewConcept]
    """As the stored documents have them."""
    new: frozenset[str]
    """Those of which not all trials have been looked at yet."""

    @property
    def changed(self) -> list[str]:
        """Those that came or went, or are called otherwise."""
        either = self.before.keys() | self.now.keys()
        return sorted(mesh_id for mesh_id in either if self.before.get(mesh_id) != self.now.get(mesh_id))

    def forms(self, mesh_ids: Iterable[str]) -> list[NewConcept]:
        """Return what was and is stored of them."""
        return [
            names[mesh_id] for mesh_id in mesh_ids for names in (self.before, self.now) if mesh_id in names
        ]


def _settle_names(engine: Engine, known: LearnedByBatch) -> int:
    with reading(engine) as session:
        version = current_revision(session)
        names = _names(session)
        if not (names.changed or names.new):
            return 0
        vocabulary = load_vocabulary(session, names.now.values())
        trial_ids = _concerned(session, names, known)
    relink(engine, sorted(trial_ids), vocabulary)
    with writing(engine) as session:
        _link_what_came_meanwhile(session, engine, vocabulary, version)
        _store_names(session, names)
        mark_names(session)
    return len(trial_ids)


def _link_what_came_meanwhile(session: Session, engine: Engine, vocabulary: Vocabulary, since: int) -> None:
    """Link the trials by a vocabulary that other runs have written since a version: they knew nothing of it.

    Raises:
        NamesMovedError: the vocabulary is out of date itself.
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
    """Return the trials whose links may differ by the names as they are now from those that are stored."""
    concerned = BitMap()
    for concept in names.forms(names.changed):
        concerned |= _holding(session, concept)
    everything = BitMap(trial_id or 0 for trial_id in session.execute(select(col(Trial.id))).scalars())
    place_of = {concept.mesh_id: place for place, concept in enumerate(known.learned)}
    new = [names.now[mesh_id] for mesh_id in sorted(names.new - set(names.changed)) if mesh_id in names.now]
    holding: dict[str, BitMap] = {}
    for so_many, trials in [*known.batches, (0, everything.difference(*(own for _, own in known.batches)))]:
        unknown = [concept for concept in new if place_of.get(concept.mesh_id, so_many) >= so_many]
        if len(unknown) * _MANY > len(everything):
            concerned |= trials
            continue
        for concept in unknown:
            if concept.mesh_id not in holding:
                holding[concept.mesh_id] = _holding(session, concept)
            concerned |= holding[concept.mesh_id] & trials
    return concerned


def _holding(session: Session, concept: NewConcept) -> BitMap:
    """Return the trials that may hold a name of a concept, or have a condition at its address: among them are all that
    the registry indexed with it.
    """
    linked = (
        select(col(TrialCondition.trial_id))
        .join_from(TrialCondition, Condition, col(TrialCondition.condition_id) == col(Condition.id))
        .where(col(Condition.slug) == concept.slug)
    )
    at_address = BitMap([trial_id for (trial_id,) in driver_rows(session, linked)])
    return at_address.union(*(trials_naming(session, key) for key in concept.keys))


def _store_names(session: Session, names: _Names) -> None:
    """Put what records bring in place of what was stored of it; all trials are linked by it."""
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
        version = current_revision(session)
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
        _link_what_came_meanwhile(session, engine, now, version)
        _store_explanations(session, explained, before)
        mark_names(session)
    return len(trial_ids)


def explanations(session: Session, vocabulary: Vocabulary) -> list[Explained]:
    """Return how trials explain abbreviations, as it is to be stored: written as it is written most, or as the name of
    the concept that it is anyway.
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
    """Return the texts of names that are not just learned, by slug and MeSH id."""
    names = select(col(ConceptName.slug), col(ConceptName.mesh_id), col(ConceptName.text)).where(
        col(ConceptName.slug).in_(listed(slugs)), col(ConceptName.kind) != "learned"
    )
    return {(slug, mesh_id): name for slug, mesh_id, name in session.execute(names)}


def _writing(session: Session, before: Linker, now: Linker) -> BitMap:
    """Return the trials in which some condition or keyword is another by what abbreviations mean now."""
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
    """Return what abbreviations mean in trials that explain them, by trial id."""
    explained: dict[int, dict[str, str]] = defaultdict(dict)
    rows = select(
        col(TrialAbbreviation.trial_id), col(TrialAbbreviation.abbreviation), col(TrialAbbreviation.mesh_id)
    ).where(col(TrialAbbreviation.trial_id).in_(listed(trial_ids)))
    for trial_id, abbreviation, mesh_id in sorted(driver_rows(session, rows)):
        explained[trial_id][abbreviation] = mesh_id
    return explained


def _store_explanations(session: Session, explained: Sequence[Explained], before: Vocabulary) -> None:
    """Store what the records explain; names that it adds to concepts are due in what the search box offers."""
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
