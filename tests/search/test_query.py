"""The query and its URL."""

from dataclasses import Field, fields
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from app.index.facets import FACETS, Facet
from app.record.code_lists import NOT_STATED
from app.search.budget import MOST_VALUES
from app.search.counts.sort import SORTS
from app.search.query import CONDITION_MATCHES, NARROWER, PER_PAGE_CHOICES, BadParameterError, TrialQuery

CONDITION = next(facet for facet in FACETS if facet.name == "condition")
PARAMETERS = [
    *("q", "status", "condition", "condition_all", "condition_match", "unlisted", "sort", "page", "per_page"),
    "x",
]


def parsed(url: str) -> TrialQuery:
    return TrialQuery.parse(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def readable(parameters: list[tuple[str, str]]) -> TrialQuery:
    """Read a query, without the parameters that cannot be meant."""
    try:
        return TrialQuery.parse(parameters)
    except BadParameterError as error:
        return error.query


def values_of(facet: Facet) -> st.SearchStrategy[str]:
    if facet.code_list is None:
        return st.from_regex(r"[\w&+%éß]{1,20}", fullmatch=True) | st.just(NOT_STATED)
    return st.sampled_from([*(term.value for term in facet.code_list), NOT_STATED])


@st.composite
def queries(draw: st.DrawFn) -> TrialQuery:
    query = TrialQuery(per_page=draw(st.integers(min(PER_PAGE_CHOICES), max(PER_PAGE_CHOICES))))
    query = query.with_q(draw(st.text(max_size=30)))
    for facet in draw(st.lists(st.sampled_from(FACETS), unique=True, max_size=5)):
        query = query.with_values(facet.name, draw(st.lists(values_of(facet), max_size=3)))
    query = query.with_condition_all(draw(st.lists(values_of(CONDITION), max_size=3)))
    query = query.with_condition_match(draw(st.sampled_from(CONDITION_MATCHES)))
    query = query.including_unlisted(is_included=draw(st.booleans()))
    sort = draw(st.sampled_from([sort.name for sort in SORTS if sort.name != "relevance" or query.q]))
    return query.with_sort(sort).with_page(draw(st.integers(1, 10**6)))


@given(queries())
def test_a_query_is_the_same_after_a_round_trip_through_its_url(query: TrialQuery) -> None:
    assert parsed(query.url()) == query


@pytest.mark.parametrize("field", fields(TrialQuery), ids=lambda field: field.name)
def test_the_drawn_queries_vary_in_every_field(field: Field[object]) -> None:
    find(queries(), lambda query: getattr(query, field.name) != field.default)


@given(st.lists(st.tuples(st.sampled_from(PARAMETERS), st.text()), max_size=6))
def test_reading_an_address_gives_a_query_with_a_stable_address_or_names_the_parameter(
    parameters: list[tuple[str, str]],
) -> None:
    query = readable(parameters)
    assert parsed(query.url()) == query


@given(queries(), st.sampled_from(FACETS), st.data())
def test_toggling_a_value_twice_changes_nothing_but_the_page(
    query: TrialQuery, facet: Facet, data: st.DataObject
) -> None:
    value = data.draw(values_of(facet) | st.sampled_from(query.values(facet.name) or (NOT_STATED,)))
    once = query.toggled(facet.name, value)
    assert (value in once.values(facet.name)) != (value in query.values(facet.name))
    expected = query.with_page(1)
    if not once.conditions:  # how to match conditions is forgotten with the last one
        expected = expected.with_condition_match(NARROWER)
    assert once.toggled(facet.name, value) == expected


def test_parameters_stand_in_one_order_without_empties_and_defaults() -> None:
    query = parsed(
        "/trials?page=1&status=COMPLETED&q=&condition=asthma&utm_source=x&status=recruiting&per_page=25"
    )
    assert query.url() == "/trials?condition=asthma&status=recruiting&status=completed"


def test_any_change_of_the_filters_starts_at_page_one() -> None:
    query = parsed("/trials?status=completed&page=7")
    assert query.toggled("phase", "phase2").page == 1
    assert query.with_q("asthma").page == 1
    assert query.with_sort("start-oldest").page == 1


def test_relevance_is_the_order_of_words_and_of_nothing_else() -> None:
    assert parsed("/trials?q=asthma").effective_sort == "relevance"
    assert parsed("/trials?sort=relevance").effective_sort == "last-updated-newest"
    assert parsed("/trials?q=asthma").with_q("").effective_sort == "last-updated-newest"


def test_a_bad_value_keeps_the_rest_of_the_search() -> None:
    with pytest.raises(BadParameterError) as caught:
        parsed("/trials?q=asthma&status=banana&phase=phase2&page=3")
    assert caught.value.name == "status"
    assert caught.value.query.url() == "/trials?q=asthma&phase=phase2&page=3"


def test_characters_that_cannot_be_seen_are_dropped() -> None:
    assert parsed("/trials?q=%00ast%E2%80%AEhma%00").q == "asthma"


@pytest.mark.parametrize("name", ["condition", "condition_all", "sponsor"])
def test_a_filter_takes_only_so_many_values(name: str) -> None:
    TrialQuery.parse([(name, f"value {number}") for number in range(MOST_VALUES)])
    with pytest.raises(BadParameterError, match="at most"):
        TrialQuery.parse([(name, f"value {number}") for number in range(MOST_VALUES + 1)])
