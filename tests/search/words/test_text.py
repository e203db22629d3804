"""Full-text search and its ranking."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from app.database.engine import reading
from app.index.text_columns import COLUMN_WEIGHTS
from app.models import Trial
from app.search.counts.catalogue import Catalogues
from app.search.counts.sort import DEFAULT_SORT
from app.search.find import Search
from app.search.query import TrialQuery
from app.search.words import text
from app.search.words.identity import trials_called
from tests.conftest import Ingest
from tests.factories import study


def found(engine: Engine, q: str) -> list[str]:
    with reading(engine) as session:
        ids = text.search(session, q)
        names = dict(session.execute(select(col(Trial.id), col(Trial.registry_id))).all())
    return [names[trial_id] for trial_id in ids]


def test_every_word_must_occur_somewhere_in_the_record(ingest: Ingest, engine: Engine) -> None:
    ingest(
        [
            study("NCT00000001", title="Rituximab", conditions=["Lupus"]),
            study("NCT00000002", title="Rituximab"),
        ]
    )
    assert found(engine, "rituximab lupus") == ["NCT00000001"]


def test_a_title_counts_for_more_than_the_criteria(ingest: Ingest, engine: Engine) -> None:
    ingest(
        [
            study("NCT00000001", criteria="No warfarin within a month"),
            study("NCT00000002", title="Warfarin after stroke"),
        ]
    )
    assert found(engine, "warfarin") == ["NCT00000002", "NCT00000001"]


@pytest.mark.parametrize("written", ["ménière", "Meniere", "MENIERE", "menieres"])
def test_accents_case_and_plurals_do_not_matter(ingest: Ingest, engine: Engine, written: str) -> None:
    ingest([study("NCT00000001", title="Ménière disease"), study("NCT00000002")])
    assert found(engine, written) == ["NCT00000001"]


def test_a_registry_number_and_an_organization_id_are_found(ingest: Ingest, engine: Engine) -> None:
    ingest([study("NCT00000001"), study("NCT00000002")])
    assert found(engine, "NCT00000002") == ["NCT00000002"]
    assert found(engine, "ORG-00000001") == ["NCT00000001"]


def test_what_was_replaced_or_removed_is_not_found_any_more(ingest: Ingest, engine: Engine) -> None:
    ingest([study("NCT00000001", title="Oldword", updated="2026-01-01")])
    ingest([study("NCT00000001", title="Newword", updated="2026-01-02")])
    assert found(engine, "oldword") == []
    assert found(engine, "newword") == ["NCT00000001"]


@pytest.mark.parametrize("q", ["FLAURA 2", "flaura-2", "FLAURA2", "Flaura2"])
def test_a_trial_that_is_called_so_comes_first_however_it_is_punctuated(
    ingest: Ingest, engine: Engine, q: str
) -> None:
    named = study("NCT00000001")
    named["protocolSection"]["identificationModule"]["acronym"] = "FLAURA-2"
    ingest([named, study("NCT00000002", title="FLAURA 2 FLAURA2 again", conditions=["FLAURA 2", "FLAURA2"])])
    assert found(engine, q)[0] == "NCT00000001"


def test_an_organization_id_and_an_alias_come_first(ingest: Ingest, engine: Engine) -> None:
    named = study("NCT00000001")
    named["protocolSection"]["identificationModule"]["orgStudyIdInfo"] = {"id": "CA209-077"}
    named["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000099"]
    ingest([named, study("NCT00000002", title="After CA209077, CA209-077 and NCT00000099")])
    for q in ("CA209-077", "ca209 077", "CA209077", "NCT00000099", "nct 99"):
        assert found(engine, q)[0] == "NCT00000001"


def test_a_word_of_an_acronym_is_not_the_acronym(ingest: Ingest, engine: Engine) -> None:
    named = study("NCT00000001")
    named["protocolSection"]["identificationModule"]["acronym"] = "HEART FIRST"
    ingest([named, study("NCT00000002", title="Heart failure of the heart", conditions=["Heart"])])
    with reading(engine) as session:
        meaning = text.meaning_of(session, "heart")
        assert meaning.identity
        assert trials_called(session, "heart", meaning.identity) == []


@pytest.mark.parametrize(
    "q", ["FLAURA 2", "flaura-2", "FLAURA2", '"flaura 2"', "heart", "fla* OR heart", "NCT00000001"]
)
def test_as_many_are_counted_as_are_found_also_those_that_are_only_called_so(
    ingest: Ingest, engine: Engine, q: str
) -> None:
    acronyms = {"NCT00000001": "FLAURA-2", "NCT00000002": "FLAURA2", "NCT00000003": "HEART FIRST"}
    studies = [study(registry_id) for registry_id in acronyms]
    for named, acronym in zip(studies, acronyms.values(), strict=True):
        named["protocolSection"]["identificationModule"]["acronym"] = acronym
    ingest([*studies, study("NCT00000004", title="After FLAURA2 of the heart")])
    with reading(engine) as session:
        assert text.count(session, q) == len(text.search(session, q)) > 0


def test_the_syntax_reaches_the_index(ingest: Ingest, engine: Engine) -> None:
    ingest(
        [
            study("NCT00000001", title="Lung cancer"),
            study("NCT00000002", title="Cancer of the lung"),
            study("NCT00000003", title="Leukemia"),
        ]
    )
    assert found(engine, '"lung cancer"') == ["NCT00000001"]
    assert found(engine, "cancer -of") == ["NCT00000001"]
    assert set(found(engine, "leuk* OR of")) == {"NCT00000002", "NCT00000003"}


def test_the_weights_follow_the_order_of_the_registry() -> None:
    order = ["acronym", "ids", "title", "conditions", "interventions", "keywords", "summary", "outcomes"]
    order += ["sponsors", "criteria", "description"]
    weights = [COLUMN_WEIGHTS[column] for column in order]
    assert weights == sorted(weights, reverse=True)
    assert set(order) == set(COLUMN_WEIGHTS)


@hypothesis_settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    q=st.text(max_size=3_000)
    | st.sampled_from(['"', "AND", "NOT", "NEAR(a b)", "title:x", "a*", "^a", "{a b}", "-"])
    | st.lists(st.sampled_from(["a1", "OR", "NOT", "(", ")", '"', "leuk*", "-b", "all", "the"])).map(" ".join)
)
def test_no_text_is_an_error(engine: Engine, q: str) -> None:
    found(engine, q)


class TestWordsOfVeryManyTrials:
    """Words of more trials than can be ranked, which is here two."""

    @pytest.fixture(autouse=True)
    def trials(self, ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.search.words.text.MOST_RANKED", 2)
        rest = [study(f"NCT000001{number:02d}", title="Something else") for number in range(20)]
        ingest(
            [
                study("NCT00000001", title="Gout gout gout", updated="2026-01-01"),
                study("NCT00000002", title="Something", criteria="No gout", updated="2026-01-09"),
                study("NCT00000003", title="About a gout of long ago", updated="2026-01-02"),
                study("NCT00000004", title="Gout, gout", updated="2026-01-03"),
                *rest,
            ]
        )

    def listed(self, engine: Engine, query: TrialQuery) -> list[str]:
        with reading(engine) as session:
            search = Search(session, Catalogues().current(session), query)
            return names_of(session, search.page_ids())

    def test_the_newest_with_the_word_in_a_weighty_field_are_ranked_and_the_others_follow_by_update(
        self, engine: Engine
    ) -> None:
        assert self.listed(engine, TrialQuery(q="gout")) == [
            "NCT00000004",
            "NCT00000003",
            "NCT00000002",
            "NCT00000001",
        ]

    def test_pages_go_on_from_the_ranked_ones_to_the_others(self, engine: Engine) -> None:
        whole = self.listed(engine, TrialQuery(q="gout"))
        for size in (1, 3):
            pages = [
                self.listed(engine, TrialQuery(q="gout", per_page=size, page=page)) for page in (1, 2, 3, 4)
            ]
            assert [one for page in pages for one in page] == whole

    def test_a_word_of_most_trials_ranks_none(self, engine: Engine) -> None:
        found = self.listed(engine, TrialQuery(q="adults", per_page=100))
        assert found == self.listed(engine, TrialQuery(q="adults", sort=DEFAULT_SORT, per_page=100))
        assert len(found) == 23


def names_of(session: Session, trial_ids: list[int]) -> list[str]:
    return [session.get_one(Trial, trial_id).registry_id for trial_id in trial_ids]
