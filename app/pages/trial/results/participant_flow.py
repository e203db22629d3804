"""Participant flow: how many started and finished, and why others did not, in a table for each period."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.pages.trial.results.table import (
    Cell,
    Columns,
    Notes,
    Row,
    RowGroup,
    Statement,
    Table,
    explained,
    lines,
    plain,
    statements,
)
from app.record.code_lists import NOT_STATED_LABEL
from app.record.results import FlowCount, FlowStep, Group, ParticipantFlow, Period

_MILESTONES = {"STARTED": "Started", "COMPLETED": "Completed", "NOT COMPLETED": "Not completed"}


@dataclass(frozen=True, slots=True)
class FlowPart:
    statements: tuple[Statement, ...]
    groups: tuple[Group, ...]
    tables: tuple[Table, ...]


def participant_flow(flow: ParticipantFlow) -> FlowPart:
    return FlowPart(
        statements=(
            *statements(
                ("Recruitment", flow.recruitment_details),
                ("Before assignment", flow.pre_assignment_details),
            ),
            *lines("Units assigned", flow.units_analyzed),
        ),
        groups=explained(flow.groups, are_in_table=bool(flow.periods)),
        tables=tuple(_period(flow, period, number) for number, period in enumerate(flow.periods, start=1)),
    )


def _period(flow: ParticipantFlow, period: Period, number: int) -> Table:
    steps = (*period.milestones, *period.withdrawals)
    columns = Columns.of(flow.groups, (count.group_id for step in steps for count in step.counts))
    notes = Notes()
    groups = [RowGroup(tuple(_row(flow, step, columns, notes) for step in period.milestones))]
    if period.withdrawals:
        rows = tuple(_row(flow, step, columns, notes) for step in period.withdrawals)
        groups.append(RowGroup(rows, heading="Reasons for not completing"))
    title = period.title or f"Period {number}"
    return Table(
        id=f"results-period-{number}",
        name=f"Participant flow, {title}",
        caption=title,
        corner="Milestone",
        columns=columns.headers,
        groups=tuple(groups),
        notes=notes.listed(),
    )


def _row(flow: ParticipantFlow, step: FlowStep, columns: Columns, notes: Notes) -> Row:
    label = step.type or NOT_STATED_LABEL
    marks = notes.marks(step.comment)
    return Row(_MILESTONES.get(label, label), columns.cells(_counts(flow, step.counts, notes)), marks=marks)


def _counts(
    flow: ParticipantFlow, counts: Iterable[FlowCount], notes: Notes
) -> Iterable[tuple[str | None, Cell]]:
    for count in counts:
        units = f"{count.units} {flow.units_analyzed or 'units'}" if count.units else ""
        participants = plain(count.participants or NOT_STATED_LABEL)
        cell = Cell(participants, plain(units), notes.marks(count.comment))
        yield count.group_id, cell
