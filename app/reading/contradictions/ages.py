"""Contradictions between the age fields, and with the one criterion that is about age and nothing else."""

import re
from dataclasses import dataclass

from app.reading.contradictions.wording import contradiction, quoted
from app.reading.criteria import Criteria, Criterion
from app.reading.notes import Evidence, TrustNote
from app.record.trial import TrialRecord
from app.text.wording import age_range

_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 365.25 / 12, "year": 365.25}
_FIELD_AGE = re.compile(r"(\d{1,4}) (minute|hour|day|week|month|year)s?", re.IGNORECASE)


_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class _Field:
    """The ages of the fields, in years; None where there is no limit, or none that can be read."""

    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class _Stated:
    minimum: int
    maximum: int


def age_note(record: TrialRecord, criteria: Criteria | None) -> TrustNote | None:
    """Note fields that exclude everybody, or that differ from the one criterion on age by more than a year."""
    eligibility = record.eligibility
    field = _Field(_years(eligibility.minimum_age), _years(eligibility.maximum_age))
    words = age_range(eligibility.minimum_age, eligibility.maximum_age)
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum + _ROUNDING:
        evidence = (
            Evidence(eligibility.minimum_age or "", "#ages", "Minimum age"),
            Evidence(eligibility.maximum_age or "", "#ages", "Maximum age"),
        )
        text = (
            f"An age may be wrong: the minimum, {evidence[0].text}, is above the maximum, {evidence[1].text}."
        )
        return contradiction("ages", text, *evidence)
    is_in_years = all(
        "year" in (age or "year").lower() for age in (eligibility.minimum_age, eligibility.maximum_age)
    )
    stated = _stated_ages(criteria, is_in_years) if criteria else None
    if not stated or not _differ(field, stated[1], is_unlimited=not eligibility.maximum_age):
        return None
    number, _, item = stated
    quote = quoted(item)
    text = f"The ages may be wrong in one place: the fields say {words}, but inclusion criterion {number} says {quote}."
    evidence = (
        Evidence(words, "#ages", "Ages"),
        Evidence(quote, f"#inclusion-{number}", f"Inclusion criterion {number}"),
    )
    return contradiction("ages", text, *evidence)


def _years(text: str | None) -> float | None:
    match = _FIELD_AGE.fullmatch(text.strip()) if text else None
    return int(match[1]) * _DAYS[match[2].lower()] / _DAYS["year"] if match else None


def _differ(field: _Field, stated: _Stated, *, is_unlimited: bool) -> bool:
    """Tell whether the ages differ by more than a year, the distance between "under 18" and "17 years".

    A missing field says nothing, except for a missing maximum beside a minimum, which is the registry's "no limit".
    """
    if field.minimum is not None and abs(field.minimum - stated.minimum) > 1:
        return True
    if field.maximum is None:
        return is_unlimited and field.minimum is not None
    return abs(field.maximum - stated.maximum) > 1


_UNIT = r"(?:years?|yrs?|y\.?o\.?)"
_RANGE = re.compile(
    rf"""
      (?P<low>\d{{1,2}}) \s* {_UNIT}? \s* (?: [-\u2013\u2014~\uff5e] | \b(?:to|through|and)\b ) \s*
        (?P<high>\d{{2,3}}) (?![\d.]) (?P<unit>\s*{_UNIT}\b)?
    | (?:\\?>\s?\\?=|≥|⩾) \s* (?P<from>\d{{1,2}}) \s* {_UNIT}? (?:\s+of\s+age|\s+old)? \s* (?:and|to|,|&|-)? \s*
        (?:\\?<\s?(?:\\?=)?|≤|⩽) \s* (?P<until>\d{{2,3}}) (?![\d.]) (?P<unit2>\s*{_UNIT}\b)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The only words allowed beside the ages. An item with any other word may be about some of the participants only.
_PLAIN = frozenset(
    """
    a an and or of the to in at by on is are be must should with who any either both all no not limited
    inclusive including
    age ages aged old years year yrs yo range ranging between from
    male males female females man men woman women gender genders sex sexes patient patients subject subjects
    participant participants person persons people individual individuals adult adults volunteer volunteers
    time day date moment screening enrollment enrolment inclusion entry registration recruitment
    consent informed signing signed signature study trial
    """.split()  # noqa: SIM905  reads better as the list of words it is
)
_SPEAKS_OF_AGE = re.compile(r"\bage[ds]?\b|\byears?[ -]old\b", re.IGNORECASE)
_LONGEST_ITEM = 160
_FIRST_ITEMS = 8


def _stated_ages(criteria: Criteria, is_in_years: bool) -> tuple[int, _Stated, str] | None:
    """Return the number, the ages and the text of the inclusion criterion that is about age and nothing else.

    None where several criteria mention age, or where there are several inclusion lists, which are for cohorts. Ages
    without a unit are in years if the fields are.
    """
    if sum(group.kind == "inclusion" for group in criteria.groups) != 1:
        return None
    items = criteria.of("inclusion")
    spoken = [(number, item) for number, item in enumerate(items, start=1) if _speaks_of_age(item)]
    if len(spoken) != 1 or spoken[0][0] > _FIRST_ITEMS or spoken[0][1].children:
        return None
    number, item = spoken[0]
    ages = _read_ages(item.text, is_in_years)
    return (number, ages, item.text) if ages else None


def _speaks_of_age(item: Criterion) -> bool:
    text = item.text[: 10 * _LONGEST_ITEM]
    return bool(_SPEAKS_OF_AGE.search(text)) or any(
        isinstance(child, Criterion) and _speaks_of_age(child) for child in item.children
    )


def _read_ages(text: str, is_in_years: bool) -> _Stated | None:
    if len(text) > _LONGEST_ITEM:
        return None
    match = _RANGE.search(text)
    if not match:
        return None
    rest = text[: match.start()] + " " + text[match.end() :]
    words = re.findall(r"[^\W\d_]+", rest.lower())
    low, high = int(match["low"] or match["from"]), int(match["high"] or match["until"])
    has_unit = bool(match["unit"] or match["unit2"]) or is_in_years
    is_plain = _PLAIN.issuperset(words) and not re.search(r"\d", rest)
    return _Stated(low, high) if is_plain and has_unit and low < high else None
