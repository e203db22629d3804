"""Brings the links of trials to conditions up to date with what the vocabulary came to know after they were written:
abbreviations that other records explain, names that other records brought, another MeSH.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain

import orjson
from pyroaring import BitMap
from sqlalchemy import Engine, delete, func, select, text, update
from sqlmodel import Session, col

from app.concepts.linking import Linker
from app.concepts.names import key_of
from app.database import reading, writing
from app.ingest.bulk import chunks, insert_rows
from app.ingest.concepts import Vocabulary, load_vocabulary, meanings
from app.ingest.data_version import is_loading, move_data_version
from app.ingest.labels import relabel
from app.ingest.links_anew import LINKS, linked_anew, replace_links
from app.ingest.postings import entries_of, rebuild_postings, update_postings
from app.ingest.source import Report
from app.ingest.suggestions import rebuild_suggestions
from app.models import (
    Concept,
    ConceptName,
    Condition,
    Trial,
    TrialAbbreviation,
)
from app.search.conditions import slug_of
from app.search.facets import EXACT_CONDITION
from app.search.text import matching_trials
from app.sql import driver_rows

Learned = dict[str, Counter[str]]
"""How many trials explain an abbreviation by a concept."""
LearnedRow = tuple[str, str, str, int]
"""(slug, MeSH id, abbreviation, how many trials explain it so)"""

_Naming = Callable[[str], frozenset[str]]
"""The concepts that a phrase names."""
_MOST_REMEMBERED = 50_000
"""Phrases."""
_STATED = text(
    "SELECT rowid, conditions, keywords FROM trial_text "
    "WHERE rowid IN (SELECT value FROM json_each(:trial_ids))"
)


def settle(engine: Engine) -> int:
    """Link anew the trials that hold a name or abbreviation whose meaning has changed; returns how many.

    During a first load there are no postings to keep.
    """
    with reading(engine) as session:
        vocabulary = load_vocabulary(session)
        learned = _learned(session, vocabulary)
        new_names = _new_names(session)
        changed = [*new_names, *_changed_meanings(vocabulary, learned)]
        rows = _rows(session, learned)
        is_stored = rows == _stored(session)
        trial_ids = _holding(session, changed, vocabulary)
        has_postings = not is_loading(session)
    for anew in linked_anew(engine, sorted(trial_ids), vocabulary):
        with writing(engine) as session:
            move_data_version(session)
            before = entries_of(session, anew.trial_ids) if has_postings else {}
            replace_links(session, anew)
            if has_postings:
                update_postings(session, before, entries_of(session, anew.trial_ids))
    if changed or not is_stored:
        with writing(engine) as session:
            move_data_version(session)
            _store(session, rows)
    again = settle(engine) if new_names else 0  # trials explain abbreviations by the new names
    return len(trial_ids) + again


def relink_everything(engine: Engine, report: Report) -> int:
    """Link all trials anew, as after another vocabulary was loaded; returns how many."""
    with writing(engine) as session:
        move_data_version(session)
        _forget(session)
        vocabulary = load_vocabulary(session)
        trial_ids = [trial_id or 0 for trial_id in session.execute(select(col(Trial.id))).scalars()]
        done = 0
        for anew in linked_anew(engine, trial_ids, vocabulary):
            replace_links(session, anew)
            done += len(anew.by_trial)
            report(done, done)
        rebuild_postings(session)
    settle(engine)
    with writing(engine) as session:
        move_data_version(session)
        relabel(session)
        rebuild_suggestions(session)
    return len(trial_ids)


def _learned(session: Session, vocabulary: Vocabulary) -> Learned:
    """One that is written in several ways counts as it is written most."""
    written: dict[str, Counter[str]] = defaultdict(Counter)
    found: Learned = defaultdict(Counter)
    counts = select(
        col(TrialAbbreviation.abbreviation), col(TrialAbbreviation.mesh_id), func.count()
    ).group_by(col(TrialAbbreviation.abbreviation), col(TrialAbbreviation.mesh_id))
    for abbreviation, mesh_id, count in session.execute(counts):
        if mesh_id in vocabulary.concepts:
            found[slug_of(abbreviation)][mesh_id] += count
            written[slug_of(abbreviation)][abbreviation] += count
    return {
        min(texts.items(), key=lambda item: (-item[1], item[0]))[0]: found[slug]
        for slug, texts in written.items()
    }


def _new_names(session: Session) -> list[tuple[str, str | None]]:
    new = select(col(ConceptName.text), col(ConceptName.mesh_id)).where(col(ConceptName.kind) == "new")
    return [(name, mesh_id) for name, mesh_id in session.execute(new)]


def _changed_meanings(vocabulary: Vocabulary, learned: Learned) -> list[tuple[str, str | None]]:
    """(abbreviation, what it means from now on); the vocabulary is brought up to date."""
    current = vocabulary.linker.abbreviations
    now = meanings(learned)
    changed: list[tuple[str, str | None]] = []
    for abbreviation in sorted({*current, *now} - vocabulary.abbreviations_of_mesh):
        meant = now.get(abbreviation)
        is_name_anyway = meant in vocabulary.linker.lexicon.named(abbreviation)
        if meant != current.get(abbreviation) and not is_name_anyway:
            changed.append((abbreviation, meant))
            current.pop(abbreviation, None)
            if meant:
                current[abbreviation] = meant
    return changed


def _holding(session: Session, names: Iterable[tuple[str, str | None]], vocabulary: Vocabulary) -> BitMap:
    """The trials that state one of the names, but for those whose links cannot differ by what it means now."""
    trials = BitMap()
    meant: dict[int, list[str]] = defaultdict(list)
    for name, mesh_id in names:
        words = name.replace('"', " ")
        holding = matching_trials(session, f'{{conditions keywords}} : "{words}"')
        if mesh_id is None:
            trials |= holding
            continue
        for trial_id in holding - _unaffected(session, name, mesh_id, vocabulary) if holding else ():
            meant[trial_id].append(mesh_id)
    of_condition, of_keyword = _namings(vocabulary.linker)
    for chunk in chunks(sorted(meant)):
        asked = {"trial_ids": orjson.dumps(chunk).decode()}
        for trial_id, conditions, keywords in session.execute(_STATED, asked):
            may_be_named = chain(
                map(of_condition, set(conditions.split("\n"))), map(of_keyword, set(keywords.split("\n")))
            )
            if any(not named.isdisjoint(meant[trial_id]) for named in may_be_named):
                trials.add(trial_id)
    return trials


def _namings(linker: Linker) -> tuple[_Naming, _Naming]:
    """What a condition and what a keyword may be linked to, without asking the trial's document: the most of it,
    never too little.
    """

    @lru_cache(maxsize=_MOST_REMEMBERED)
    def of_condition(phrase: str) -> frozenset[str]:
        return frozenset(link.mesh_id for link in linker.in_condition(phrase, {}))

    @lru_cache(maxsize=_MOST_REMEMBERED)
    def of_keyword(phrase: str) -> frozenset[str]:
        return frozenset(link.mesh_id for link in linker.links((), (phrase,), {}))

    return of_condition, of_keyword


def _unaffected(session: Session, name: str, mesh_id: str, vocabulary: Vocabulary) -> BitMap:
    """Those that explain it themselves; of what is a name of the concept anyway, those that are linked to it."""
    row = session.get(ConceptName, (slug_of(name), mesh_id))
    if row and row.kind != "learned":
        return _naming(session, vocabulary.concepts[mesh_id].slug)
    own = select(col(TrialAbbreviation.trial_id)).where(col(TrialAbbreviation.abbreviation) == name)
    return BitMap(session.execute(own).scalars())


def _naming(session: Session, slug: str) -> BitMap:
    """The trials that have a condition by a name, not through something narrower."""
    links = EXACT_CONDITION.pairs.where(col(Condition.slug) == slug)
    return BitMap([trial_id for _, _, _, trial_id in driver_rows(session, links)])


def _stored(session: Session) -> list[LearnedRow]:
    columns = (ConceptName.slug, ConceptName.mesh_id, ConceptName.text, ConceptName.count)
    rows = select(*map(col, columns)).where(col(ConceptName.kind) == "learned")
    return sorted((slug, mesh_id, text, count) for slug, mesh_id, text, count in session.execute(rows))


def _rows(session: Session, learned: Learned) -> list[LearnedRow]:
    """What is to be stored: not what is a name of the concept anyway."""
    others = select(col(ConceptName.slug), col(ConceptName.mesh_id)).where(col(ConceptName.kind) != "learned")
    slugs = {slug_of(abbreviation) for abbreviation in learned}
    names = {(slug, mesh_id) for slug, mesh_id in session.execute(others) if slug in slugs}
    return sorted(
        (slug_of(abbreviation), mesh_id, abbreviation, count)
        for abbreviation, counts in learned.items()
        for mesh_id, count in counts.items()
        if (slug_of(abbreviation), mesh_id) not in names
    )


def _store(session: Session, rows: Sequence[LearnedRow]) -> None:
    """What the records explain is the vocabulary from now on."""
    session.execute(update(ConceptName).where(col(ConceptName.kind) == "new").values(kind="name"))
    session.execute(delete(ConceptName).where(col(ConceptName.kind) == "learned"))
    insert_rows(
        session,
        ConceptName,
        (
            {
                "slug": slug,
                "mesh_id": mesh_id,
                "text": abbreviation,
                "key": key_of(abbreviation),
                "kind": "learned",
                "count": count,
            }
            for slug, mesh_id, abbreviation, count in rows
        ),
        or_ignore=True,
    )


def _forget(session: Session) -> None:
    """All that was linked, and the concepts that only records brought: they are learned from them again."""
    for model in (*LINKS, Condition):
        session.execute(delete(model))
    of_records = select(col(Concept.mesh_id)).where(col(Concept.origin) == "registry")
    session.execute(delete(ConceptName).where(col(ConceptName.mesh_id).in_(of_records)))
    session.execute(delete(Concept).where(col(Concept.origin) == "registry"))
