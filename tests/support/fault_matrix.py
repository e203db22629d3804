"""Every way in which the registry may misbehave, and a check that the next undisturbed run leaves no trace of it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.database.engine import open_engine
from app.failures import ExpectedError
from app.ingest.checks.check import problems
from app.registries.ctgov.fetch import Politeness
from app.settings import Settings
from tests.ctgov_server import Answer, CtgovServer, Fault, Request, as_json, text
from tests.factories import Study, study
from tests.support.contents import Contents, contents_of_trials, differences
from tests.support.live_runs import run
from tests.support.registry_history import RegistryHistory
from tests.support.tables import rows_of

FIRST, SECOND = "2026-03-02", "2026-03-03"
PAGE = 3
IMPATIENT = Politeness(
    min_interval=0,
    first_wait=0,
    attempts=1,
    timeout=0.5,
    longest_answer=0.5,
    largest_answer=1 << 20,
    largest_record=1 << 18,
)
Spoil = Callable[[CtgovServer], None]


def trial(number: int, **about: Any) -> Study:
    """Make a study; some share conditions, sponsors and terms, so that counts move when one of them changes."""
    asthma, gout = ("D001249", "Asthma"), ("D006073", "Gout")
    defaults: dict[str, Any] = {
        "title": f"Trial {number}",
        "conditions": [["Asthma"], ["Gout"], ["Asthma", "Gout"], ["Chronic back pain (CBP)"]][number % 4],
        "mesh": [[asthma], [gout], [asthma, gout], []][number % 4],
        "ancestors": [("D012140", "Respiratory Tract Diseases")] if number % 4 == 0 else [],
        "sponsor": f"Sponsor {number % 2}",
        "updated": "2026-03-01",
        "version": FIRST,
    }
    return study(f"NCT0000000{number}", **defaults | about)


def history() -> RegistryHistory:
    """Make two days of a registry: seven studies, of which two are updated on the day when two others come."""
    history = RegistryHistory()
    history.show(FIRST, *(trial(number) for number in range(1, 8)))
    history.show(SECOND, trial(2, title="Trial 2, changed", conditions=["Asthma"], updated=SECOND))
    history.show(SECOND, trial(5, title="Trial 5, changed", sponsor="Sponsor 3", updated=SECOND))
    history.show(SECOND, trial(8, updated="2026-02-27"), trial(9, updated=SECOND))
    return history


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    engine = open_engine(Settings(database_url=f"sqlite:///{path}"))
    yield engine
    engine.dispose()


def state(engine: Engine) -> Contents:
    """Return what follows from the records, and what the next run will build on."""
    return contents_of_trials(engine) | {
        "watermark": [{"row": row} for row in rows_of(engine, "SELECT scope, version FROM watermark")],
        "rejected_record": [{"row": row} for row in rows_of(engine, "SELECT reason FROM rejected_record")],
    }


@dataclass
class Faultless:
    """The database after each day when nothing goes wrong, and its state."""

    server: CtgovServer
    empty: Path
    folder: Path
    history: RegistryHistory = field(default_factory=history)
    files: dict[str, Path] = field(default_factory=dict)
    states: dict[str, Contents] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server.bomb_size = 4 << 20
        self.server.slow_seconds = 20
        before = self.empty
        for day in (FIRST, SECOND):
            self.files[day] = Path(shutil.copy(before, self.folder / f"{day}.db"))
            self.server.show(self.history, day)
            with opened(self.files[day]) as engine:
                run(engine, self.server, page_size=PAGE)
                self.states[day] = state(engine)
            before = self.files[day]

    def require_no_trace(self, fault: str, day: str, path: Path) -> None:
        """Run with a fault and then without, over the database before a day; require that both leave it consistent."""
        shutil.copy(self.empty if day == FIRST else self.files[FIRST], path)
        self.server.show(self.history, day)
        with opened(path) as engine:
            FAULTS[fault](self.server)
            with suppress(ExpectedError):
                run(engine, self.server, page_size=PAGE, politeness=IMPATIENT)
            assert problems(engine) == []
            self.server.behave()
            self.server.show(self.history, day)
            run(engine, self.server, page_size=PAGE)
            found = differences(state(engine), self.states[day])
            assert found == {}, found  # raised with a message, for the campaign is no test
            assert problems(engine) == []


def at(place: int, *faults: Fault | Answer) -> Spoil:
    """Spoil the requests from one place of the run on: 0 is /version, 1 the first page."""
    return lambda server: server.fail_next(*[None] * place, *faults)


def sending(change: Callable[[Study], object], *numbers: int) -> Spoil:
    """Change the studies of these numbers before they are sent."""

    def sent(one: Study) -> Study:
        number = int(one["protocolSection"]["identificationModule"]["nctId"][3:])
        if not numbers or number in numbers:
            one = deepcopy(one)
            change(one)
        return one

    return lambda server: setattr(server, "sent", sent)


def having_between(*records: bytes) -> Spoil:
    """Put bad records among the studies."""
    return lambda server: server.raw_studies.update(enumerate(records))


def protocol(one: Study) -> Any:
    return one["protocolSection"]


def version_held(version: object) -> Callable[[Study], object]:
    return lambda one: one["derivedSection"]["miscInfoModule"].update(versionHolder=version)


def moving_on(server: CtgovServer) -> None:
    """Let the registry load its data again while the run reads its pages."""

    def move(request: Request) -> None:
        if "pageToken" in request.query:
            server.data_timestamp = "2026-03-04T09:00:05"
            for one in server.studies:
                version_held("2026-03-04")(one)

    server.before_answer = move


def without(module: str, name: str) -> Callable[[Study], object]:
    return lambda one: protocol(one)[module].pop(name)


DEEP = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BAD_RECORDS = {
    "null": b"null",
    "a list": b"[1, 2]",
    "a text": b'"study"',
    "a number": b"1e999",
    "NaN": b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000077"}}, "x": NaN}',
    "half a surrogate pair": b'{"x": "\\ud800"}',
    "nested deep": b'{"x": ' + b"[" * 300 + b"]" * 300 + b"}",
    "nested far too deep": DEEP,
    "huge number": b'{"protocolSection": {"designModule": {"enrollmentInfo": {"count": 1'
    + b"0" * 400
    + b"}}}}",
    "a raw NUL": b'{"x": "\x00"}',
    "not UTF-8": b'{"x": "\xff\xfe"}',
    "no id": b"{}",
    "another id": b'{"protocolSection": {"identificationModule": {"nctId": "EUCTR1"}}}',
    "one key twice": b'{"protocolSection": 1, "protocolSection": {"identificationModule": 2}}',
    "too large": b'{"x": "' + b"y" * (1 << 19) + b'"}',
}
ODD_VERSIONS: tuple[object, ...] = ("2099-01-01", "zz unknown", 7, {})
FAULTS: dict[str, Spoil] = {
    **{f"page 1, {fault.name}": at(1, fault) for fault in Fault if fault is not Fault.REPEATED_TOKEN},
    **{f"page 2, {fault.name}": at(2, fault) for fault in Fault},
    **{
        f"page 2, HTTP {answer.status}": at(2, answer)
        for answer in (
            text(429, Retry_After="9999"),
            text(408),
            text(500),
            text(503),
            text(400, "No"),
            text(404),
        )
    },
    "version, HTTP 500": at(0, text(500)),
    "version, HTTP 404": at(0, text(404)),
    "version, not JSON": at(0, Fault.NOT_JSON),
    "version, a list": at(0, as_json([])),
    **{
        f"version {stated!r}": at(0, as_json({"dataTimestamp": stated}))
        for stated in ("soon", "2099-01-01T00:00:00", "2026-02-30T00:00:00", "0001-01-01", "", 20260302, None)
    },
    "version moves on": moving_on,
    **{f"version held {held!r}": sending(version_held(held), 3) for held in ODD_VERSIONS},
    "one study cannot be read": sending(lambda one: protocol(one).update(eligibilityModule=3), 5),
    "all studies without status": sending(without("statusModule", "overallStatus")),
    "all studies without title": sending(without("identificationModule", "briefTitle")),
    "all studies without id": sending(without("identificationModule", "nctId")),
    "all studies empty": sending(lambda one: one.clear()),
    **{f"a record that is {name}": having_between(record) for name, record in BAD_RECORDS.items()},
}
