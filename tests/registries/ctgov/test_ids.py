"""Queries that are the number or address of a trial lead to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registries import canonical_id, registry_id_meant


@pytest.mark.parametrize(
    "q",
    [
        "NCT06141304",
        "nct06141304",
        "NCT 06141304",
        " NCT-06141304 ",
        "nct6141304",
        '"NCT06141304"',
        "https://clinicaltrials.gov/ct2/show/NCT06141304",
        "http://www.clinicaltrials.gov/ct2/show/NCT06141304?term=asthma&rank=1",
        "https://classic.clinicaltrials.gov/ct2/show/results/NCT06141304#outcome1",
        "https://clinicaltrials.gov/ct2/show/study/NCT06141304?sect=X70156",
        "https://clinicaltrials.gov/study/NCT06141304",
        "https://clinicaltrials.gov/study/NCT06141304?cond=a%20b&tab=results#x",
        "https://clinicaltrials.gov/show/nct06141304",
        "clinicaltrials.gov/study/NCT06141304/",
        "https://trials.example.org/trials/NCT06141304",
        "http://localhost:8000/trials/NCT06141304.json",
    ],
)
def test_an_id_or_an_address_of_a_record_means_the_trial(q: str) -> None:
    assert registry_id_meant(q) == "NCT06141304"


@pytest.mark.parametrize(
    "q",
    [
        "",
        "NCT",
        "asthma",
        "NCT06141304 asthma",
        "NCT123456789",
        "NCT06141304 NCT06141305",
        "ISRCTN06141304",
        "https://example.org/NCT06141304",
        "https://clinicaltrials.gov/search?id=NCT06141304",
        "study/NCT06141304x",
    ],
)
def test_anything_else_is_a_search(q: str) -> None:
    assert registry_id_meant(q) is None


@given(q=st.text(max_size=60) | st.from_regex(r"\A\s?[nN]ct[\s:_-]{0,3}0{0,3}[0-9]{1,9}\s?\Z"))
def test_an_id_is_read_as_the_pages_read_it(q: str) -> None:
    if (known := canonical_id(q)) is not None:
        assert registry_id_meant(q) == known
