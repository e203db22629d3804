"""Counts stay exact on many trials while some of them change, compared with sets made in plain SQL and Python."""

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from app.database.engine import open_engine, reading
from app.demo import studies
from app.index.facets import FACETS, Facet
from app.ingest.runs.sync import sync
from app.record.code_lists import NOT_STATED
from app.registries import CTGOV
from app.search.find import Search
from app.search.query import TrialQuery
from app.settings import Settings
from tests.factories import Study, source
from tests.search.oracle import STORED_SORTS, VALUES_OF_TRIAL, World, assert_foremost

pytestmark = pytest.mark.slow

TRIALS = 20_000
CHANGED = 600
NEW = 50
QUERIES = 8
EXCHANGED = ("conditionsModule", "sponsorCollaboratorsModule", "designModule", "contactsLocationsModule")

Values = dict[str, dict[int, set[str]]]
"""Values of each trial, by facet."""


@pytest.fixture(scope="module")
def many(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("many")))
    return Settings(database_url=f"sqlite:///{path}")


def load(settings: Settings, records: list[Study]) -> None:
    engine = open_engine(settings)
    sync(engine, CTGOV, source(records), lambda *_: None)
    engine.dispose()


def changes(every: list[Study], number: int) -> Iterator[Study]:
    """Yield trials with modules of other trials, some without a status, and a few new ones."""
    chance = random.Random(number)
    yield from every[TRIALS + number * NEW : TRIALS + (number + 1) * NEW]
    for study in chance.sample(every[:TRIALS], CHANGED):
        other = chance.choice(every)["protocolSection"]
        protocol = study["protocolSection"]
        exchanged = {name: other[name] for name in EXCHANGED if name in other}
        updated = {"lastUpdatePostDateStruct": {"date": f"2099-01-{number + 1:02d}"}}
        status = {**protocol["statusModule"], **updated}
        if chance.random() < 0.2:
            status.pop("overallStatus", None)
        yield {**study, "protocolSection": {**protocol, **exchanged, "statusModule": status}}


def stated_values(world: World) -> Values:
    found: Values = {}
    for facet, values in VALUES_OF_TRIAL.items():
        rows = world.database.execute(
            f"SELECT t.id, (WITH own (value) AS ({values}) SELECT json_group_array(value) FROM own) FROM trial t"
        )
        found[facet] = {trial_id: set(orjson.loads(own)) or {NOT_STATED} for trial_id, own in rows}
    return found


def let_through(values: Values, query: TrialQuery, left_out: Facet | None = None) -> set[int]:
    trials = set(values["status"])
    for facet, wanted in query.filters:
        if left_out is None or facet != left_out.name:
            trials &= {trial_id for trial_id, own in values[facet].items() if own & set(wanted)}
    return trials


def assert_exact(world: World, values: Values, query: TrialQuery) -> None:
    with reading(world.engine) as session:
        search = Search(session, world.catalogues.current(session), query)
        trials = let_through(values, query)
        assert set(search.trials) == trials
        for sort in STORED_SORTS:
            listed = search.alike(query.with_sort(sort.name)).page_ids()
            assert listed == [one for one in world.in_order(sort) if one in trials][: query.per_page]
        for facet in FACETS:
            others = let_through(values, query, facet)
            expected = Counter(value for trial_id in others for value in values[facet.name][trial_id])
            choices = list(search.choices(facet))
            assert {choice.value: choice.count for choice in choices} == {
                choice.value: expected[choice.value] for choice in choices
            }
            if (
                facet.name != "condition"
            ):  # values that trials have only through narrower ones are not offered
                assert {choice.value for choice in choices if choice.count} == set(expected)
            assert_foremost(search, facet)


def some_query(chance: random.Random, values: Values) -> TrialQuery:
    query = TrialQuery()
    for facet in chance.sample(FACETS, chance.randint(0, 3)):
        of_one = chance.choice(list(values[facet.name].values()))
        query = query.with_values(facet.name, [chance.choice(sorted(of_one))])
    return query


def test_counts_and_orders_are_exact_on_many_trials_and_after_each_of_several_updates(many: Settings) -> None:
    every = list(studies(TRIALS + 3 * NEW))
    load(many, every[:TRIALS])
    chance = random.Random(2026)
    with closing(World(many)) as world:
        for number in range(4):
            if number:
                load(many, list(changes(every, number - 1)))
            values = stated_values(world)
            assert len(values["status"]) == TRIALS + number * NEW
            for query in (TrialQuery(), *(some_query(chance, values) for _ in range(QUERIES))):
                assert_exact(world, values, query)
