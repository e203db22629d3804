"""A slow, obvious second implementation of search in plain SQL, and comparisons with it."""

import sqlite3

from app.database.engine import open_engine, reading
from app.index.facets import FACETS, Facet
from app.pages.parts.facet_panels import in_order
from app.record.code_lists import NOT_STATED
from app.search.counts.catalogue import Catalogues
from app.search.counts.sort import SORTS, Sort
from app.search.find import Search
from app.search.query import TrialQuery
from app.settings import Settings

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
STORED_SORTS = [sort for sort in SORTS if sort.column is not None]

NAMED = f"{VALUES_OF_TRIAL['condition']} AND l.source IN ('stated', 'keyword', 'mesh')"
BROADER = (
    "SELECT above.slug FROM condition c JOIN condition_broader b ON b.condition_id = c.id "
    "JOIN condition above ON above.id = b.broader_id WHERE c.slug = ?"
)


def has_condition(match: str) -> tuple[str, int]:
    """Return SQL that tells whether a trial has a condition, and how often it takes the condition's slug."""
    if match == "exact":
        return f"? IN ({NAMED})", 1
    has = f"? IN ({VALUES_OF_TRIAL['condition']})"
    if match == "related":
        return f"({has} OR EXISTS (SELECT * FROM ({BROADER}) AS kin WHERE kin.slug IN ({NAMED})))", 2
    return has, 1


def has_value(facet: str, value: str, condition_match: str) -> tuple[str, int]:
    """Return the same for a value of any facet."""
    if value == NOT_STATED:
        return f"NOT EXISTS ({VALUES_OF_TRIAL[facet]})", 0
    return has_condition(condition_match) if facet == "condition" else (f"? IN ({VALUES_OF_TRIAL[facet]})", 1)


def plain_sql(database: sqlite3.Connection, query: TrialQuery) -> set[int]:
    """Return the trials of a query's filters by asking the tables about each trial in turn."""
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
    """A database, and what one process keeps of it in memory from one revision to the next."""

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
        """Return all trials in an order, sorted by the database."""
        column, direction = COLUMNS[sort.name.rpartition("-")[0]], "DESC" if sort.is_descending else "ASC"
        sql = f"SELECT id FROM trial ORDER BY {column} IS NULL, {column} {direction}, registry_id DESC"
        return [trial_id for (trial_id,) in self.database.execute(sql)]

    def check(self, query: TrialQuery) -> None:
        """Require that the trials, and the count of every choice of every facet, equal what clicking it gives."""
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
    """Require that the best choices are the same as among all choices, however few were counted."""
    if not facet.is_open or facet.newest_first:
        return
    ordered = in_order(facet, list(search.choices(facet)))
    for most in (1, 10):
        best = in_order(facet, search.foremost(facet, most))
        always = [choice for choice in ordered if choice.is_selected or choice.value == NOT_STATED]
        assert [choice for choice in always if choice not in best] == []
        others = [choice for choice in ordered if choice not in always]
        assert [choice for choice in best if choice not in always][: most + 1] == others[: most + 1]
