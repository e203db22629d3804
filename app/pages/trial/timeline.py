"""The timeline of a trial's dates: positions of marks and labels in the drawing. The text has the same facts."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.record.trial import PartialDate, TrialRecord
from app.text.wording import date_words, earliest_day

WIDTH = 720
_MARGIN = 24
_CHARACTER = 6.6
"""Mean width of a label's character, in the drawing's units."""
_GAP = 14

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Mark:
    name: str
    when: str
    iso: str
    x: float
    anchor: Anchor
    label_y: int
    """Position of the label's first line; the second line is 15 below."""
    is_past: bool
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    marks: tuple[Mark, ...]
    from_x: float
    to_x: float
    """`from_x` and `to_x` are the ends of the line from the first date to the last."""
    height: int
    axis_y: int
    sentence: str


def timeline(record: TrialRecord, today: date) -> Timeline | None:
    """Lay out the drawing; return None where fewer than two different dates are stated."""
    dated = _dated(record)
    if len(dated) < 2 or len({day for day, _, _ in dated}) < 2:
        return None
    first, last = dated[0][0], dated[-1][0]
    end = max(last, today) if first <= today and today - last <= last - first else last
    span = (end - first).days

    def place(day: date) -> float:
        return round(_MARGIN + (WIDTH - 2 * _MARGIN) * (day - first).days / span, 1)

    placed = [
        (place(day), name, _when(stated), stated.text[:10], day <= today) for day, name, stated in dated
    ]
    lanes = _Lanes()
    marks = [
        Mark(name, when, iso, x, *lanes.put(x, max(len(name), len(when))), is_past)
        for x, name, when, iso, is_past in placed
    ]
    if first <= today <= end:
        x = place(today)
        marks.append(
            Mark("Today", date_words(today.isoformat()), today.isoformat(), x, *lanes.put(x, 11), True, True)
        )
    top = min(mark.label_y for mark in marks) - 14
    bottom = max(mark.label_y for mark in marks) + 15
    return Timeline(
        marks=tuple(_moved(mark, -min(top, -14)) for mark in marks),
        from_x=placed[0][0],
        to_x=placed[-1][0],
        height=max(bottom, 14) - min(top, -14) + 6,
        axis_y=-min(top, -14),
        sentence="; ".join(f"{name} {when}" for _, name, when, _, _ in placed),
    )


def _dated(record: TrialRecord) -> list[tuple[date, str, PartialDate]]:
    dates = record.dates
    named = [
        ("Start", dates.start),
        ("Primary completion", dates.primary_completion),
        ("Completion", dates.completion),
    ]
    if dates.primary_completion and dates.primary_completion == dates.completion:
        named = [("Start", dates.start), ("Primary and study completion", dates.completion)]
    found = [(day, name, when) for name, when in named if when and (day := earliest_day(when.text))]
    return sorted(found, key=lambda item: item[0])


def _when(stated: PartialDate) -> str:
    return date_words(stated.text) + (", planned" if stated.kind == "estimated" else "")


class _Lanes:
    """Rows for labels, below and above the line in turn; a label takes the first row where it fits."""

    _ROWS = (26, -32, 62, -68, 98)
    """Distances of a label's first line from the axis."""

    def __init__(self) -> None:
        self._taken: dict[int, list[tuple[float, float]]] = {row: [] for row in self._ROWS}

    def put(self, x: float, characters: int) -> tuple[Anchor, int]:
        width = characters * _CHARACTER
        anchor, left = _anchored(x, width)
        for row in self._ROWS:
            if all(left >= end + _GAP or left + width <= start - _GAP for start, end in self._taken[row]):
                self._taken[row].append((left, left + width))
                return anchor, row
        return anchor, self._ROWS[-1]


def _anchored(x: float, width: float) -> tuple[Anchor, float]:
    """Return the anchor that keeps a label inside the drawing, and the label's left edge."""
    if x - width / 2 < 0:
        return "start", x - 6
    if x + width / 2 > WIDTH:
        return "end", x - width + 6
    return "middle", x - width / 2


def _moved(mark: Mark, down: int) -> Mark:
    return Mark(
        mark.name, mark.when, mark.iso, mark.x, mark.anchor, mark.label_y + down, mark.is_past, mark.is_today
    )
