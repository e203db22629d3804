"""Outcome measures with their results, each with its table and its statistical analyses."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from app.pages.trial.results.analyses import AnalysisPart, analysis_part
from app.pages.trial.results.measures import (
    MeasureRows,
    counting_statements,
    measure_in_unit,
    used_group_ids,
)
from app.pages.trial.results.table import (
    Columns,
    Notes,
    RowGroup,
    Statement,
    Table,
    explained,
    lines,
    statements,
)
from app.record.results import Group, OutcomeMeasure
from app.record.results_code_lists import OUTCOME_MEASURE_TYPE, REPORTING_STATUS
from app.text.wording import counted, date_words

MOST_OPEN = 3
"""Number of primary outcomes at the start of the list that are shown unfolded."""


@dataclass(frozen=True, slots=True)
class OutcomePart:
    id: str
    type: str
    title: str
    extent: str
    """`Posted, 12 rows, 2 analyses` or `Not posted, expected Mar 2026`."""
    is_open: bool
    statements: tuple[Statement, ...]
    groups: tuple[Group, ...]
    table: Table | None
    analyses: tuple[AnalysisPart, ...]


def outcome_parts(measures: Sequence[OutcomeMeasure]) -> tuple[OutcomePart, ...]:
    types = [measure.type for measure in measures]
    leading = next((place for place, kind in enumerate(types) if kind != "primary"), len(types))
    return tuple(
        _outcome(measure, number, is_open=number <= min(leading, MOST_OPEN))
        for number, measure in enumerate(measures, start=1)
    )


def _outcome(measure: OutcomeMeasure, number: int, *, is_open: bool) -> OutcomePart:
    columns = Columns.of(
        measure.groups,
        chain(used_group_ids(measure), *(analysis.group_ids for analysis in measure.analyses)),
    )
    table = _table(measure, columns, number, may_fold=is_open)
    return OutcomePart(
        id=f"results-outcome-{number}",
        type=OUTCOME_MEASURE_TYPE.label(measure.type) if measure.type else "Type not stated",
        title=measure.title or "Outcome measure not named",
        extent=_extent(measure, table),
        is_open=is_open,
        statements=_statements(measure),
        groups=explained(measure.groups, are_in_table=table is not None),
        table=table,
        analyses=tuple(
            analysis_part(analysis, columns, place)
            for place, analysis in enumerate(measure.analyses, start=1)
        ),
    )


def _extent(measure: OutcomeMeasure, table: Table | None) -> str:
    status, when = measure.reporting_status, measure.anticipated_posting_date
    extent = [REPORTING_STATUS.label(status)] if status else []
    if when:
        extent.append(f"expected {date_words(when)}")
    elif status == "not-posted":
        extent.append("no date given")
    if table:
        extent.append(table.rows_counted)
    if measure.analyses:
        extent.append(counted(len(measure.analyses), "analysis", "analyses"))
    return ", ".join(extent)


def _statements(measure: OutcomeMeasure) -> tuple[Statement, ...]:
    unit = measure_in_unit(measure)
    return (
        *lines("Time frame", measure.time_frame),
        *statements(("Description", measure.description), ("Population", measure.population)),
        *(lines("Measured as", unit) if not measure.classes else ()),
        *lines("Units analyzed", measure.units_analyzed),
        *counting_statements(measure),
    )


def _table(measure: OutcomeMeasure, columns: Columns, number: int, *, may_fold: bool) -> Table | None:
    if not measure.classes and not measure.denominators:
        return None
    notes = Notes()
    groups = MeasureRows(measure, columns, notes, measure.denominators).groups()
    analyzed = columns.denominator_rows(measure.denominators)
    if analyzed:
        groups.insert(0, RowGroup(analyzed))
    words = measure_in_unit(measure)
    return Table(
        id=f"results-outcome-{number}-table",
        name=f"Outcome {number}: {measure.title or 'not named'}",
        caption=words or "Results by group",
        corner="Measured",
        columns=columns.headers,
        groups=tuple(groups),
        notes=notes.listed(),
        may_fold=may_fold,
    )
