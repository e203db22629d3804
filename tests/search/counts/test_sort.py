"""A page of an order is the same whichever way it is found.

The ways are the beginning of the order, sorting the result, and walking the order to pick the result's trials.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from app.search.counts import sort as module
from app.search.counts.sort import Orders, no_orders

VALUES = st.dictionaries(st.integers(1, 40), st.integers(-1, 5), min_size=1)
"""Values by trial id; -1 stands for none."""


def orders_of(values: dict[int, int]) -> Orders:
    """Make orders of trials whose registry numbers are their ids."""
    trial_ids = np.array(list(values), np.uint32)
    return no_orders().with_changes(trial_ids, trial_ids, np.array(list(values.values()), np.int32))


def in_order(values: dict[int, int], *, is_descending: bool) -> list[int]:
    """Sort by hand: trials without a value last, of equal ones the greatest number first."""

    def key(trial_id: int) -> tuple[bool, int, int]:
        value = values[trial_id]
        return value < 0, -value if is_descending else value, -trial_id

    return sorted(values, key=key)


@pytest.mark.parametrize(("looked_at", "sorted_of"), [(10_000, 10), (5, 10), (0, 1), (0, 10_000)], ids=str)
@given(
    values=VALUES,
    asked=st.sets(st.integers(1, 40)),
    offset=st.integers(0, 20),
    limit=st.integers(1, 20),
    is_descending=st.booleans(),
)
def test_a_page_holds_the_trials_of_the_result_in_their_order(
    looked_at: int,
    sorted_of: int,
    values: dict[int, int],
    asked: set[int],
    offset: int,
    limit: int,
    is_descending: bool,
) -> None:
    result = asked & set(values)
    expected = [one for one in in_order(values, is_descending=is_descending) if one in result]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_TESTED", looked_at)
        patch.setattr(module, "_SORTED_OF", sorted_of)
        page = orders_of(values).page(BitMap(result), offset, limit, is_descending=is_descending)
    assert page == expected[offset : offset + limit]
