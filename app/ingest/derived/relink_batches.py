"""Links stored trials again from their documents, and writes the links that differ from the stored ones."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from app.conditions.mapping import ConditionLink, Linked, are_current, linked
from app.conditions.stored_links import write_conditions
from app.conditions.stored_vocabulary import store_concepts
from app.conditions.vocabulary import NewConcept, Vocabulary
from app.database.bulk import chunks, delete_rows
from app.database.engine import open_engine, reading, writing
from app.database.sql import driver_rows, listed
from app.index.revision import move_revision, names_revision
from app.ingest.prepare.stored_documents import stored_documents
from app.ingest.prepare.worker_pool import prepared_batches
from app.ingest.sources.source import SourceError
from app.ingest.write.upkeep import followed
from app.models import SourceDocument, TrialAbbreviation, TrialCondition
from app.settings import Settings

LINKS = (TrialCondition, TrialAbbreviation)

_ATTEMPTS = 10
_STORED_LINKS = text(
    "SELECT trial_id, slug, source, manner, words FROM trial_condition "
    "JOIN condition ON condition.id = condition_id WHERE trial_id IN (SELECT value FROM json_each(:trial_ids)) "
    "ORDER BY trial_id, position"
)

Unnamed = tuple[list[tuple[str, ...]], list[tuple[str, str]]]
"""A trial's links and abbreviations, without the names of the conditions, which are the same for all trials."""


class NamesMovedError(Exception):
    """Another process has changed the vocabulary's names meanwhile: links made with the old names are useless."""


def while_names_rest(work: Callable[[], int]) -> int:
    """Do work on all trials; begin it again each time that another process changes the names meanwhile.

    Raises:
        SourceError: the names changed in each of ten attempts.
    """
    for _ in range(_ATTEMPTS):
        try:
            return work()
        except NamesMovedError:
            continue
    raise SourceError(
        "other runs keep changing the names of conditions; run this again when they have finished"
    )


class LinkedTrial(NamedTuple):
    trial_id: int
    sha256: bytes
    """The hash of the document from which the trial was linked."""
    linked: Linked


class LinkedAnew(NamedTuple):
    trials: list[LinkedTrial]
    new_concepts: list[NewConcept]
    """The concepts that the records brought; the links refer to them."""


def linked_anew(engine: Engine, trial_ids: Sequence[int], vocabulary: Vocabulary) -> Iterator[LinkedAnew]:
    """Yield the present links of trials, in batches to be written one after the other; the vocabulary learns."""
    linker = _linker(engine.url.render_as_string(hide_password=False), vocabulary)
    try:
        for batch, found, _ in prepared_batches(linker, chunks(trial_ids)):
            is_current = are_current((each.linked for each in found.trials), found.new_concepts, vocabulary)
            anew = found if is_current else linker.prepare(batch)
            vocabulary.take_in(anew.new_concepts)
            yield anew
    finally:
        linker.engine.dispose()


def relink(engine: Engine, trial_ids: Sequence[int], vocabulary: Vocabulary) -> None:
    """Link trials again, each batch in a transaction of its own that also updates the counts.

    Raises:
        NamesMovedError: another process has changed the names; what was written until then stays.
    """
    for anew in linked_anew(engine, trial_ids, vocabulary):
        with reading(engine) as session:
            is_needed = bool(anew.new_concepts or differing(session, anew))
        if is_needed:
            with writing(engine) as session:
                write_anew(session, anew, vocabulary)


def write_anew(session: Session, anew: LinkedAnew, vocabulary: Vocabulary) -> None:
    """Store the links that differ from the stored ones.

    Raises:
        NamesMovedError: trials must be linked by other names than the vocabulary's by now.
    """
    if names_revision(session) != vocabulary.names_in:
        raise NamesMovedError
    different = differing(session, anew)
    trial_ids = [trial_id for trial_id, _ in different]
    move_revision(session)
    store_concepts(session, anew.new_concepts)
    with followed(session, trial_ids):
        for model in LINKS:
            delete_rows(session, model, trial_ids)
        write_conditions(session, different)


def differing(session: Session, anew: LinkedAnew) -> list[tuple[int, Linked]]:
    """Return the trials whose stored links differ, except those whose document was replaced meanwhile."""
    trial_ids = [each.trial_id for each in anew.trials]
    stored = stored_links(session, trial_ids)
    hashes = select(col(SourceDocument.trial_id), col(SourceDocument.sha256)).where(
        col(SourceDocument.trial_id).in_(listed(trial_ids))
    )
    current = dict(session.execute(hashes).all())
    return [
        (each.trial_id, each.linked)
        for each in anew.trials
        if current.get(each.trial_id) == each.sha256 and stored[each.trial_id] != unnamed(each.linked)
    ]


def unnamed(linked: Linked) -> Unnamed:
    return [_unnamed(link) for link in linked.links], linked.abbreviations


def _unnamed(link: ConditionLink) -> tuple[str, ...]:
    return link.slug, link.source, link.manner, link.words


def stored_links(session: Session, trial_ids: Sequence[int]) -> dict[int, Unnamed]:
    """Return the stored links of trials, by trial id."""
    found: dict[int, Unnamed] = defaultdict(lambda: ([], []))
    asked = {"trial_ids": str(list(trial_ids))}
    for trial_id, *link in driver_rows(session, _STORED_LINKS, asked):
        found[trial_id][0].append(tuple(link))
    abbreviations = (
        select(
            col(TrialAbbreviation.trial_id),
            col(TrialAbbreviation.abbreviation),
            col(TrialAbbreviation.mesh_id),
        )
        .where(col(TrialAbbreviation.trial_id).in_(listed(trial_ids)))
        .order_by(
            col(TrialAbbreviation.trial_id),
            col(TrialAbbreviation.abbreviation),
            col(TrialAbbreviation.mesh_id),
        )
    )
    for trial_id, abbreviation, mesh_id in driver_rows(session, abbreviations):
        found[trial_id][1].append((abbreviation, mesh_id))
    return found


@dataclass
class _Linker:
    engine: Engine
    vocabulary: Vocabulary

    @property
    def worker_factory(self) -> Callable[[], "_Linker"]:
        return partial(_linker, self.engine.url.render_as_string(hide_password=False), self.vocabulary)

    def prepare(self, trial_ids: Sequence[int]) -> LinkedAnew:
        with reading(self.engine) as session:
            documents = stored_documents(session, trial_ids)
        new = self.vocabulary.learn(document.record for _, document in documents)
        trials = [
            LinkedTrial(trial_id, document.sha256, linked(document.record, self.vocabulary))
            for trial_id, document in documents
        ]
        return LinkedAnew(trials, new)


def _linker(database_url: str, vocabulary: Vocabulary) -> _Linker:
    return _Linker(open_engine(Settings(database_url=database_url), read_only=True), vocabulary)
