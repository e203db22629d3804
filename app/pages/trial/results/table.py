"""The shape of every results table: a column for each group of participants, a row for each thing measured.

A comment on a row or a cell becomes a note below the table, shown once however many cells it explains.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase

from app.record.code_lists import NOT_STATED_LABEL
from app.record.results import Count, Denominator, Group
from app.text.prose import line
from app.text.wording import counted

MOST_OPEN_ROWS = 20
"""A table with more rows is folded."""
PARTICIPANTS = "Participants"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of plain text; tables have thousands of cells, too many to pass each through a template filter."""

    text: str
    detail: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    detail: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A labeled fact: one-line texts, or the registry's Markdown, or both."""

    label: str
    lines: tuple[str, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class RowGroup:
    rows: tuple[Row, ...]
    heading: str = ""
    detail: str = ""
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class TableNote:
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    id: str
    name: str
    caption: str
    corner: str
    """Header of the column of row labels."""
    columns: tuple[str, ...]
    groups: tuple[RowGroup, ...]
    notes: tuple[TableNote, ...] = ()
    may_fold: bool = True
    """False where something around the table folds already."""

    @property
    def row_count(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def rows_counted(self) -> str:
        return counted(self.row_count, "row")

    @property
    def is_folded(self) -> bool:
        return self.may_fold and self.row_count > MOST_OPEN_ROWS

    @property
    def width(self) -> int:
        return len(self.columns) + 1


NOT_STATED = Cell(NOT_STATED_LABEL)


@dataclass(frozen=True, slots=True)
class Columns:
    """The groups of one table: first those of the record, in its order, then those that only its numbers name."""

    titles: dict[str | None, str]

    @classmethod
    def of(cls, groups: Iterable[Group], used: Iterable[str | None] = ()) -> "Columns":
        titles: dict[str | None, str] = {
            group.id: group.title or f"Group {group.id or NOT_STATED_LABEL.lower()}" for group in groups
        }
        for group_id in used:
            if group_id not in titles:
                titles[group_id] = f"Group {group_id}, not described" if group_id else "Group not stated"
        return cls(titles)

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(self.titles.values())

    def cells(self, filled: Iterable[tuple[str | None, Cell]]) -> tuple[Cell, ...]:
        """Return one cell for each column; several cells for one group are joined."""
        by_group: dict[str | None, Cell] = {}
        for group_id, cell in filled:
            known = by_group.get(group_id)
            by_group[group_id] = _joined(known, cell) if known else cell
        return tuple([by_group.get(group_id, NOT_STATED) for group_id in self.titles])

    def denominator_rows(self, denominators: Sequence[Denominator]) -> tuple[Row, ...]:
        return tuple(
            Row(f"{denominator.units or PARTICIPANTS} analyzed", self.cells(_count_cells(denominator.counts)))
            for denominator in denominators
        )


@dataclass(slots=True)
class Notes:
    """The comments of one table and their marks: a, b ... z, aa, ab."""

    _marks: dict[str, str] = field(default_factory=dict)

    def marks(self, comment: str | None) -> tuple[str, ...]:
        if not comment:
            return ()
        mark = self._marks.get(comment)
        if mark is None:
            mark = self._marks[comment] = _letters(len(self._marks))
        return (mark,)

    def listed(self) -> tuple[TableNote, ...]:
        return tuple(TableNote(mark, comment) for comment, mark in self._marks.items())


def explained(groups: Sequence[Group], *, are_in_table: bool) -> tuple[Group, ...]:
    """Return the groups to explain; none where they say no more than the titles of a table's columns."""
    return tuple(groups) if not are_in_table or any(group.description for group in groups) else ()


def statements(*pairs: tuple[str, str | None]) -> tuple[Statement, ...]:
    """Label the Markdown texts that the record has."""
    return tuple(Statement(label, prose=prose) for label, prose in pairs if prose)


def lines(label: str, *texts: str | None) -> tuple[Statement, ...]:
    present = tuple(text for text in texts if text)
    return (Statement(label, present),) if present else ()


def plain(text: str) -> str:
    """Return a number as the registry wrote it, and any other text as one-line fields are shown."""
    is_plain = text.isascii() and text.isprintable() and "^" not in text and "\\" not in text
    return text if is_plain else line(text)


def share(part: int, whole: int) -> str:
    """Word a share as ` (2.9 %)`; never round it to 0 or 100 %; empty where it cannot be calculated."""
    if whole <= 0 or part > whole:
        return ""
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return " (<0.1 %)"
    if 99.95 <= percent < 100:
        return " (>99.9 %)"
    return f" ({percent:.1f} %)"


def _count_cells(counts: Iterable[Count]) -> Iterable[tuple[str | None, Cell]]:
    return ((count.group_id, Cell(plain(count.value or NOT_STATED_LABEL))) for count in counts)


def _joined(first: Cell, second: Cell) -> Cell:
    return Cell(
        f"{first.text}; {second.text}",
        "; ".join(filter(None, (first.detail, second.detail))),
        tuple(dict.fromkeys(first.marks + second.marks)),
    )


def _letters(place: int) -> str:
    letters = ""
    while place >= 0:
        place, letter = divmod(place, len(ascii_lowercase))
        letters = ascii_lowercase[letter] + letters
        place -= 1
    return letters
