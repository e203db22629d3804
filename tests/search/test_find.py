"""Search against a slow, obvious second implementation in plain SQL."""

import shutil
import sqlite3
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
from app.index.facets import FACETS, Facet
from app.ingest.runs.sync import sync
from app.pages.parts.facet_panels import in_order
from app.record.code_lists import NOT_STATED
from app.registries import CTGOV
from app.search.counts.catalogue import Catalogues
from app.search.counts.sort import SORTS, Sort
from app.search.find import Search
from app.search.query import CONDITION_MATCHES, EXACT, TrialQuery
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import Study, source, study

VALUES_OF_TRIAL = {
    "condition": (
        "SELECT c.slug FROM trial_condition l JOIN condition c ON c.id = l.condition_id WHERE l.trial_id = t.id"
    ),
    "intervention_type": "SELECT l.type FROM trial_intervention l WHERE l.trial_id = t.id AND l.type NOTNULL",
    "status": "SELECT t.status WHERE t.status NOTNULL",
    "sponsor": (
        "SELECT s.slug FROM trial_sponsor l JOIN sponsor s ON s.id = l.sponsor_id "
        "WHERE l.trial_id = t.id AND l.role = 'lead'"
    ),
    "phase": "SELECT l.phase FROM trial_phase l WHERE l.trial_id = t.id",
    "study_type": "SELECT t.study_type WHERE t.study_type NOTNULL",
    "age_group": "SELECT l.age_group FROM trial_age_group l WHERE l.trial_id = t.id",
    "sex": "SELECT t.sex WHERE t.sex NOTNULL",
    "country": "SELECT l.slug FROM trial_country l WHERE l.trial_id = t.id",
    "results": "SELECT CASE WHEN t.has_results THEN 'posted' ELSE 'none' END",
    "funder_type": (
        "SELECT l.sponsor_class FROM trial_sponsor l "
        "WHERE l.trial_id = t.id AND l.role = 'lead' AND l.sponsor_class NOTNULL"
    ),
    "start_year": "SELECT substr(t.start_date, 1, 4) WHERE t.start_date NOTNULL",
}

COLUMNS = {
    "last-updated": "last_update_posted",
    "first-posted": "first_posted",
    "start": "start_date",
    "primary-completion": "primary_completion_date",
    "enrollment": "enrollment",
}
CONDITION = next(facet for facet in FACETS if facet.name == "condition")
STORED_SORTS = [sort for sort in SORTS if sort.column is not None]

NAMED = f"{VALUES_OF_TRIAL['condition']} AND l.source IN ('stated', 'keyword', 'mesh')"
BROADER = (
    "SELECT above.slug FROM condition c JOIN condition_broader b ON b.condition_id = c.id "
    "JOIN condition above ON above.id = b.broader_id WHERE c.slug = ?"
)


def has_condition(match: str) -> tuple[str, int]:
    """Plain SQL that says whether a trial has a condition, and how often it asks for the condition's slug."""
    if match == "exact":
        return f"? IN ({NAMED})", 1
    has = f"? IN ({VALUES_OF_TRIAL['condition']})"
    if match == "related":
        return f"({has} OR EXISTS (SELECT * FROM ({BROADER}) AS kin WHERE kin.slug IN ({NAMED})))", 2
    return has, 1


def has_value(facet: str, value: str, condition_match: str) -> tuple[str, int]:
    """The same for any facet."""
    if value == NOT_STATED:
        return f"NOT EXISTS ({VALUES_OF_TRIAL[facet]})", 0
    return has_condition(condition_match) if facet == "condition" else (f"? IN ({VALUES_OF_TRIAL[facet]})", 1)


def plain_sql(database: sqlite3.Connection, query: TrialQuery) -> set[int]:
    """The trials of a query's filters, by asking the tables about each trial in turn."""
    clauses, parameters = ["1"], []
    for facet, values in query.filters:
        alternatives = []
        for value in values:
            clause, times = has_value(facet, value, query.condition_match)
            alternatives.append(clause)
            parameters += [value] * times
        clauses.append(f"({' OR '.join(alternatives)})")
    for value in query.condition_all:
        clause, times = has_value("condition", value, query.condition_match)
        clauses.append(clause)
        parameters += [value] * times
    sql = f"SELECT t.id FROM trial t WHERE {' AND '.join(clauses)}"
    return {trial_id for (trial_id,) in database.execute(sql, parameters)}


class World:
    """A database and what one process keeps of it in memory, from one version to the next."""

    def __init__(self, settings: Settings) -> None:
        self.engine = open_engine(settings, read_only=True)
        self.catalogues = Catalogues()
        self.database = sqlite3.connect(settings.database_path)

    @property
    def values(self) -> dict[str, list[str]]:
        postings = "SELECT value FROM facet_posting WHERE facet = ? AND count > 0 ORDER BY value"
        return {
            facet.name: [value for (value,) in self.database.execute(postings, [facet.name])]
            for facet in FACETS
        }

    def close(self) -> None:
        self.engine.dispose()
        self.database.close()

    def in_order(self, sort: Sort) -> list[int]:
        """All trials in an order, sorted by the database."""
        column, direction = COLUMNS[sort.name.rpartition("-")[0]], "DESC" if sort.is_descending else "ASC"
        sql = f"SELECT id FROM trial ORDER BY {column} IS NULL, {column} {direction}, registry_id DESC"
        return [trial_id for (trial_id,) in self.database.execute(sql)]

    def check(self, query: TrialQuery) -> None:
        """The trials, and for every facet the count of every choice, equal what clicking it gives."""
        with reading(self.engine) as session:
            search = Search(session, self.catalogues.current(session), query)
            trials = plain_sql(self.database, query)
            assert set(search.trials) == trials
            for sort in STORED_SORTS:
                in_order = [one for one in self.in_order(sort) if one in trials]
                assert search.alike(query.with_sort(sort.name)).page_ids() == in_order[: query.per_page]
            for facet in FACETS:
                assert_foremost(search, facet)
                for choice in search.choices(facet):
                    clicked = query.with_values(facet.name, [choice.value])
                    assert choice.count == len(plain_sql(self.database, clicked)), (facet.name, choice)


def assert_foremost(search: Search, facet: Facet) -> None:
    """The best choices are the same as of all choices, however few of them were counted."""
    if not facet.is_open or facet.newest_first:
        return
    ordered = in_order(facet, list(search.choices(facet)))
    for most in (1, 10):
        best = in_order(facet, search.foremost(facet, most))
        always = [choice for choice in ordered if choice.is_selected or choice.value == NOT_STATED]
        assert [choice for choice in always if choice not in best] == []
        others = [choice for choice in ordered if choice not in always]
        assert [choice for choice in best if choice not in always][: most + 1] == others[: most + 1]


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
