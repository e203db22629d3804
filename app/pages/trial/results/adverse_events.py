"""Deaths, serious and other adverse events, by organ system and by group."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
    share,
    statements,
)
from app.record.code_lists import NOT_STATED_LABEL
from app.record.results import AdverseEvent, AdverseEvents, AtRisk, EventCount, EventGroup, Group
from app.record.results_code_lists import EVENT_ASSESSMENT

_COUNTED = "affected / at risk"


@dataclass(frozen=True, slots=True)
class EventsPart:
    statements: tuple[Statement, ...]
    groups: tuple[Group, ...]
    overview: Table | None
    tables: tuple[Table, ...]
    missing: tuple[str, ...]
    """Sentences on the lists of events that the record does not have."""


def adverse_events(events: AdverseEvents) -> EventsPart:
    listed = (("serious", events.serious), ("other", events.other))
    return EventsPart(
        statements=(
            *lines("Time frame", events.time_frame),
            *lines("Threshold for listing other events", _percent(events.frequency_threshold)),
            *statements(
                ("Description", events.description), ("Deaths from any cause", events.mortality_comment)
            ),
        ),
        groups=explained(events.groups, are_in_table=True),
        overview=_overview(events.groups) if events.groups else None,
        tables=tuple(_event_table(events, kind, rows) for kind, rows in listed if rows),
        missing=tuple(f"No {kind} adverse events are listed." for kind, rows in listed if not rows),
    )


def _overview(groups: Sequence[EventGroup]) -> Table:
    columns = Columns.of(groups)
    rows = (
        ("Deaths from any cause", [(group.id, group.deaths) for group in groups]),
        ("Serious adverse events", [(group.id, group.serious) for group in groups]),
        ("Other adverse events", [(group.id, group.other) for group in groups]),
    )
    return Table(
        id="results-events-table",
        name="Participants with adverse events",
        caption=f"Participants with adverse events: {_COUNTED}",
        corner="Events",
        columns=columns.headers,
        groups=(
            RowGroup(
                tuple(
                    Row(
                        label,
                        columns.cells((group_id, Cell(at_risk_words(count))) for group_id, count in counts),
                    )
                    for label, counts in rows
                )
            ),
        ),
    )


def _event_table(events: AdverseEvents, kind: str, listed: Sequence[AdverseEvent]) -> Table:
    columns = Columns.of(events.groups, (count.group_id for event in listed for count in event.counts))
    notes = Notes()
    common = _common_detail(listed)
    by_system: dict[str, list[Row]] = defaultdict(list)
    for event in listed:
        row = _event_row(event, columns, notes, is_detailed=not common)
        by_system[event.organ_system or f"Organ system {NOT_STATED_LABEL.lower()}"].append(row)
    has_number = any(count.events is not None for event in listed for count in event.counts)
    name = f"{kind.capitalize()} adverse events"
    counting = f"{name} by organ system: {_COUNTED}{', number of events' if has_number else ''}"
    return Table(
        id=f"results-{kind}-events",
        name=name,
        caption=". ".join(filter(None, (counting, common))),
        corner="Event",
        columns=columns.headers,
        groups=tuple(RowGroup(tuple(rows), heading=system) for system, rows in by_system.items()),
        notes=notes.listed(),
    )


def _common_detail(listed: Sequence[AdverseEvent]) -> str:
    """Return vocabulary and assessment if all events share them, to be said once above the table."""
    details = {_detail(event) for event in listed}
    return details.pop() if len(details) == 1 else ""


def _detail(event: AdverseEvent) -> str:
    assessment = EVENT_ASSESSMENT.label(event.assessment) if event.assessment else ""
    return ", ".join(filter(None, (event.source_vocabulary, assessment)))


def _event_row(event: AdverseEvent, columns: Columns, notes: Notes, *, is_detailed: bool) -> Row:
    return Row(
        event.term or "Event not named",
        columns.cells(_event_cells(event.counts)),
        _detail(event) if is_detailed else "",
        notes.marks(event.notes),
    )


def _event_cells(counts: Iterable[EventCount]) -> Iterable[tuple[str | None, Cell]]:
    for count in counts:
        events = count.events
        number = "" if events is None else ("1 event" if events == 1 else f"{events} events")
        yield count.group_id, Cell(at_risk_words(count), number)


def at_risk_words(count: AtRisk) -> str:
    """Word a count as `3 / 102 (2.9 %)`."""
    affected, at_risk = count.affected, count.at_risk
    if affected is None and at_risk is None:
        return NOT_STATED_LABEL
    if affected is None or at_risk is None:
        missing = NOT_STATED_LABEL.lower()
        return f"{missing} / {at_risk}" if affected is None else f"{affected} / {missing}"
    return f"{affected} / {at_risk}{share(affected, at_risk)}"


def _percent(threshold: str | None) -> str | None:
    return f"{threshold} %" if threshold else None
