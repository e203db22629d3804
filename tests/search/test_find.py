"""Search agrees with a slow, obvious second implementation in plain SQL."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from app.database.engine import open_engine, reading
from app.index.facets import FACETS
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.search.counts.catalogue import Catalogues
from app.search.counts.sort import Sort
from app.search.find import Search
from app.search.query import CONDITION_MATCHES, EXACT, TrialQuery
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import Study, source, study
from tests.search.oracle import STORED_SORTS, World, assert_foremost, plain_sql

pytestmark = pytest.mark.slow

CONDITION = next(facet for facet in FACETS if facet.name == "condition")


def some_query(data: st.DataObject, values: dict[str, list[str]]) -> TrialQuery:
    query = TrialQuery()
    for facet in data.draw(st.lists(st.sampled_from(FACETS), unique=True, max_size=3), label="facets"):
        if values[facet.name]:
            chosen = st.lists(st.sampled_from(values[facet.name]), min_size=1, max_size=3)
            query = query.with_values(facet.name, data.draw(chosen, label=facet.name))
    if values["condition"]:
        together = st.lists(st.sampled_from(values["condition"]), max_size=2)
        query = query.with_condition_all(data.draw(together, label="condition_all"))
    return query.with_condition_match(data.draw(st.sampled_from(CONDITION_MATCHES), label="match"))


@st.composite
def studies(draw: st.DrawFn) -> Study:
    some = st.lists
    return study(
        f"NCT{draw(st.integers(1, 30)):08d}",
        status=draw(st.sampled_from(["RECRUITING", "COMPLETED", None])),
        study_type=draw(st.sampled_from(["INTERVENTIONAL", "OBSERVATIONAL"])),
        phases=draw(some(st.sampled_from(["PHASE1", "PHASE2", "NA"]), max_size=2)),
        conditions=draw(
            some(st.sampled_from(["Asthma", "asthma", "Leukemia", "AML", "Hay fever"]), max_size=3)
        ),
        mesh=draw(
            some(
                st.sampled_from([("D007938", "Leukemia"), ("D015470", "Leukemia, Myeloid, Acute")]),
                max_size=2,
            )
        ),
        interventions=draw(
            some(st.tuples(st.sampled_from(["DRUG", "DEVICE"]), st.sampled_from(["A", "B"])), max_size=3)
        ),
        sponsor=draw(st.sampled_from(["Alpha", "ALPHA", "Beta"])),
        countries=draw(some(st.sampled_from(["France", "Peru"]), max_size=3)),
        start=draw(st.sampled_from([None, "2020", "2020-05", "2021-01-01"])),
        updated=draw(st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"])),
        enrollment=draw(st.sampled_from([None, 0, 5, 99_999_999])),
    )


@hypothesis_settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_count_equals_the_trials_that_clicking_it_gives_also_after_updates(
    empty_database: Path, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(empty_database, folder))
        settings = Settings(database_url=f"sqlite:///{path}")
        engine = open_engine(settings)
        with closing(World(settings)) as world:
            for number in range(data.draw(st.integers(1, 3), label="runs")):
                batch = data.draw(st.lists(studies(), max_size=12), label="studies")
                sync(engine, CTGOV, source(batch, name=f"{number}.ndjson"), lambda *_: None)
                world.check(some_query(data, world.values))
        engine.dispose()


@pytest.fixture(scope="module")
def real_world(mesh_settings: Settings) -> Iterator[World]:
    with closing(World(mesh_settings)) as world:
        yield world


@hypothesis_settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_the_counts_hold_on_real_records(real_world: World, data: st.DataObject) -> None:
    query = some_query(data, real_world.values)
    with reading(real_world.engine) as session:
        search = Search(session, real_world.catalogues.current(session), query)
        assert set(search.trials) == plain_sql(real_world.database, query)
        for facet in FACETS:
            assert_foremost(search, facet)
            for choice in list(search.choices(facet))[:25]:
                clicked = query.with_values(facet.name, [choice.value])
                assert choice.count == len(plain_sql(real_world.database, clicked)), (facet.name, choice)


@pytest.mark.parametrize("sort", STORED_SORTS, ids=lambda sort: sort.name)
def test_an_order_is_that_of_a_plain_sql_sort(ingest: Ingest, settings: Settings, sort: Sort) -> None:
    ingest(
        [
            study(updated=f"2026-01-{day:02d}", start=start, enrollment=size)
            for day, start, size in zip(
                [3, 1, 2, 3, 1, 2, 9],
                ["2020", None, "2019-05", "2020", "2021-01-01", None, "2018"],
                [5, None, 0, 5, 7, 1, None],
                strict=True,
            )
        ]
    )
    with closing(World(settings)) as world, reading(world.engine) as session:
        search = Search(session, world.catalogues.current(session), TrialQuery().with_sort(sort.name))
        assert search.page_ids() == world.in_order(sort)


def test_a_size_beyond_all_sense_does_not_wrap(ingest: Ingest, engine: Engine) -> None:
    ingest([study(enrollment=size) for size in (10**12, 7, 8)])
    with engine.begin() as connection:
        connection.execute(text("UPDATE trial SET enrollment = -1000000000000 WHERE enrollment = 8"))
    for sort, expected in (("enrollment-largest", [1, 2, 3]), ("enrollment-smallest", [2, 1, 3])):
        with reading(engine) as session:
            query = TrialQuery().with_sort(sort)
            assert Search(session, Catalogues().current(session), query).page_ids() == expected


def test_a_condition_named_by_few_is_not_among_the_foremost_where_each_trial_names_one(
    ingest: Ingest, settings: Settings
) -> None:
    neoplasms, leukemia = ("D009369", "Neoplasms"), ("D007938", "Leukemia")
    narrower = [study(mesh=[leukemia], ancestors=[neoplasms], conditions=["Leukemia"]) for _ in range(5)]
    ingest([study(mesh=[neoplasms], conditions=["Neoplasms"]), *narrower, study(phases=["PHASE4"])])
    query = TrialQuery().with_values("phase", ["phase2"]).with_values("condition", ["leukemia"])
    with closing(World(settings)) as world, reading(world.engine) as session:
        search = Search(session, world.catalogues.current(session), query.with_condition_match(EXACT))
        assert [choice.value for choice in search.foremost(CONDITION, 10)] == ["leukemia"]
        assert_foremost(search, CONDITION)
