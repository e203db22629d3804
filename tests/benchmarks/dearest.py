"""Measures the costliest requests that an attacker could build, by kind: processor time and size of the answers."""

import random
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice, pairwise
from pathlib import Path
from time import process_time
from urllib.parse import urlencode

from anyio.from_thread import BlockingPortal
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from app.index.facets import FACETS
from app.main import create_app
from app.search.budget import MOST_PREFIXES
from app.search.words.text import MOST_RANKED
from app.settings import Settings
from tests.asgi import ask

SEED = 2026
_OPEN = ("condition", "sponsor", "country", "start_year")

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Attack:
    kind: str
    what: str
    url: str


@dataclass(frozen=True, slots=True)
class Cost:
    attack: Attack
    status: int
    seconds: float
    """Processor time of the whole process."""
    size: int

    @property
    def is_noteworthy(self) -> bool:
        return self.seconds > 0.5 or self.size > 600_000 or self.status >= 500


class Attacks:
    """Addresses built from the most frequent values of a database."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._chance = random.Random(SEED)

    def all(self) -> Iterator[Attack]:
        yield from self._prefixes()
        yield from self._words()
        yield from self._syntax()
        yield from self._filters()
        yield from self._conditions()
        yield from self._suggestions()
        yield from self._values()
        yield from self._addresses()

    @cached_property
    def words(self) -> list[str]:
        """Return the words of the full text that are in most trials."""
        return self._rows(
            "SELECT term FROM temp.word WHERE term GLOB '[a-z][a-z][a-z]*' AND NOT term GLOB '*[^a-z]*' "
            "ORDER BY doc DESC LIMIT 3000"
        )

    @cached_property
    def nearly_all(self) -> str:
        """Return the most frequent word whose trials are few enough to be ranked one and all."""
        return self._rows(
            f"SELECT term FROM temp.word WHERE term GLOB '[a-z][a-z][a-z]*' AND doc <= {MOST_RANKED} "
            "ORDER BY doc DESC LIMIT 1"
        )[0]

    @cached_property
    def prefixes(self) -> list[str]:
        """Return the prefixes of three letters that most different words begin with, most words first."""
        return self._rows(
            "SELECT substr(term, 1, 3) FROM temp.word WHERE term GLOB '[a-z][a-z][a-z]*' "
            "GROUP BY 1 ORDER BY sum(doc) DESC LIMIT 600"
        )

    @cached_property
    def rare(self) -> list[str]:
        return self._rows(
            "SELECT term FROM temp.word WHERE doc < 3 AND length(term) BETWEEN 12 AND 38 "
            "AND NOT term GLOB '*[^a-z]*' ORDER BY length(term) DESC LIMIT 500"
        )

    @cached_property
    def conditions(self) -> list[str]:
        return self._values_of("condition")

    @cached_property
    def phrases(self) -> list[str]:
        return self._rows("SELECT title FROM trial ORDER BY length(title) DESC LIMIT 50")

    @cached_property
    def names(self) -> list[str]:
        """Return the names of diseases and drugs that have most other names."""
        return self._rows(
            "SELECT concept.label FROM concept_name JOIN concept USING (mesh_id) "
            "WHERE EXISTS (SELECT 1 FROM concept_tree WHERE concept_tree.mesh_id = concept.mesh_id "
            "AND (number LIKE 'C%' OR number LIKE 'D%')) GROUP BY concept.mesh_id ORDER BY count(*) DESC LIMIT 200"
        )

    def _values_of(self, facet: str, order: str = "count DESC") -> list[str]:
        return self._rows(
            f"SELECT value FROM facet_posting WHERE facet = '{facet}' AND value != 'not-stated' "
            f"ORDER BY {order} LIMIT 400"
        )

    def _rows(self, statement: str) -> list[str]:
        with closing(sqlite3.connect(self._database)) as connection:
            connection.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, trial_text, row)")
            return [row[0] for row in connection.execute(statement)]

    def _lists(self, kind: str, what: str, parameters: Parameters) -> Iterator[Attack]:
        """Return the addresses of all pages that take one search."""
        yield Attack(kind, what, "/trials?" + urlencode(parameters))
        yield Attack(
            kind,
            f"{what}, API, 100 a page",
            "/api/v1/trials?" + urlencode([*parameters, ("per_page", "100")]),
        )
        yield Attack(
            kind,
            f"{what}, 100 a page by relevance",
            "/trials?" + urlencode([*parameters, ("sort", "relevance"), ("per_page", "100")]),
        )
        yield Attack(kind, f"{what}, values", "/trials/filter/condition?" + urlencode(parameters))
        yield Attack(
            kind, f"{what}, within", "/trials/filter/sponsor?" + urlencode([*parameters, ("within", "a e")])
        )

    def _prefixes(self) -> Iterator[Attack]:
        for number in (8, MOST_PREFIXES, MOST_PREFIXES + 1, 64):
            some = [f"{prefix}*" for prefix in self.prefixes[:number]]
            yield from self._lists("prefixes", f"{number} prefixes ORed", [("q", " OR ".join(some))])
            narrowed = f"({' OR '.join(some)}) {self.nearly_all}"
            yield from self._lists("prefixes", f"{number} prefixes ORed in most trials", [("q", narrowed)])
        for number in (8, MOST_PREFIXES // 2, MOST_PREFIXES):
            some = [f"{prefix}*" for prefix in self.prefixes[:number]]
            yield from self._lists("prefixes", f"{number} prefixes ANDed", [("q", " ".join(some))])
            yield from self._lists(
                "prefixes", f"not {number} prefixes", [("q", "trial " + " ".join(f"-{one}" for one in some))]
            )
            phrases = [
                f'"{word} {prefix}*"'
                for word, prefix in zip(self.words, self.prefixes[:number], strict=False)
            ]
            yield from self._lists(
                "prefixes", f"{number} phrases that end in a prefix", [("q", " OR ".join(phrases))]
            )

    def _words(self) -> Iterator[Attack]:
        for number in (16, 32, 64):
            common = self.words[:number]
            yield from self._lists("words", f"{number} common words ORed", [("q", " OR ".join(common))])
            yield from self._lists("words", f"{number} common words", [("q", " ".join(common))])
            narrowed = f"({' OR '.join(self.words[: number - 1])}) {self.nearly_all}"
            yield from self._lists("words", f"{number} common words ORed in most trials", [("q", narrowed)])
        yield from self._lists("words", "one common word 64 times", [("q", " ".join([self.words[0]] * 64))])
        yield from self._lists("words", "64 rare words ORed", [("q", " OR ".join(self.rare[:64]))])
        yield from self._lists(
            "words",
            "8 words mistyped",
            [("q", " ".join(word[:-2] + "q" + word[-2:] for word in self.rare[:8]))],
        )
        for number in (5, 10, 20, 40):
            yield from self._lists(
                "words",
                f"{number} names with many others ORed",
                [("q", " OR ".join(self.names[:number])[:2000])],
            )
        yield from self._lists(
            "words",
            "abbreviations",
            [
                (
                    "q",
                    " OR ".join(
                        [
                            "AML",
                            "ALL",
                            "CLL",
                            "MS",
                            "RA",
                            "COPD",
                            "HIV",
                            "IBD",
                            "HCC",
                            "ALS",
                            "CF",
                            "SLE",
                            "AD",
                            "PD",
                        ]
                        * 4
                    ),
                )
            ],
        )
        yield from self._lists(
            "words", "one letter words", [("q", " OR ".join("abcdefghijklmnopqrstuvwxyz0123456789"))]
        )

    def _syntax(self) -> Iterator[Attack]:
        words = self.words
        yield from self._lists(
            "syntax", "parentheses 8 deep", [("q", "(" * 8 + words[0] + ")" * 8 + " OR " + words[1])]
        )
        yield from self._lists("syntax", "500 parentheses", [("q", "(" * 500 + words[0] + ")" * 500)])
        yield from self._lists("syntax", "NOT chain", [("q", " NOT ".join(words[:60]))])
        yield from self._lists(
            "syntax", "long phrases", [("q", " OR ".join(f'"{phrase}"' for phrase in self.phrases[:4]))]
        )
        yield from self._lists(
            "syntax", "phrase of common words", [("q", '"' + " ".join(islice(cycle(words[:2]), 64)) + '"')]
        )
        yield from self._lists(
            "syntax",
            "phrases of two common words ORed",
            [("q", " OR ".join(f'"{a} {b}"' for a, b in pairwise(words[:33])))],
        )
        yield from self._lists("syntax", "2,000 quotation marks", [("q", '"' * 2000)])
        yield from self._lists("syntax", "accents", [("q", "e\u0301" * 900)])
        yield from self._lists("syntax", "one word of 2,000 letters", [("q", "a" * 2000)])
        yield from self._lists("syntax", "hyphens", [("q", "-".join("ab" for _ in range(600)))])
        yield from self._lists("syntax", "emoji", [("q", "\U0001f9ea" * 500)])
        yield from self._lists("syntax", "CJK", [("q", "癌" * 600)])

    def _filters(self) -> Iterator[Attack]:
        closed = [(facet.name, term.value) for facet in FACETS if facet.code_list for term in facet.code_list]
        yield from self._lists("filters", "all closed values", closed)
        for number in (10, 30):
            every = [(name, value) for name in _OPEN for value in self._values_of(name)[:number]]
            yield from self._lists("filters", f"{number} values in each open facet", every)
            longest = [
                (name, value)
                for name in _OPEN
                for value in self._values_of(name, "length(value) DESC")[:number]
            ]
            yield from self._lists("filters", f"{number} longest values in each open facet", longest)
            yield from self._lists("filters", f"{number} values everywhere", [*closed, *every])
            unknown = [(name, "x" * 280 + str(place)) for name in _OPEN for place in range(number)]
            yield from self._lists("filters", f"{number} unknown long values in each", unknown)
            uni = [(name, "癌 " * 100 + str(place)) for name in _OPEN for place in range(number)]
            yield from self._lists("filters", f"{number} unknown unicode values in each", uni)
            words = [
                ("condition", " ".join(self._chance.sample(self.words, 30))[:290]) for _ in range(number)
            ]
            yield from self._lists("filters", f"{number} conditions of many words", words)
        yield from self._lists(
            "filters",
            "long q with everything",
            [
                ("q", " OR ".join(self.rare[:64])),
                *closed,
                *[
                    (name, value)
                    for name in _OPEN
                    for value in self._values_of(name, "length(value) DESC")[:30]
                ],
            ],
        )

    def _conditions(self) -> Iterator[Attack]:
        for number in (5, 15, 30):
            some = self.conditions[:number]
            for match in ("related", "exact", "narrower"):
                yield from self._lists(
                    "conditions",
                    f"{number} conditions {match}",
                    [*(("condition", one) for one in some), ("condition_match", match)],
                )
            yield from self._lists(
                "conditions",
                f"all of {number}, related",
                [*(("condition_all", one) for one in some), ("condition_match", "related")],
            )
            long = [
                ("condition_all", " ".join(self._chance.sample(self.words, 40))[:290]) for _ in range(number)
            ]
            yield from self._lists("conditions", f"all of {number} long ones", long)
            both = [
                *(("condition", one) for one in some),
                *(("condition_all", one) for one in self.conditions[30 : 30 + number]),
                ("condition_match", "related"),
            ]
            yield from self._lists("conditions", f"{number} and all of {number}, related", both)
            none = [
                *(("condition_all", one) for one in self._chance.sample(self.conditions, number)),
                ("condition_match", "related"),
                ("country", "france"),
                ("q", "aspirin"),
            ]
            yield from self._lists("conditions", f"none left of {number}", none)

    def _suggestions(self) -> Iterator[Attack]:
        typed = {
            "one letter pair": "ca",
            "12 common words": " ".join(self.words[:12]),
            "12 common beginnings": " ".join(self.prefixes[:12]),
            "12 typing errors": " ".join(word[:10] + "x" for word in self.rare[:12]),
            "12 common words with errors": " ".join(word + "q" for word in self.words[:12]),
            "error in a common beginning": "cacner",
            "two errors": "lnug cacner",
            "the same word": " ".join(["cancer"] * 12),
            "names": self.names[0],
            "40 letters": "q" * 40,
            "5 errors of 38": " ".join("q" * 38 for _ in range(5)),
            "accents": "é" * 200,
            "common and last": " ".join([*self.words[:11], "a"]),
            "of": "of the in and with for to a",
        }
        for what, q in typed.items():
            yield Attack("suggestions", what, "/trials/suggest?" + urlencode({"q": q}))
        for word in [*self.words[:150], *self.prefixes[:150]]:
            yield Attack("suggestions", word, "/trials/suggest?" + urlencode({"q": word}))
            yield Attack("suggestions", word, "/trials/suggest?" + urlencode({"q": word[:3]}))
        for one in self.words[:60]:
            yield Attack(
                "suggestions",
                f"mistyped {one}",
                "/trials/suggest?" + urlencode({"q": " ".join([self.words[3], one[:5] + "zx"])}),
            )

    def _values(self) -> Iterator[Attack]:
        for facet in FACETS:
            yield Attack("values", facet.name, f"/trials/filter/{facet.name}")
            yield Attack("values", facet.name, f"/trials/filter/{facet.name}?within=" + "a+" * 50)
            yield Attack(
                "values",
                facet.name,
                f"/trials/filter/{facet.name}?" + urlencode({"q": " OR ".join(self.rare[:64])}),
            )
            yield Attack("values", facet.name, f"/trials/filter/{facet.name}?q=" + "cancer+" * 8500)
        for page in ("1000000000", "999999999", "800", "0", "-1", "९"):
            yield Attack("pages", page, "/trials?" + urlencode({"page": page, "sort": "start-oldest"}))

    def _addresses(self) -> Iterator[Attack]:
        for words in (
            ["a"],
            self.words[:12],
            self.prefixes[:12],
            ["癌"] * 50,
            ["x" * 100],
            ["cacner"],
            [word[:9] + "q" for word in self.rare[:9]],
        ):
            q = " ".join(words)
            yield Attack("conditions pages", q[:40], "/conditions?" + urlencode({"q": q}))
            yield Attack("conditions pages", q[:40], "/conditions/" + "-".join(words))
        for slug in self.conditions[:60]:
            yield Attack("conditions pages", slug, f"/conditions/{slug}")
        for letters in (
            "a" * 60_000,
            "a-" * 30_000,
            "%F0%9F%A7%AA" * 5_000,
            "nct" + "0" * 50_000 + "1",
            "1" * 60_000,
        ):
            for path in (
                "/conditions/",
                "/trials/",
                "/study/",
                "/trials/filter/",
                "/static/",
                "/api/v1/",
                "/",
            ):
                yield Attack("addresses", f"{path}{letters[:8]}", path + letters)
        for start in (
            "/",
            "/trials",
            "/trials/suggest",
            "/conditions",
            "/about/data",
            "/api/v1/trials",
            "/healthz",
            "/static/x.css",
            "/nothing",
            "/trials/NCT00000001",
        ):
            yield Attack("addresses", f"{start} 30,000 parameters", start + "?" + "a&" * 30_000)
            yield Attack("addresses", f"{start} 20,000 values", start + "?" + "condition=a&" * 5_000)
            yield Attack("addresses", f"{start} 60 KB", start + "?q=" + "cancer+" * 8_500)
            yield Attack("addresses", f"{start} 60 KB of escapes", start + "?q=" + "%F0%9F%A7%AA" * 5_000)
            yield Attack("addresses", f"{start} within", start + "?within=" + "a" * 60_000)


def measure_dearest(database: Path, most: int = 6) -> str:
    """Print noteworthy costs at once, and return a Markdown table of the costliest and largest answers of each kind."""
    settings = Settings(database_url=f"sqlite:///{database}", request_seconds=60)
    app = create_app(settings)
    with TestClient(app) as client:
        app.state.trialmark.store.opened().warming.join()
        assert client.portal
        for address in ("/", "/trials", "/trials?q=cancer", "/conditions", "/trials/suggest?q=ca"):
            client.get(address)
        costs = [_cost(client.portal, app, attack) for attack in Attacks(database).all()]
    return _table(costs, most)


def _cost(portal: BlockingPortal, app: ASGIApp, attack: Attack) -> Cost:
    started = process_time()
    answer = portal.call(ask, app, "GET", attack.url)
    cost = Cost(attack, answer.status, process_time() - started, len(answer.body))
    if cost.is_noteworthy:
        print(_line(cost), file=sys.stderr, flush=True)
    return cost


def _table(costs: Sequence[Cost], most: int) -> str:
    lines = ["| kind | requests | what | status | CPU s | KB |", "|---|---|---|---|---|---|"]
    for kind in dict.fromkeys(cost.attack.kind for cost in costs):
        of_kind = [cost for cost in costs if cost.attack.kind == kind]
        dearest = sorted(of_kind, key=lambda cost: -cost.seconds)[:most]
        largest = sorted(of_kind, key=lambda cost: -cost.size)[:most]
        lines += [_line(cost, len(of_kind)) for cost in dict.fromkeys([*dearest, *largest])]
    failures = [cost.attack.what for cost in costs if cost.status >= 500]
    dear = sum(cost.seconds > 1 for cost in costs)
    large = sum(cost.size > 1_000_000 for cost in costs)
    refused = sum(cost.status == 400 for cost in costs)
    lines.append(
        f"\n{len(costs):,} requests, {refused:,} of them refused: {dear} over 1 s, {large} over 1 MB, "
        f"{len(failures)} failed {failures[:5]}"
    )
    return "\n".join(lines)


def _line(cost: Cost, of_kind: int = 1) -> str:
    what = cost.attack.what.replace("|", " ")[:80]
    return f"| {cost.attack.kind} | {of_kind} | {what} | {cost.status} | {cost.seconds:.2f} | {cost.size / 1000:,.0f} |"
