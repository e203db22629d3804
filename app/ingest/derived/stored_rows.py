"""The stored rows of trials, and the rows that their documents yield now, in a form in which they can be compared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlmodel import Session, col

from app.database.bulk import Row
from app.database.sql import driver_rows, listed
from app.index.text_columns import COLUMN_WEIGHTS
from app.ingest.derived.relink_batches import Unnamed, stored_links, unnamed
from app.ingest.prepare.record import Prepared
from app.ingest.prepare.rows import TRIAL_TABLES
from app.models import Trial, table_of

_OF_TRIALS = "IN (SELECT value FROM json_each(:trial_ids))"
_INTERVENTIONS = text(
    "SELECT trial_id, position, slug, words, type FROM trial_intervention "  # noqa: S608  texts of ours
    f"LEFT JOIN intervention ON intervention.id = intervention_id WHERE trial_id {_OF_TRIALS} ORDER BY 1, 2"
)
_SPONSORS = text(
    "SELECT trial_id, slug, words, role, sponsor_class FROM trial_sponsor "  # noqa: S608  the same
    f"JOIN sponsor ON sponsor.id = sponsor_id WHERE trial_id {_OF_TRIALS}"
)
_TEXTS = text(f"SELECT rowid, {', '.join(COLUMN_WEIGHTS)} FROM trial_text WHERE rowid {_OF_TRIALS}")  # noqa: S608  the same
_TRACES = text(f"SELECT rowid, traces FROM trial_trace WHERE rowid {_OF_TRIALS}")  # noqa: S608  the same


class TrialRows(NamedTuple):
    """All rows that are derived from one trial; they refer to names by slug, not by id."""

    trial: Row
    tables: tuple[list[tuple[object, ...]], ...]
    """The rows of each table, in the order of TRIAL_TABLES."""
    interventions: list[tuple[object, ...]]
    sponsors: list[tuple[object, ...]]
    links: Unnamed
    text: list[tuple[object, ...]]
    traces: list[tuple[object, ...]]


def rows_expected(prepared: Prepared) -> TrialRows:
    """Return the rows to store for a trial."""
    return TrialRows(
        trial=prepared.trial,
        tables=tuple(sorted(map(tuple, rows), key=repr) for rows in prepared.links),
        interventions=[(item.position, item.slug, item.name, item.type) for item in prepared.interventions],
        sponsors=sorted(
            [(item.slug, item.name, item.role, item.sponsor_class) for item in prepared.sponsors], key=repr
        ),
        links=unnamed(prepared.conditions),
        text=[tuple(prepared.text)],
        traces=[(prepared.traces,)],
    )


def rows_stored(session: Session, trial_ids: Sequence[int]) -> dict[int, TrialRows]:
    """Return the stored rows of trials, by trial id."""
    columns = [column for column in table_of(Trial).c if column.name not in {"id", "changed_in"}]
    trials = session.execute(select(col(Trial.id), *columns).where(col(Trial.id).in_(listed(trial_ids))))
    tables = []
    for table in TRIAL_TABLES:
        model = table_of(table.model)
        names = ("trial_id", *table.columns)
        statement = select(*(model.c[name] for name in names)).where(model.c.trial_id.in_(listed(trial_ids)))
        tables.append(_by_trial(driver_rows(session, statement)))
    asked = {"trial_ids": str(list(trial_ids))}
    interventions, sponsors, texts, traces = (
        _by_trial(driver_rows(session, statement, asked))
        for statement in (_INTERVENTIONS, _SPONSORS, _TEXTS, _TRACES)
    )
    links = stored_links(session, trial_ids)
    return {
        trial_id: TrialRows(
            trial=dict(zip((column.name for column in columns), values, strict=True)),
            tables=tuple(sorted(rows[trial_id], key=repr) for rows in tables),
            interventions=interventions[trial_id],
            sponsors=sorted(sponsors[trial_id], key=repr),
            links=links[trial_id],
            text=texts[trial_id],
            traces=traces[trial_id],
        )
        for trial_id, *values in trials
    }


def _by_trial(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[object, ...]]]:
    found: dict[int, list[tuple[object, ...]]] = defaultdict(list)
    for trial_id, *values in rows:
        found[trial_id].append(tuple(values))
    return found
