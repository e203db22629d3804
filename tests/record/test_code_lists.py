"""Closed lists have one value for each term and full labels; other values still read as words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.record import code_lists
from app.record.code_lists import NOT_STATED, STATUS, CodeList, canonical

LISTS = [known for known in vars(code_lists).values() if isinstance(known, CodeList)]


@pytest.mark.parametrize("known", LISTS, ids=lambda known: known.name)
def test_a_list_has_each_value_once_in_its_canonical_form_with_a_label(known: CodeList) -> None:
    values = [term.value for term in known]
    assert values
    assert len(set(values)) == len(values)
    assert [canonical(value) for value in values] == values
    assert NOT_STATED not in values
    labels = [term.label for term in known]
    assert len(set(labels)) == len(labels)
    assert all(re.match(r"[A-Z]", label) for label in labels)
    assert not any(term.help.endswith(".") for term in known)


def test_no_two_lists_have_one_name() -> None:
    names = [known.name for known in LISTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "written",
    [
        "NOT_YET_RECRUITING",
        "Not yet recruiting",
        "not-yet-recruiting",
        "  not_yet  RECRUITING\n",
        "Not-Yet_recruiting",
    ],
)
def test_ways_to_write_a_value_are_one_value(written: str) -> None:
    assert canonical(written) == "not-yet-recruiting"


@given(st.text(max_size=40))
def test_a_canonical_value_stays_as_it_is(written: str) -> None:
    assert canonical(canonical(written)) == canonical(written)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("active-not-recruiting", "Active, not recruiting"),
        ("brand-new-status", "Brand new status"),
        (None, "Not stated"),
        ("", "Not stated"),
        ("not-stated", "Not stated"),
    ],
)
def test_a_value_has_a_label_listed_or_not(value: str | None, label: str) -> None:
    assert STATUS.label(value) == label


def test_unlisted_values_stand_after_the_listed_and_have_no_help() -> None:
    values = sorted(["brand-new", "unknown", "recruiting"], key=STATUS.position)
    assert values == ["recruiting", "unknown", "brand-new"]
    assert STATUS.help("brand-new") == ""
    assert STATUS.help("recruiting") == "Open to new participants now"
    assert "recruiting" in STATUS
    assert "brand-new" not in STATUS
