"""Keeps the facet postings equal to what the tables say, in the transaction that changes the tables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy import bindparam, delete, insert, select, update
from sqlmodel import Session, col

from app.ingest.bulk import chunks
from app.models import FacetPosting, Trial, table_of
from app.search.catalogue import ALL, TRIALS
from app.search.facets import POSTED
from app.vocabulary import NOT_STATED

Key = tuple[str, str]
"""(facet, value)"""


@dataclass
class _Entry:
    label: str = ""
    named_count: int = 0
    trials: BitMap = field(default_factory=BitMap)


Entries = dict[Key, _Entry]


def entries_of(session: Session, trial_ids: Sequence[int]) -> Entries:
    """What the tables say of these trials: each facet value that one of them has, "Not stated" included."""
    entries: Entries = defaultdict(_Entry)
    everything = BitMap(trial_ids)
    for facet in POSTED:
        stated = BitMap()
        for chunk in chunks(trial_ids):
            for value, label, is_named, trial_id in session.execute(
                facet.pairs.where(facet.trial_id.in_(chunk))
            ):
                entry = entries[facet.name, value]
                entry.label = label
                entry.named_count += is_named
                entry.trials.add(trial_id)
                stated.add(trial_id)
        if missing := everything - stated:
            entries[facet.name, NOT_STATED] = _Entry("", len(missing), missing)
    entries[TRIALS, ALL] = _Entry("", len(everything), everything)
    return entries


def rebuild_postings(session: Session) -> None:
    """Make all postings anew from the tables, whatever they were."""
    trial_ids = [trial_id or 0 for trial_id in session.execute(select(col(Trial.id))).scalars()]
    session.execute(delete(FacetPosting))
    rows = [_row(key, entry) for key, entry in entries_of(session, trial_ids).items() if entry.trials]
    if rows:
        session.connection().execute(insert(table_of(FacetPosting)), rows)


def readable(bitmap: bytes) -> BitMap | None:
    """A stored bitmap, or None where it is damaged."""
    try:
        return BitMap.deserialize(bitmap)
    except (MemoryError, ValueError):
        return None


def update_postings(session: Session, before: Entries, after: Entries) -> None:
    """Move the trials of both entry sets from the values they had to the values they have."""
    keys = [key for key in {**before, **after} if not _is_same(before.get(key), after.get(key))]
    for chunk in chunks(keys):
        stored = _stored(session, chunk)
        inserts: list[dict[str, object]] = []
        updates: list[dict[str, object]] = []
        emptied: list[Key] = []
        for key in chunk:
            entry = stored.get(key, _Entry())
            gone, come = before.get(key, _Entry()), after.get(key, _Entry())
            entry.trials = (entry.trials - gone.trials) | come.trials
            entry.named_count += come.named_count - gone.named_count
            entry.label = come.label or entry.label
            if not entry.trials:
                emptied.append(key)
            else:
                (updates if key in stored else inserts).append(_row(key, entry))
        _write(session, inserts, updates, emptied)


def _write(
    session: Session, inserts: list[dict[str, object]], updates: list[dict[str, object]], emptied: list[Key]
) -> None:
    table = table_of(FacetPosting)
    of_key = (table.c.facet == bindparam("key_facet")) & (table.c.value == bindparam("key_value"))
    if inserts:
        session.execute(insert(table), inserts)
    if updates:
        rows = [{**row, "key_facet": row["facet"], "key_value": row["value"]} for row in updates]
        session.connection().execute(update(table).where(of_key), rows)
    if emptied:
        rows = [{"key_facet": facet, "key_value": value} for facet, value in emptied]
        session.connection().execute(delete(table).where(of_key), rows)


def _row(key: Key, entry: _Entry) -> dict[str, object]:
    return {
        "facet": key[0],
        "value": key[1],
        "label": entry.label,
        "count": len(entry.trials),
        "named_count": entry.named_count,
        "bitmap": _compact(entry.trials).serialize(),
    }


def _compact(trials: BitMap) -> BitMap:
    """One form for one set, however it came about: equal postings are equal bytes."""
    trials.run_optimize()
    trials.shrink_to_fit()
    return trials


def _stored(session: Session, keys: Sequence[Key]) -> Entries:
    by_facet: dict[str, list[str]] = defaultdict(list)
    for facet, value in keys:
        by_facet[facet].append(value)
    stored: Entries = {}
    for facet, values in by_facet.items():
        for posting in session.execute(
            select(FacetPosting).where(col(FacetPosting.facet) == facet, col(FacetPosting.value).in_(values))
        ).scalars():
            trials = BitMap.deserialize(posting.bitmap)
            stored[facet, posting.value] = _Entry(posting.label, posting.named_count, trials)
    return stored


def _is_same(before: _Entry | None, after: _Entry | None) -> bool:
    return before is not None and after is not None and before == after
