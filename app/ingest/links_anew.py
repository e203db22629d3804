"""Links stored trials anew, from their documents."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from app.database import open_engine, reading
from app.ingest.bulk import chunks, delete_rows
from app.ingest.concepts import NewConcept, Vocabulary, store_concepts
from app.ingest.conditions import Linked, are_current, linked
from app.ingest.link import write_conditions
from app.ingest.preparing import prepared_batches
from app.ingest.stored import stored_documents
from app.models import TrialAbbreviation, TrialCondition
from app.settings import Settings

LINKS = (TrialCondition, TrialAbbreviation)


class LinkedAnew(NamedTuple):
    by_trial: list[tuple[int, Linked]]
    new_concepts: list[NewConcept]
    """Those that the records brought; the links refer to them."""

    @property
    def trial_ids(self) -> list[int]:
        return [trial_id for trial_id, _ in self.by_trial]


def linked_anew(engine: Engine, trial_ids: Sequence[int], vocabulary: Vocabulary) -> Iterator[LinkedAnew]:
    """What the trials are linked to now, in batches to be written one after the other; the vocabulary learns.

    Their documents are read beside a transaction that may be under way.
    """
    linker = _linker(engine.url.render_as_string(hide_password=False), vocabulary)
    try:
        for batch, found in prepared_batches(linker, chunks(trial_ids)):
            is_current = are_current((each for _, each in found.by_trial), found.new_concepts, vocabulary)
            anew = found if is_current else linker.prepare(batch)
            vocabulary.take_in(anew.new_concepts)
            yield anew
    finally:
        linker.engine.dispose()


def replace_links(session: Session, anew: LinkedAnew) -> None:
    for model in LINKS:
        delete_rows(session, model, anew.trial_ids)
    store_concepts(session, anew.new_concepts)
    write_conditions(session, anew.by_trial)


@dataclass
class _Linker:
    engine: Engine
    vocabulary: Vocabulary

    @property
    def twin(self) -> Callable[[], "_Linker"]:
        return partial(_linker, self.engine.url.render_as_string(hide_password=False), self.vocabulary)

    def prepare(self, trial_ids: Sequence[int]) -> LinkedAnew:
        with reading(self.engine) as session:
            documents = stored_documents(session, trial_ids)
        new = self.vocabulary.learn(document.record for _, document in documents)
        by_trial = [(trial_id, linked(document.record, self.vocabulary)) for trial_id, document in documents]
        return LinkedAnew(by_trial, new)


def _linker(database_url: str, vocabulary: Vocabulary) -> _Linker:
    return _Linker(open_engine(Settings(database_url=database_url), read_only=True), vocabulary)
