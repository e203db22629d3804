"""The budget of a search, and the narrower searches that are likely to be quicker."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.index.facets import FACETS
from app.search.budget import OverBudgetError
from app.search.cost import is_heavy, points
from app.search.narrower import check_search, narrower, within_budget
from app.search.query import TrialQuery

names = st.one_of(st.text(max_size=300), st.sampled_from(["asthma", "x" * 300, "癌" * 99]))
texts = st.one_of(
    st.text(max_size=3_000),
    st.lists(st.sampled_from(["leuk*", '"a lung*"', "OR", "(", ")", "cancer", "x" * 900]), max_size=90).map(
        " ".join
    ),
)
open_facets = [facet.name for facet in FACETS if facet.is_open]


@st.composite
def searches(draw: st.DrawFn) -> TrialQuery:
    query = TrialQuery().with_q(draw(texts))
    for name in draw(st.lists(st.sampled_from(open_facets), unique=True)):
        query = query.with_values(name, draw(st.lists(names, max_size=30)))
    query = query.with_condition_all(draw(st.lists(names, max_size=30)))
    return query.with_condition_match(draw(st.sampled_from(["narrower", "related"])))


def is_allowed(query: TrialQuery) -> bool:
    try:
        check_search(query)
    except OverBudgetError:
        return False
    return True


@given(searches())
@settings(deadline=None)
def test_as_much_as_is_allowed_is_allowed(query: TrialQuery) -> None:
    assert is_allowed(within_budget(query))


@given(searches())
@settings(deadline=None)
def test_narrower_searches_are_others_and_cost_no_more(query: TrialQuery) -> None:
    query = within_budget(query)
    for _, search in narrower(query):
        assert search != query
        assert is_allowed(search)
        assert points(search) <= points(query)


def test_what_people_ask_for_is_light() -> None:
    for q in (
        "acute myeloid leukemia",
        '"heart failure" AND (sglt2 OR dapagliflozin) NOT diabetes',
        "leuk* imatinib",
    ):
        query = (
            TrialQuery(q=q).with_values("condition", ["asthma", "copd"]).with_values("status", ["recruiting"])
        )
        assert not is_heavy(query)


def test_many_words_prefixes_or_related_conditions_are_heavy() -> None:
    diseases = [f"disease {number}" for number in range(12)]
    assert is_heavy(TrialQuery(q=" OR ".join(diseases)))
    assert is_heavy(TrialQuery(q="leuk* lymph* myel* neutr*"))
    assert is_heavy(TrialQuery().with_values("condition", diseases).with_condition_match("related"))
