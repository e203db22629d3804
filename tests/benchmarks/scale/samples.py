"""Samples of what readers may ask of one database: filters, words, typed letters, trials.

They are the same in every run.
"""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, pairwise

from app.database.engine import open_engine, reading
from app.index.facets import FACETS
from app.record.code_lists import NOT_STATED
from app.search.counts.catalogue import Catalogues
from app.search.counts.sort import RELEVANCE, SORTS
from app.search.query import PER_PAGE, TrialQuery
from app.settings import Settings

SEED = 2026
_OF_A_FACET = 20
_OF_A_FREQUENCY = 20
_FARTHEST_PAGE = 400
_TERMS = "SELECT term, doc FROM temp.word WHERE term GLOB '[a-z][a-z][a-z]*' AND term NOT GLOB '*[0-9]*'"
_NAMED = ("condition", "sponsor")
_numbers = count()


@dataclass(frozen=True)
class Samples:
    settings: Settings
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    @cached_property
    def values(self) -> dict[str, dict[str, str]]:
        """Return the values of each facet with their labels, the most frequent first."""
        engine = open_engine(self.settings, read_only=True)
        with reading(engine) as session:
            catalogue = Catalogues().current(session)
            found = {
                facet.name: {
                    value: posting.label
                    for value, posting in catalogue.postings(session, facet.name).items()
                    if value != NOT_STATED
                }
                for facet in FACETS
            }
        engine.dispose()
        return found

    @cached_property
    def registry_ids(self) -> list[str]:
        with closing(sqlite3.connect(self.settings.database_path)) as connection:
            return [row[0] for row in connection.execute("SELECT registry_id FROM trial ORDER BY id")]

    def of_facet(self, name: str) -> list[str]:
        """Return lists with one filter: its most frequent values and some others, repeated where there are few."""
        values = list(self.values[name])
        half = _OF_A_FACET // 2
        others = self.chance.sample(values[half:], min(half, len(values[half:])))
        lists = [TrialQuery().with_values(name, [value]).url() for value in (*values[:half], *others)]
        return lists * max(1, _OF_A_FACET // len(lists))

    def some_filters(self, number: int) -> list[TrialQuery]:
        """Return random queries, each with 1 to 5 filters of one value."""
        return [self._some_filters() for _ in range(number)]

    def sorted_lists(self) -> tuple[list[str], list[str]]:
        """Return the first page of every order, and page 400 of it, or the last one where there are fewer."""
        queries = [TrialQuery(sort=sort.name) for sort in SORTS if sort.name != RELEVANCE]
        last = min(_FARTHEST_PAGE, max(1, len(self.registry_ids) // PER_PAGE))
        return [query.url() for query in queries], [query.with_page(last).url() for query in queries]

    def words(self) -> dict[str, list[str]]:
        """Return words of the full text by how many trials have them, and pairs of the most frequent ones."""
        with closing(sqlite3.connect(self.settings.database_path)) as connection:
            connection.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab('main', 'trial_text', 'row')")
            found = connection.execute(_TERMS)
            trials = dict(found.fetchall())
        commonest_first = sorted(trials, key=lambda word: (-trials[word], word))
        common = commonest_first[:_OF_A_FREQUENCY]
        total = len(self.registry_ids)
        return {
            "a word of 1 to 5 trials": self._some_words(trials, 1, 5),
            "a word of about 1 % of trials": self._some_words(trials, total // 200, total // 50),
            "a word of about 10 % of trials": self._some_words(trials, total // 20, total // 5),
            f"the {len(common)} commonest words": common,
            "two of the commonest words": [f"{first} {second}" for first, second in pairwise(common)],
        }

    def typed(self, number: int) -> tuple[list[str], list[str]]:
        """Return beginnings of names of conditions and sponsors, and names with two letters swapped."""
        names = [label for facet in _NAMED for label in self.values[facet].values() if len(label) > 5]
        begun, mistyped = [], []
        for name in self.chance.choices(names, k=number):
            begun.append(name[: self.chance.randint(2, len(name))])
            place = self.chance.randint(1, len(name) - 2)
            mistyped.append(name[:place] + name[place + 1] + name[place] + name[place + 2 :])
        return begun, mistyped

    def trial_pages(self, number: int) -> list[str]:
        some = self.chance.sample(self.registry_ids, min(number, len(self.registry_ids)))
        return [f"/trials/{registry_id}" for registry_id in some]

    def _some_filters(self) -> TrialQuery:
        query = TrialQuery()
        for facet in self.chance.sample(FACETS, self.chance.randint(1, 5)):
            query = query.with_values(facet.name, [self.chance.choice(list(self.values[facet.name]))])
        return query

    def _some_words(self, trials: dict[str, int], least: int, most: int) -> list[str]:
        fitting = sorted(word for word, number in trials.items() if max(1, least) <= number <= most)
        return self.chance.sample(fitting, min(_OF_A_FREQUENCY, len(fitting)))


def apart(addresses: list[str]) -> list[str]:
    """Add a meaningless parameter to each address, so that none was ever asked for before."""
    return [
        f"{address}{'&' if '?' in address else '?'}apart={number}"
        for address, number in zip(addresses, _numbers, strict=False)
    ]
