"""Rows of a measure, at baseline or as an outcome: its classes and categories, one cell for each group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.pages.trial.results.table import (
    PARTICIPANTS,
    Cell,
    Columns,
    Notes,
    Row,
    RowGroup,
    Statement,
    lines,
    plain,
    share,
)
from app.record.code_lists import NOT_STATED_LABEL
from app.record.results import Category, Denominator, Measure, MeasureClass, Measurement
from app.record.results_code_lists import MEASURE_DISPERSION, MEASURE_PARAMETER


def measure_words(measure: Measure) -> str:
    """Word the kind of numbers, as `Mean (standard deviation)`; empty where the record says neither."""
    parameter = MEASURE_PARAMETER.label(measure.parameter) if measure.parameter else ""
    dispersion = _dispersion(measure.dispersion)
    if parameter and dispersion:
        return f"{parameter} ({dispersion[0].lower()}{dispersion[1:]})"
    return parameter or dispersion


def measure_in_unit(measure: Measure) -> str:
    """Word the numbers and their unit, as `Mean (standard deviation), years`, but never "participants" twice."""
    words, unit = measure_words(measure), measure.unit or ""
    is_said = measure.parameter == "count-of-participants" and unit.lower() == PARTICIPANTS.lower()
    return words if is_said else ", ".join(filter(None, (words, unit)))


def counting_statements(measure: Measure) -> tuple[Statement, ...]:
    """List what the record says about how its numbers relate to their denominators."""
    percentage = measure.is_percentage_calculated
    return (
        *lines("Denominator", measure.denominator_units),
        *lines("Percentages calculated", None if percentage is None else ("No", "Yes")[percentage]),
    )


def used_group_ids(measure: Measure) -> Iterator[str | None]:
    for denominator in measure.denominators:
        yield from (count.group_id for count in denominator.counts)
    for item in measure.classes:
        for denominator in item.denominators:
            yield from (count.group_id for count in denominator.counts)
        for category in item.categories:
            yield from (measurement.group_id for measurement in category.measurements)


@dataclass(frozen=True, slots=True)
class MeasureRows:
    """The rows of one measure in one table."""

    measure: Measure
    columns: Columns
    notes: Notes
    denominators: tuple[Denominator, ...]
    """The measure's own denominators, else those that all measures share."""

    def groups(self) -> list[RowGroup]:
        """Give each class of titled categories a group under its own heading; other classes share a group."""
        groups: list[RowGroup] = []
        shared: list[Row] = []
        for item in self.measure.classes:
            rows = self._class_rows(item)
            if not item.title or not _has_titles(item):
                shared += rows
                continue
            if shared:
                groups.append(RowGroup(tuple(shared)))
                shared = []
            groups.append(RowGroup(rows, heading=item.title))
        return [*groups, RowGroup(tuple(shared))] if shared else groups

    def _class_rows(self, item: MeasureClass) -> tuple[Row, ...]:
        categories = item.categories or (Category(),)
        in_cells = {} if len(categories) > 1 or _has_titles(item) else self._analyzed(item)
        counts = self._share_of(item.denominators or self.denominators)
        rows = tuple(
            Row(
                category.title or item.title or measure_words(self.measure) or NOT_STATED_LABEL,
                self.columns.cells(self._cells(category, counts, in_cells)),
            )
            for category in categories
        )
        return rows if in_cells else (*self._analyzed_rows(item), *rows)

    def _cells(
        self, category: Category, counts: Mapping[str | None, int], in_cells: Mapping[str | None, str]
    ) -> Iterator[tuple[str | None, Cell]]:
        unmeasured = dict(in_cells)
        for measurement in category.measurements:
            group_id = measurement.group_id
            unmeasured.pop(group_id, None)
            text = measurement_text(measurement) + _share(measurement.value, counts.get(group_id))
            yield group_id, Cell(text, in_cells.get(group_id, ""), self.notes.marks(measurement.comment))
        for group_id, analyzed in unmeasured.items():
            yield group_id, Cell(NOT_STATED_LABEL, analyzed)

    def _analyzed(self, item: MeasureClass) -> dict[str | None, str]:
        """Return `n = 77` for each group, for the cells of a class that is a single row."""
        said = {PARTICIPANTS} & {denominator.units for denominator in self.denominators}
        by_group: dict[str | None, str] = {}
        for denominator in item.denominators:
            units = f" {denominator.units}" if denominator.units and denominator.units not in said else ""
            for count in denominator.counts:
                analyzed = plain(f"n = {count.value or NOT_STATED_LABEL.lower()}{units}")
                known = by_group.get(count.group_id)
                by_group[count.group_id] = f"{known}, {analyzed}" if known else analyzed
        return by_group

    def _analyzed_rows(self, item: MeasureClass) -> tuple[Row, ...]:
        rows = self.columns.denominator_rows(item.denominators)
        if item.title and not _has_titles(item):
            return tuple(Row(f"{item.title}: {row.label}", row.cells) for row in rows)
        return rows

    def _share_of(self, denominators: Sequence[Denominator]) -> dict[str | None, int]:
        """Return the totals that the measure's counts are shares of; empty where they are not shares."""
        is_share = self.measure.is_percentage_calculated
        if is_share is None:
            is_share = self.measure.parameter == "count-of-participants"
        if not is_share:
            return {}
        units = self.measure.denominator_units or PARTICIPANTS
        return {
            count.group_id: int(count.value)
            for denominator in denominators
            if denominator.units == units
            for count in denominator.counts
            if count.value and count.value.isdecimal()
        }


def measurement_text(measurement: Measurement) -> str:
    """Write `3.2 (0.5)` or `3.2 (1.0 to 5.4)`, with the numbers as the registry wrote them."""
    value = measurement.value or NOT_STATED_LABEL
    around = "; ".join(
        filter(None, (measurement.spread, limits(measurement.lower_limit, measurement.upper_limit)))
    )
    return plain(f"{value} ({around})" if around else value)


def limits(lower: str | None, upper: str | None) -> str:
    if lower and upper:
        return f"{lower} to {upper}"
    if lower:
        return f"from {lower}"
    return f"up to {upper}" if upper else ""


def _dispersion(dispersion: str | None) -> str:
    if dispersion is None:
        return ""
    return MEASURE_DISPERSION.label(dispersion) if dispersion in MEASURE_DISPERSION else dispersion


def _has_titles(item: MeasureClass) -> bool:
    return any(category.title for category in item.categories)


def _share(value: str | None, whole: int | None) -> str:
    return share(int(value), whole) if whole is not None and value and value.isdecimal() else ""
