"""The progress of work on all trials, batch by batch beside a running server.

Each batch is a transaction. Interrupted work resumes after the last batch.
"""

from hashlib import sha256

from sqlalchemy import Engine, delete, func, select, text
from sqlmodel import Session, col

from app.database.engine import reading, writing
from app.database.sql import driver_rows
from app.models import DERIVATION, Concept, ConceptName, LongWork, Trial

BATCH = 400
_BATCHES_UNWRITTEN = 20
"""The number of batches without anything to write after which the progress is stored all the same."""
_MESH = (
    text("SELECT mesh_id, name, own_label, slug FROM concept WHERE origin = 'mesh' ORDER BY mesh_id"),
    text("SELECT number, mesh_id FROM concept_tree ORDER BY number"),
)


def vocabulary_stamp(session: Session) -> str:
    """Return a digest that tells one state of MeSH, and of the code, from another."""
    digest = sha256(str(DERIVATION).encode())
    of_mesh = (
        select(col(ConceptName.mesh_id), col(ConceptName.slug), col(ConceptName.text), col(ConceptName.kind))
        .where(col(ConceptName.kind).in_(("synonym", "abbreviation", "name")))
        .where(
            col(ConceptName.mesh_id).in_(select(col(Concept.mesh_id)).where(col(Concept.origin) == "mesh"))
        )
        .order_by(col(ConceptName.mesh_id), col(ConceptName.slug))
    )
    for statement in (*_MESH, of_mesh):
        for row in driver_rows(session, statement):
            digest.update(repr(row).encode())
    return digest.hexdigest()


class Progress:
    """The progress of the work with a given name; with another stamp than before it starts over."""

    def __init__(self, engine: Engine, name: str, stamp: str) -> None:
        self._name, self._stamp = name, stamp
        self._engine = engine
        self._unwritten = 0
        with reading(engine) as session:
            known = session.get(LongWork, name)
            self.last_trial_id = known.last_trial_id if known and known.stamp == stamp else 0
            self.done: int = session.execute(
                select(func.count()).select_from(Trial).where(col(Trial.id) <= self.last_trial_id)
            ).scalar_one()

    def remaining(self) -> list[int]:
        """Return the ids of the trials that are still to be done."""
        with reading(self._engine) as session:
            later = select(col(Trial.id)).where(col(Trial.id) > self.last_trial_id).order_by(col(Trial.id))
            return [trial_id or 0 for trial_id in session.execute(later).scalars()]

    def keep(self, session: Session, last_trial_id: int) -> None:
        """Record that all trials up to the last of a batch are done, in the transaction that writes the batch."""
        self._unwritten = 0
        session.merge(LongWork(name=self._name, stamp=self._stamp, last_trial_id=last_trial_id))
        session.flush()

    def keep_now_and_then(self, last_trial_id: int) -> None:
        """Record now and then the progress over batches that have nothing to write."""
        self._unwritten += 1
        if self._unwritten >= _BATCHES_UNWRITTEN:
            with writing(self._engine) as session:
                self.keep(session, last_trial_id)


def forget_progress(session: Session, name: str) -> None:
    """Delete the progress of finished work."""
    session.execute(delete(LongWork).where(col(LongWork.name) == name))


def is_under_way(session: Session, name: str) -> bool:
    return session.get(LongWork, name) is not None
