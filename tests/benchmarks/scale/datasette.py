"""Compares our lists with Datasette's on the same file, with facets for those filters that are columns of `trial`."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import orjson

from tests.benchmarks.scale.place import Place
from tests.benchmarks.scale.processes import free_port, serving, started
from tests.benchmarks.scale.report import Fact, Times, facts_table, times_table
from tests.benchmarks.scale.samples import apart

_TIME_LIMIT_MS = 300_000
"""A generous limit, so that every answer is complete."""
_REPEATED = 3
_COLUMNS = ("status", "study_type", "sex", "has_results", "enrollment_kind", "is_synthetic")
_FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"status": "recruiting"},
    {"status": "completed", "sex": "female"},
    {"study_type": "interventional"},
    {"study_type": "observational", "sex": "all"},
    {"results": "posted"},
    {"results": "none", "status": "completed", "study_type": "interventional"},
)
"""Filters as our program names them; all but `results` have the same name in Datasette."""


def measure_datasette(place: Place) -> str:
    """Measure a client's waits for both on a second request of each list; our page has twice as many facets."""
    program = _installed(place)
    ours = [f"/trials?{urlencode(filters)}" for filters in _FILTERS]
    theirs = [_address(place, filters) for filters in _FILTERS] * _REPEATED
    with serving(place) as server:
        totals = [_total(server.body(f"/api/v1/trials?{urlencode(filters)}")) for filters in _FILTERS]
        server.ask(ours)
        waits = Times("a client's wait for lists here", server.ask(apart(ours * _REPEATED)))
    port = free_port()
    with started(_command(program, place, port), place, port, "/-/versions.json") as server:
        version = orjson.loads(server.body("/-/versions.json"))["datasette"]["version"]
        answers = [orjson.loads(server.body(_address(place, filters, ".json"))) for filters in _FILTERS]
        datasette = Times(f"a client's wait for lists in Datasette {version}", server.ask(theirs))
    complete = sum(
        set(answer["facet_results"]) == set(_COLUMNS) and answer["filtered_table_rows_count"] == total
        for answer, total in zip(answers, totals, strict=True)
    )
    facts = [
        Fact("Datasette / here", f"{datasette.p50 / waits.p50:.1f} times", "50 times"),
        Fact("facets in Datasette, here", f"{len(_COLUMNS)}, 12"),
        Fact("answers of Datasette with every facet and the same total", f"{complete} of {len(answers)}"),
    ]
    return f"{times_table([waits, datasette])}\n\n{facts_table(facts)}"


def _installed(place: Place) -> Path:
    """Install Datasette in an environment of its own beside the database."""
    program = place.beside("datasette") / "bin" / "datasette"
    if not program.exists():
        folder = place.beside("datasette")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-qq", "datasette"], check=True)
    return program


def _command(program: Path, place: Place, port: int) -> list[str]:
    settings = {
        "sql_time_limit_ms": _TIME_LIMIT_MS,
        "facet_time_limit_ms": _TIME_LIMIT_MS,
        "suggest_facets": "off",
        "default_page_size": 25,
    }
    chosen = [word for name, value in settings.items() for word in ("--setting", name, str(value))]
    return [str(program), "serve", str(place.database), "--port", str(port), *chosen]


def _address(place: Place, filters: dict[str, str], form: str = "") -> str:
    columns = {name: value for name, value in filters.items() if name != "results"}
    if results := filters.get("results"):
        columns["has_results"] = str(int(results == "posted"))
    asked = [("_facet", column) for column in _COLUMNS]
    asked += [*columns.items(), ("_sort_desc", "last_update_posted")]
    return f"/{place.database.stem}/trial{form}?{urlencode(asked)}"


def _total(answer: bytes) -> int:
    return int(orjson.loads(answer)["total"])
