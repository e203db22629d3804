"""Facts of a record in the words a person reads. Pure functions; a missing fact is "Not stated"."""

from collections.abc import Iterable
from datetime import date

from app.record.code_lists import NOT_STATED_LABEL, PHASE, SEX

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun: `1 site`, `1,148 sites`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def date_words(text: str | None) -> str:
    """Write `2023-09-01` as "1 Sep 2023" and `2023-09` as "Sep 2023", no more precise than the record."""
    if not text:
        return NOT_STATED_LABEL
    parts = text[:10].split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or len(parts) > 3:
        return text
    numbers = [int(part) for part in parts]
    if len(numbers) > 1 and not 1 <= numbers[1] <= len(_MONTHS):
        return text
    words = [str(numbers[0])]
    if len(numbers) > 1:
        words.insert(0, _MONTHS[numbers[1] - 1])
    if len(numbers) > 2:
        words.insert(0, str(numbers[2]))
    return " ".join(words)


def earliest_day(text: str | None) -> date | None:
    """Return the first day that a partial date can mean; None for a missing or invalid date."""
    if not text:
        return None
    padded = text[:10] + "-01-01"[len(text) - 4 :] if len(text) < 10 else text[:10]
    try:
        return date.fromisoformat(padded)
    except ValueError:
        return None


def whole_months(start: date, end: date) -> int:
    """Count the completed months from start to end; negative where end comes first."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def age_range(minimum: str | None, maximum: str | None) -> str:
    if not minimum and not maximum:
        return "Ages not stated"
    if not maximum:
        return f"{_age(minimum)} and over"
    if not minimum:
        return f"Up to {_age(maximum)}"
    low, high = _age(minimum).split(), _age(maximum).split()
    if low[-1].rstrip("s") == high[-1].rstrip("s"):
        return f"{low[0]} to {' '.join(high)}"
    return f"{' '.join(low)} to {' '.join(high)}"


def sex_words(sex: str | None) -> str:
    return "any sex" if sex == "all" else (f"{SEX.label(sex)} only".lower() if sex else "sex not stated")


def phase_words(phases: Iterable[str]) -> str:
    """Join the phases: `Phase 1/Phase 2` for a trial in both."""
    return "/".join(PHASE.label(phase) for phase in phases) or NOT_STATED_LABEL


def participants(count: int | None, kind: str | None) -> str:
    if count is None:
        return NOT_STATED_LABEL
    suffix = {"estimated": ", planned", "actual": ", actual"}.get(kind or "", "")
    return counted(count, "participant") + suffix


def where_words(countries: list[tuple[str, int]], location_count: int) -> str:
    """Write `3 sites in China` or `120 sites in 14 countries`; `countries` is (name, number of sites)."""
    if not location_count:
        return "No sites listed"
    sites = counted(location_count, "site")
    if not countries:
        return sites
    if len(countries) <= 2:
        return f"{sites} in {' and '.join(name for name, _ in countries)}"
    return f"{sites} in {len(countries)} countries"


def _age(text: str | None) -> str:
    return (text or "").lower()
