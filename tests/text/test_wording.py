"""Facts in words: tables of examples, and properties that hold for any text a registry may send."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.wording import (
    age_range,
    counted,
    date_words,
    earliest_day,
    participants,
    phase_words,
    sex_words,
    where_words,
    whole_months,
)


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 sites"), (1, "1 site"), (2, "2 sites"), (1148, "1,148 sites")]
)
def test_a_count_agrees_with_its_noun(number: int, words: str) -> None:
    assert counted(number, "site") == words
    assert counted(2, "country", "countries") == "2 countries"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2023-09-01", "1 Sep 2023"),
        ("2023-12-31", "31 Dec 2023"),
        ("2023-09", "Sep 2023"),
        ("2023", "2023"),
        ("2023-09-01T12:30", "1 Sep 2023"),
        ("", "Not stated"),
        (None, "Not stated"),
        ("2023-13", "2023-13"),
        ("September 2023", "September 2023"),
        ("2023-0²", "2023-0²"),
        ("1-2-3-4", "1-2-3-4"),
    ],
)
def test_a_date_is_worded_as_precisely_as_written(text: str | None, words: str) -> None:
    assert date_words(text) == words


@given(day=st.dates(), precision=st.sampled_from([4, 7, 10]))
def test_a_date_is_never_worded_more_precisely_than_it_is_written(day: date, precision: int) -> None:
    written = day.isoformat()[:precision]
    words = date_words(written).split()
    assert len(words) == {4: 1, 7: 2, 10: 3}[precision]
    assert int(words[-1]) == day.year
    if precision == 10:
        assert int(words[0]) == day.day


@given(st.text(max_size=30) | st.text("0123456789-²٣", max_size=12))
def test_no_text_at_all_breaks_a_date(text: str) -> None:
    assert date_words(text)
    earliest_day(text)
    written, shown = (re.findall(r"\d+", words) for words in (text, date_words(text)))
    assert len(shown) <= max(len(written), 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-09-05", date(2023, 9, 5)),
        ("2023-09", date(2023, 9, 1)),
        ("2023", date(2023, 1, 1)),
        ("2023-09-05T10:00", date(2023, 9, 5)),
        ("2023-02-30", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_partial_date_begins_on_its_first_day(text: str | None, day: date | None) -> None:
    assert earliest_day(text) == day


@given(st.dates(), st.dates())
def test_months_back_are_not_more_than_months_forth(one: date, other: date) -> None:
    start, end = sorted((one, other))
    assert whole_months(start, end) >= 0
    assert whole_months(end, start) <= 0
    assert whole_months(start, end) <= (end - start).days / 28


@pytest.mark.parametrize(
    ("minimum", "maximum", "words"),
    [
        ("18 Years", "65 Years", "18 to 65 years"),
        ("6 Months", "12 Years", "6 months to 12 years"),
        ("1 Year", "12 Years", "1 to 12 years"),
        ("18 Years", None, "18 years and over"),
        (None, "1 Day", "Up to 1 day"),
        (None, None, "Ages not stated"),
    ],
)
def test_ages_are_worded(minimum: str | None, maximum: str | None, words: str) -> None:
    assert age_range(minimum, maximum) == words


@pytest.mark.parametrize(
    ("sex", "words"),
    [("all", "any sex"), ("female", "female only"), ("male", "male only"), (None, "sex not stated")],
)
def test_sex_is_worded(sex: str | None, words: str) -> None:
    assert sex_words(sex) == words


@pytest.mark.parametrize(
    ("phases", "words"),
    [
        (("phase1", "phase2"), "Phase 1/Phase 2"),
        (("early-phase1",), "Early phase 1"),
        (("na",), "Not applicable"),
        ((), "Not stated"),
    ],
)
def test_phases_are_worded(phases: tuple[str, ...], words: str) -> None:
    assert phase_words(phases) == words


@pytest.mark.parametrize(
    ("count", "kind", "words"),
    [
        (1, "actual", "1 participant, actual"),
        (1200, "estimated", "1,200 participants, planned"),
        (0, None, "0 participants"),
        (None, "actual", "Not stated"),
    ],
)
def test_enrollment_is_worded(count: int | None, kind: str | None, words: str) -> None:
    assert participants(count, kind) == words


@pytest.mark.parametrize(
    ("countries", "locations", "words"),
    [
        ([], 0, "No sites listed"),
        ([], 2, "2 sites"),
        ([("China", 3)], 3, "3 sites in China"),
        ([("China", 2), ("Peru", 1)], 3, "3 sites in China and Peru"),
        ([("China", 2), ("Peru", 1), ("Chad", 1)], 1200, "1,200 sites in 3 countries"),
    ],
)
def test_places_are_worded(countries: list[tuple[str, int]], locations: int, words: str) -> None:
    assert where_words(countries, locations) == words
