"""The order of the choices in the panels and pages of a filter."""

from itertools import permutations

import pytest

from app.index.facets import facet_named
from app.pages.parts.facet_panels import in_order
from app.search.find import Choice


@pytest.mark.parametrize("name", ["sponsor", "status", "start_year"])
def test_choices_that_look_alike_have_one_order_whatever_order_they_came_in(name: str) -> None:
    facet = facet_named(name)
    assert facet
    choices = [Choice(value, "Acme", 2, is_selected=False) for value in ("acme-b", "acme-a", "not-stated")]
    orders = {tuple(choice.value for choice in in_order(facet, list(some))) for some in permutations(choices)}
    assert len(orders) == 1
