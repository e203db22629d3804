"""The five headline numbers, and the reason given where one cannot be computed."""

import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages.trial.headline import HeadlineNumber, headline_numbers
from app.record.trial import ArmGroup, DateKind, Dates, Design, Location, PartialDate, TrialRecord
from app.registries import CTGOV
from tests.support.reference_data import reference_file

NO_DATES = "Not calculable: no dates"


def record(
    *,
    count: int | None = 28,
    count_kind: DateKind | None = "estimated",
    sites: int = 1,
    arms: int = 1,
    start: str | None = "2023-09-01",
    start_kind: DateKind | None = "actual",
    completion: str | None = "2025-07-01",
    completion_kind: DateKind | None = "estimated",
) -> TrialRecord:
    return TrialRecord(
        registry="ctgov",
        registry_id="NCT00000001",
        registry_url="https://example.org/",
        design=Design(enrollment=count, enrollment_kind=count_kind),
        locations=(Location(),) * sites,
        arms=(ArmGroup("Arm"),) * arms,
        dates=Dates(
            start=PartialDate(start, start_kind) if start else None,
            completion=PartialDate(completion, completion_kind) if completion else None,
        ),
    )


def numbers(**parts: Any) -> tuple[HeadlineNumber, ...]:
    return headline_numbers(record(**parts))


def shown(found: tuple[HeadlineNumber, ...]) -> list[str]:
    return [number.value or number.missing for number in found]


def rate(**parts: Any) -> str:
    return shown(numbers(**parts))[4]


@pytest.mark.parametrize(
    ("registry_id", "expected"),
    [
        ("NCT06141304", ["28", "1", "1", "22", "1.3"]),
        ("NCT06075238", ["68", "1", "1", NO_DATES, NO_DATES]),
        ("NCT05744440", ["12", "1", "1", NO_DATES, NO_DATES]),
        ("NCT06861348", ["23", "1", "Not stated", NO_DATES, NO_DATES]),
        ("NCT06389305", ["213", "1", "2", NO_DATES, NO_DATES]),
    ],
)
def test_the_seed_trials_have_their_figures(registry_id: str, expected: list[str]) -> None:
    documents = map(orjson.loads, reference_file("data/seeds.ndjson").read_bytes().splitlines())
    seeds = {seed.registry_id: seed for seed in map(CTGOV.normalize, documents)}
    assert shown(headline_numbers(seeds[registry_id])) == expected


def test_every_number_has_its_label_and_its_formula() -> None:
    assert [(number.label, number.formula) for number in numbers(sites=2)] == [
        ("participants, planned", "Enrollment as registered"),
        ("sites", "Locations listed"),
        ("arm", "Arm groups listed"),
        ("months, planned", "Whole months from start to study completion"),
        ("participants per site per month, planned", "Participants / sites / months"),
    ]


@pytest.mark.parametrize(
    ("kinds", "duration", "whole_rate"),
    [
        (("actual", "actual", "actual"), ", actual", ", actual"),
        (("estimated", "actual", "actual"), ", actual", ", planned"),
        (("actual", "actual", "estimated"), ", planned", ", planned"),
        (("actual", "estimated", "estimated"), ", planned", ", planned"),
        ((None, "actual", "actual"), ", actual", ""),
        (("actual", None, "actual"), "", ""),
        ((None, None, None), "", ""),
        ((None, None, "estimated"), ", planned", ", planned"),
    ],
)
def test_a_number_is_planned_where_any_input_is_and_actual_where_all_are(
    kinds: tuple[DateKind | None, ...], duration: str, whole_rate: str
) -> None:
    count_kind, start_kind, completion_kind = kinds
    found = numbers(count_kind=count_kind, start_kind=start_kind, completion_kind=completion_kind)
    assert found[3].label == f"months{duration}"
    assert found[4].label == f"participants per site per month{whole_rate}"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"count": None}, "Not calculable: enrollment not stated"),
        ({"count": 0}, "Not calculable: no participants"),
        ({"sites": 0}, "Not calculable: no sites listed"),
        ({"start": None}, "Not calculable: no start date"),
        ({"completion": None}, "Not calculable: no completion date"),
        ({"start": None, "completion": None}, NO_DATES),
        ({"completion": "2022-01-01"}, "Not calculable: completion is before the start"),
        ({"completion": "2023-09-20"}, "Not calculable: lasts under a month"),
        ({"start": "sometime"}, "Not calculable: no start date"),
    ],
)
def test_a_rate_that_cannot_be_had_names_the_missing_input(parts: dict[str, Any], said: str) -> None:
    assert rate(**parts) == said


def test_missing_counts_are_not_stated_and_no_one_enrolled_is_a_count() -> None:
    assert shown(numbers(count=None, sites=0, arms=0))[:3] == ["Not stated"] * 3
    assert shown(numbers(count=0))[0] == "0"


@pytest.mark.parametrize(
    ("start", "completion", "months"),
    [
        ("2023-09", "2025-07", "22"),
        ("2023", "2025", "24"),
        ("2023-09-15", "2025-07", "21"),
        ("2024-01-31", "2024-02-29", "0"),
        ("2024-01-31", "2024-03-31", "2"),
        ("2023-12-31", "2024-01-31", "1"),
        ("1990-01-01", "2090-01-01", "1,200"),
    ],
)
def test_months_are_whole_and_partial_dates_count_from_their_first_day(
    start: str, completion: str, months: str
) -> None:
    assert shown(numbers(start=start, completion=completion))[3] == months


def test_one_of_a_thing_is_singular() -> None:
    found = numbers(sites=1, arms=1, start="2024-01-01", completion="2024-02-01")
    assert [number.label for number in found][1:4] == ["site", "arm", "month, planned"]


def test_large_numbers_are_grouped_and_the_rate_has_one_decimal() -> None:
    found = numbers(count=1_234_567, sites=1_148, start="2024-01-01", completion="2024-02-01")
    assert shown(found) == ["1,234,567", "1,148", "1", "1", "1,075.4"]


def test_a_rate_that_is_not_zero_is_never_shown_as_zero() -> None:
    assert rate(count=20, sites=100, start="2020-01-01", completion="2025-01-01") != "0.0"


@given(
    count=st.none() | st.integers(0, 10**9),
    sites=st.integers(0, 50),
    arms=st.integers(0, 5),
    start=st.none() | st.dates().map(str),
    completion=st.none() | st.dates().map(str),
)
def test_whatever_the_inputs_a_number_is_finite_or_its_absence_explained(**parts: Any) -> None:
    for number in numbers(**parts):
        assert number.label
        if number.value:
            assert math.isfinite(float(number.value.replace(",", "").removeprefix("<")))
        else:
            assert number.missing.startswith(("Not stated", "Not calculable: "))
