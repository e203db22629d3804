"""Measures pages of `trialmark serve` with one worker: server time of each, pages a second, and memory.

The time is that in the request log, without compression. No two addresses are the same, so that no cache helps.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

from app.index.facets import FACETS
from tests.benchmarks.scale.load import CONNECTIONS, SECONDS, answers_per_second
from tests.benchmarks.scale.place import Place
from tests.benchmarks.scale.processes import Server, serving
from tests.benchmarks.scale.report import Fact, Times, facts_table, times_table
from tests.benchmarks.scale.samples import Samples, apart

_LIST = "p50 15, p95 50"
_TEXT = "p95 120"
_TYPED = "p95 20"
_TRIAL = "p50 8, p95 25"
_REPEATED = 200
_RANDOM = 200
_TYPED_NAMES = 300
_TRIAL_PAGES = 1_000


def measure_pages(place: Place) -> str:
    samples = Samples(place.settings)
    with serving(place) as server:
        started, used = server.seconds_to_first_page, server.cpu_seconds()
        at_first = server.memory()
        server.ask(["/trials"] * 10)
        times = [*_lists(server, samples), *_texts(server, samples), *_others(server, samples)]
        rates = list(_rates(server, samples))
        facts = [
            Fact("start to first page", f"{started:.1f} seconds ({used:.1f} of processor time)", "2 seconds"),
            Fact("memory of the worker after its first page", str(at_first)),
            *rates,
            Fact("memory of the worker after all this", str(server.memory()), "400 MB"),
            Fact("exports, feeds", "left out: there are none yet"),
        ]
    return f"{times_table(times)}\n\n{facts_table(facts)}"


def list_times(server: Server) -> Times:
    server.ask(["/trials"] * 10)
    return server.times("list, no filter", apart(["/trials"] * _REPEATED), _LIST)


def _lists(server: Server, samples: Samples) -> Iterator[Times]:
    yield list_times(server)
    compressed = {"Accept-Encoding": "gzip"}
    yield server.times("list, no filter, compressed", apart(["/trials"] * _REPEATED), headers=compressed)
    for facet in FACETS:
        yield _timed(server, f"list, one {facet.label.lower()}", samples.of_facet(facet.name), _LIST)
    filtered = [query.url() for query in samples.some_filters(_RANDOM)]
    yield _timed(server, "list, 1 to 5 filters at random", filtered, _LIST)
    first, far = samples.sorted_lists()
    server.ask(first)
    yield _timed(server, "list, every order, page 1", first * 5, _LIST)
    yield _timed(server, "list, every order, page 400 or the last", far * 5, _LIST)


def _texts(server: Server, samples: Samples) -> Iterator[Times]:
    of_all: list[float] = []
    for name, words in samples.words().items():
        times = _timed(server, f"list, {name}", [f"/trials?{urlencode({'q': q})}" for q in words], _TEXT)
        of_all += times.milliseconds
        yield times
    yield Times("list, all these words", of_all, _TEXT)


def _others(server: Server, samples: Samples) -> Iterator[Times]:
    for name, typed in zip(("beginnings", "typos"), samples.typed(_TYPED_NAMES), strict=True):
        addresses = [f"/trials/suggest?{urlencode({'q': q})}" for q in typed]
        yield _timed(server, f"type-ahead, {name} of names", addresses, _TYPED)
    yield _timed(server, "trial page", samples.trial_pages(_TRIAL_PAGES), _TRIAL)
    known = {"If-None-Match": server.entity_tag("/trials")}
    unchanged = ["/trials"] * _REPEATED
    yield server.times("list, 304 for an unchanged one", unchanged, headers=known, expected=304)


def _timed(server: Server, what: str, addresses: list[str], target: str) -> Times:
    return server.times(what, apart(addresses), target)


def _rates(server: Server, samples: Samples) -> Iterator[Fact]:
    filtered = [query.url() for query in samples.some_filters(_RANDOM)]
    many = f"over {CONNECTIONS} connections"
    for what, addresses in (("no filter", ["/trials"] * 2_000), ("1 to 5 filters", filtered * 10)):
        yield Fact(f"lists, {what}, uncached, {many}", _rate(server, apart(addresses)), "80 a second")
    yield Fact(f"the same list again and again, {many}", _rate(server, ["/trials"]), "2,000 a second")
    unchanged = _rate(server, ["/trials"], server.entity_tag("/trials"))
    yield Fact(f"304 for the same list, {many}", unchanged, "2,000 a second")


def _rate(server: Server, addresses: list[str], entity_tag: str = "") -> str:
    before = server.cpu_seconds()
    rate = answers_per_second(server.port, addresses, entity_tag)
    alone = rate * SECONDS / (server.cpu_seconds() - before)
    return f"{rate:,.0f} a second ({alone:,.0f} of processor time)"
