"""Compares the counts of every facet by the program's bitmaps with the same in plain SQL on the same file."""

from collections.abc import Callable
from time import perf_counter

from sqlalchemy import Select, func, select
from sqlmodel import Session

from app.database.engine import open_engine, reading
from app.index.facets import FACETS, Facet
from app.record.code_lists import NOT_STATED
from app.search.counts.catalogue import Catalogue, Catalogues
from app.search.find import Search
from app.search.query import TrialQuery
from tests.benchmarks.scale.place import Place
from tests.benchmarks.scale.report import Fact, Times, facts_table, times_table
from tests.benchmarks.scale.samples import Samples

_QUERIES = 15

Counts = dict[tuple[str, str], int]
"""Number of trials by facet and value."""


def measure_sql(place: Place) -> str:
    queries = [TrialQuery(), *Samples(place.settings).some_filters(_QUERIES - 1)]
    engine = open_engine(place.settings, read_only=True)
    with reading(engine) as session:
        catalogue = Catalogues().current(session)
        _by_bitmaps(session, catalogue, TrialQuery())
        ours, by_bitmaps = _timed(lambda query: _by_bitmaps(session, catalogue, query), queries)
        theirs, by_sql = _timed(lambda query: _by_sql(session, query), queries)
    engine.dispose()
    agreeing = sum(
        all(in_sql.get(choice) == count for choice, count in in_bitmaps.items())
        for in_bitmaps, in_sql in zip(by_bitmaps, by_sql, strict=True)
    )
    bitmaps = Times("every facet by bitmaps, 0 to 5 filters", ours)
    sql = Times("every facet in SQL, the same filters", theirs)
    facts = [
        Fact("SQL / bitmaps", f"{sql.p50 / bitmaps.p50:,.0f} times"),
        Fact("queries of which all counts agree", f"{agreeing} of {len(queries)}", f"{len(queries)}"),
    ]
    return f"{times_table([bitmaps, sql])}\n\n{facts_table(facts)}"


def _timed(
    counts: Callable[[TrialQuery], Counts], queries: list[TrialQuery]
) -> tuple[list[float], list[Counts]]:
    times, found = [], []
    for query in queries:
        started = perf_counter()
        found.append(counts(query))
        times.append((perf_counter() - started) * 1000)
    return times, found


def _by_bitmaps(session: Session, catalogue: Catalogue, query: TrialQuery) -> Counts:
    search = Search(session, catalogue, query)
    return {
        (facet.name, choice.value): choice.count
        for facet in FACETS
        for choice in search.choices(facet)
        if choice.count and choice.value != NOT_STATED
    }


def _by_sql(session: Session, query: TrialQuery) -> Counts:
    return {
        (facet.name, value): count
        for facet in FACETS
        for value, count in session.execute(_counted(facet, query)).tuples()
    }


def _counted(facet: Facet, query: TrialQuery) -> Select[str, int]:
    """Count the values of a facet among the trials that pass the filters of all other facets."""
    value, _, _, trial_id = facet.pairs.subquery().c
    let_through = [
        trial_id.in_(_trials(other, query.values(other.name)))
        for other in FACETS
        if other is not facet and query.values(other.name)
    ]
    return select(value, func.count(trial_id.distinct())).where(*let_through).group_by(value)


def _trials(facet: Facet, values: tuple[str, ...]) -> Select[int]:
    value, _, _, trial_id = facet.pairs.subquery().c
    return select(trial_id).where(value.in_(values))
