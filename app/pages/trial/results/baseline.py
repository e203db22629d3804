"""Baseline characteristics: what was measured before the intervention, in one table of all measures."""

from dataclasses import dataclass
from itertools import chain

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
from app.record.results import Baseline, Group, Measure


@dataclass(frozen=True, slots=True)
class BaselinePart:
    statements: tuple[Statement, ...]
    groups: tuple[Group, ...]
    table: Table | None


def baseline_characteristics(baseline: Baseline) -> BaselinePart:
    table = _table(baseline) if baseline.measures or baseline.denominators else None
    return BaselinePart(
        statements=(
            *statements(("Population", baseline.population)),
            *lines("Units analyzed", baseline.units_analyzed),
        ),
        groups=explained(baseline.groups, are_in_table=table is not None),
        table=table,
    )


def _table(baseline: Baseline) -> Table:
    counted = (count.group_id for denominator in baseline.denominators for count in denominator.counts)
    columns = Columns.of(baseline.groups, chain(counted, *map(used_group_ids, baseline.measures)))
    notes = Notes()
    groups = [RowGroup(columns.denominator_rows(baseline.denominators))] if baseline.denominators else []
    for measure in baseline.measures:
        groups += _measure_groups(baseline, measure, columns, notes)
    return Table(
        id="results-baseline-table",
        name="Baseline characteristics",
        caption="What was measured at the start, by group",
        corner="Characteristic",
        columns=columns.headers,
        groups=tuple(groups),
        notes=notes.listed(),
    )


def _measure_groups(
    baseline: Baseline, measure: Measure, columns: Columns, notes: Notes
) -> tuple[RowGroup, ...]:
    """Build the rows under the measure's own heading, then a group for each class that has a heading."""
    denominators = measure.denominators or baseline.denominators
    groups = MeasureRows(measure, columns, notes, denominators).groups()
    first = () if not groups or groups[0].heading else groups.pop(0).rows
    opening = RowGroup(
        (*columns.denominator_rows(measure.denominators), *first),
        heading=measure.title or "Measure not named",
        detail=measure_in_unit(measure),
        statements=(
            *statements(("Description", measure.description), ("Population", measure.population)),
            *counting_statements(measure),
        ),
    )
    return (opening, *groups)
