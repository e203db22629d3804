"""Keeps the facet postings equal to what the tables say, in the transaction that changes the tables."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pyroaring import BitMap
from sqlalchemy import Engine, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from app.database.bulk import chunks
from app.database.engine import reading, writing
from app.database.sql import driver_rows, listed
from app.index.facets import POSTED, Facet, Pairs
from app.index.posting_names import ALL, SYNTHETIC, TRIALS, of_unlisted
from app.index.revision import current_revision, mark_loading, mark_rebuilt, move_revision
from app.ingest.write.late_indexes import make_late_indexes
from app.models import FacetPosting, Trial, UnlistedTrial, table_of
from app.record.code_lists import NOT_STATED

Key = tuple[str, str]
"""(facet, value)"""


@dataclass
class _Entry:
    label: str = ""
    named_count: int = 0
    trials: BitMap = field(default_factory=BitMap)


Entries = dict[Key, _Entry]


def entries_of(session: Session, trial_ids: Collection[int]) -> Entries:
    """Read from the tables which facet values these trials have, "Not stated" included.

    Trials that the registry no longer lists are entered under separate facets.
    """
    some = listed(sorted(trial_ids))
    unlisted = BitMap(session.execute(_UNLISTED.where(col(UnlistedTrial.trial_id).in_(some))).scalars())
    trials = _Sides(BitMap(trial_ids) - unlisted, unlisted & BitMap(trial_ids))
    entries = _entries_of_trials(trials, session.execute(_SYNTHETIC.where(col(Trial.id).in_(some))).scalars())
    for facet in POSTED:
        entries |= _entries(session, facet, facet.pairs.where(facet.trial_id.in_(some)), trials)
    return entries


def all_entries(session: Session, name: str | None = None) -> Iterator[tuple[Key, _Entry]]:
    """Read from the tables which facet values all trials have, one facet after the other, or only for one facet."""
    unlisted = BitMap(session.execute(_UNLISTED).scalars())
    everything = BitMap(trial_id or 0 for trial_id in session.execute(select(col(Trial.id))).scalars())
    trials = _Sides(everything - unlisted, unlisted)
    if name in {None, TRIALS}:
        yield from _entries_of_trials(trials, session.execute(_SYNTHETIC).scalars()).items()
    for facet in POSTED:
        if name in {None, facet.name}:
            yield from _entries(session, facet, facet.all_pairs, trials).items()


_SYNTHETIC = select(col(Trial.id)).where(col(Trial.is_synthetic))
_UNLISTED = select(col(UnlistedTrial.trial_id))


class _Sides(NamedTuple):
    """The trials that the registry lists, and those that it no longer lists: each side has postings of its own."""

    listed: BitMap
    unlisted: BitMap


def _entries_of_trials(trials: _Sides, synthetic: Iterable[int | None]) -> Entries:
    made_up = BitMap(trial_id or 0 for trial_id in synthetic)
    entries = {
        (TRIALS, ALL): _Entry("", len(trials.listed), trials.listed),
        (TRIALS, SYNTHETIC): _Entry("", len(made_up), made_up),
        (of_unlisted(TRIALS), ALL): _Entry("", len(trials.unlisted), trials.unlisted),
    }
    return {key: entry for key, entry in entries.items() if entry.trials}


def _entries(session: Session, facet: Facet, pairs: Pairs, trials: _Sides) -> Entries:
    rows = driver_rows(session, pairs)
    if not trials.unlisted:
        return _entries_of_rows(facet.name, rows, trials.listed)
    every_row = list(rows)
    of_listed = (row for row in every_row if row[-1] not in trials.unlisted)
    of_others = (row for row in every_row if row[-1] in trials.unlisted)
    return _entries_of_rows(facet.name, of_listed, trials.listed) | _entries_of_rows(
        of_unlisted(facet.name), of_others, trials.unlisted
    )


def _entries_of_rows(facet: str, rows: Iterable[tuple[Any, ...]], trials: BitMap) -> Entries:
    trial_ids: dict[str, array[int]] = {}
    labels: dict[str, str] = {}
    named: dict[str, int] = defaultdict(int)
    for value, label, is_named, trial_id in rows:
        if value not in trial_ids:
            trial_ids[value], labels[value] = array("I"), label
        trial_ids[value].append(trial_id)
        if is_named:
            named[value] += 1
    entries: Entries = {}
    stated = BitMap()
    for value, own in trial_ids.items():
        entry = entries[facet, value] = _Entry(labels[value], named[value], BitMap(own))
        stated |= entry.trials
    if missing := trials - stated:
        entries[facet, NOT_STATED] = _Entry("", len(missing), missing)
    return entries


def rebuild_postings(session: Session) -> None:
    """Rebuild all postings from the tables, which also finishes a first load."""
    session.execute(delete(FacetPosting))
    revision = current_revision(session)
    rows = (_row(key, entry, revision) for key, entry in all_entries(session))
    for chunk in chunks(rows):
        session.connection().execute(insert(table_of(FacetPosting)), chunk)
    make_late_indexes(session)
    if revision:
        mark_rebuilt(session)
        mark_loading(session, is_loading=False)


def repair_postings(engine: Engine) -> None:
    """Rebuild the postings of each facet that disagrees with the tables, in one transaction per facet.

    The others stay as they are. The comparison keeps nobody from writing.
    """
    with reading(engine) as session:
        wrong = {facet for facet, _ in wrong_postings(session)}
    for facet in (TRIALS, *(facet.name for facet in POSTED)):
        stored_as = {facet, of_unlisted(facet)}
        if wrong.isdisjoint(stored_as):
            continue
        with writing(engine) as session:
            revision = move_revision(session)
            session.execute(delete(FacetPosting).where(col(FacetPosting.facet).in_(stored_as)))
            rows = (_row(key, entry, revision) for key, entry in all_entries(session, facet))
            for chunk in chunks(rows):
                session.connection().execute(insert(table_of(FacetPosting)), chunk)
            mark_rebuilt(session)


def forget_empty_postings(session: Session) -> None:
    """Delete the postings of values that no trial has any more, and tell readers to reload everything."""
    session.execute(delete(FacetPosting).where(col(FacetPosting.count) == 0))
    mark_rebuilt(session)


def wrong_postings(session: Session) -> list[Key]:
    """Return the keys of postings that disagree with the tables."""
    expected = {
        key: (entry.label, len(entry.trials), entry.named_count, entry.trials)
        for key, entry in all_entries(session)
    }
    stored = {
        (posting.facet, posting.value): (
            posting.label,
            posting.count,
            posting.named_count,
            readable(posting.bitmap),
        )
        for posting in session.execute(select(FacetPosting).where(col(FacetPosting.count) > 0)).scalars()
    }
    return sorted(key for key in expected.keys() | stored.keys() if expected.get(key) != stored.get(key))


def readable(bitmap: bytes) -> BitMap | None:
    """Return a stored bitmap, or None if it is damaged."""
    try:
        return BitMap.deserialize(bitmap)
    except (MemoryError, ValueError):
        return None


def update_postings(session: Session, before: Entries, after: Entries) -> None:
    """Move trials from the facet values that they had to those that they have."""
    revision = current_revision(session)
    keys = [key for key in {**before, **after} if not _is_same(before.get(key), after.get(key))]
    for chunk in chunks(keys):
        stored = _stored(session, chunk)
        inserts: list[dict[str, object]] = []
        updates: list[dict[str, object]] = []
        for key in chunk:
            entry = stored.get(key, _Entry())
            gone, come = before.get(key, _Entry()), after.get(key, _Entry())
            entry.trials = (entry.trials - gone.trials) | come.trials
            entry.named_count += come.named_count - gone.named_count
            entry.label = come.label or entry.label
            (updates if key in stored else inserts).append(_row(key, entry, revision))
        _write(session, inserts, updates)


def _write(session: Session, inserts: list[dict[str, object]], updates: list[dict[str, object]]) -> None:
    table = table_of(FacetPosting)
    if inserts:
        session.execute(insert(table), inserts)
    if updates:
        of_key = (table.c.facet == bindparam("key_facet")) & (table.c.value == bindparam("key_value"))
        rows = [{**row, "key_facet": row["facet"], "key_value": row["value"]} for row in updates]
        session.connection().execute(update(table).where(of_key), rows)


def _row(key: Key, entry: _Entry, revision: int) -> dict[str, object]:
    return {
        "facet": key[0],
        "value": key[1],
        "label": entry.label,
        "count": len(entry.trials),
        "named_count": entry.named_count,
        "bitmap": _compact(entry.trials).serialize(),
        "changed_in": revision,
    }


def _compact(trials: BitMap) -> BitMap:
    """Give equal sets the same form, however they came about: equal postings are equal bytes."""
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
            select(
                col(FacetPosting.value),
                col(FacetPosting.label),
                col(FacetPosting.named_count),
                col(FacetPosting.bitmap),
            ).where(col(FacetPosting.facet) == facet, col(FacetPosting.value).in_(values))
        ):
            value, label, named_count, bitmap = posting
            stored[facet, value] = _Entry(label, named_count, BitMap.deserialize(bitmap))
    return stored


def _is_same(before: _Entry | None, after: _Entry | None) -> bool:
    return before is not None and after is not None and before == after
