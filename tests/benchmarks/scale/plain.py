"""Compares the list with a constant of the same bytes and with its template over data that is ready, in one run."""

import sys

from tests.benchmarks.scale.load import answers_per_second
from tests.benchmarks.scale.pages import list_times
from tests.benchmarks.scale.place import Place
from tests.benchmarks.scale.processes import free_port, serving, started
from tests.benchmarks.scale.report import Fact, Times, facts_table, times_table
from tests.benchmarks.scale.samples import apart

_REPEATED = 200
_MANY = 2_000
"""Number of requests, more than there is time for."""


def measure_plain(place: Place) -> str:
    with serving(place) as server:
        whole = list_times(server)
        length = len(server.body("/trials"))
        whole_rate = answers_per_second(server.port, apart(["/trials"] * _MANY))
    port = free_port()
    with started([*_command(port)], place, port, "/constant") as server:
        constant_length = len(server.body("/constant"))
        constant = server.times("constant answer", ["/constant"] * _REPEATED)
        server.ask(["/template"] * 10)
        template = server.times("template from ready data", ["/template"] * _REPEATED)
        constant_rate = answers_per_second(server.port, ["/constant"])
    facts = [
        Fact("bytes of the list, of the constant answer", f"{length:,}, {constant_length:,}"),
        Fact("list / template from ready data", _ratio(whole, template), "2.5 times"),
        Fact("list / constant answer", _ratio(whole, constant)),
        Fact("lists, constant answers", f"{whole_rate:,.0f}, {constant_rate:,.0f} a second"),
    ]
    return f"{times_table([whole, template, constant])}\n\n{facts_table(facts)}"


def _ratio(times: Times, other: Times) -> str:
    assert times.processor, times.what
    assert other.processor, other.what
    by_processor = times.processor / other.processor
    return f"{times.p50 / other.p50:.1f} times ({by_processor:.1f} by processor time)"


def _command(port: int) -> list[str]:
    module = "tests.benchmarks.scale.plain_server:application"
    return [
        sys.executable,
        *("-m", "uvicorn", module, "--factory", "--port", str(port)),
        *("--no-access-log", "--log-level", "warning"),
    ]
