"""The most frequent values of a result are the same whether counted by value or by trial."""

from urllib.parse import parse_qsl

import pytest
from sqlalchemy import Engine

from app.database.engine import reading
from app.index.facets import FACETS
from app.search.counts import of_result
from app.search.counts.catalogue import Catalogues
from app.search.find import Search
from app.search.query import TrialQuery
from tests.conftest import Ingest
from tests.factories import study

QUERIES = [
    "status=recruiting",
    "phase=phase2",
    "condition=asthma",
    "condition=asthma&condition_match=exact",
    "q=nothing",
]


@pytest.mark.parametrize("asked", QUERIES)
def test_both_ways_of_counting_agree(
    engine: Engine, ingest: Ingest, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    kinds = ["Asthma", "Pain", "Leukemia", "Gout"]
    ingest(
        [
            study(
                conditions=[f"{kinds[number % 4]} {number % 7}", kinds[number % 3]],
                sponsor=f"Sponsor {number % 5}",
                status="RECRUITING" if number % 2 else "COMPLETED",
            )
            for number in range(40)
        ]
    )
    found = []
    for by_trial in (True, False):
        monkeypatch.setattr(of_result, "has_many_values", lambda _, is_so=by_trial: is_so)
        with reading(engine) as session:
            catalogue = Catalogues().current(session)
            search = Search(session, catalogue, TrialQuery.parse(parse_qsl(asked)))
            found.append([sorted(search.foremost(facet, 3), key=lambda one: one.value) for facet in FACETS])
    assert found[0] == found[1]
    assert any(found[0]) == (asked != "q=nothing")


@pytest.mark.parametrize("is_by_trial", [True, False])
def test_a_trial_of_broader_conditions_alone_is_no_trial_without_a_condition(
    engine: Engine, ingest: Ingest, monkeypatch: pytest.MonkeyPatch, is_by_trial: bool
) -> None:
    monkeypatch.setattr(of_result, "has_many_values", lambda _: is_by_trial)
    ancestor = ("D009369", "Neoplasms")
    ingest([study(conditions=["Gout"]), study(conditions=[], ancestors=[ancestor])])
    with reading(engine) as session:
        asked = [("status", "recruiting"), ("condition", "gout"), ("condition_match", "exact")]
        search = Search(session, Catalogues().current(session), TrialQuery.parse(asked))
        assert [(one.value, one.count) for one in search.foremost(FACETS[0], 10)] == [("gout", 1)]
