from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import orjson
import pytest

from app import __version__
from app.registries.ctgov.fetch import AnswerPage, FetchError, Politeness, pages, release
from tests.ctgov_server import Answer, CtgovServer, Fault, text

HURRIED = Politeness(min_interval=0, first_wait=0, timeout=5)


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
            self.now += seconds


def study(number: int, *, condition: str = "Asthma", updated: str = "2024-01-01") -> dict[str, Any]:
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": f"Study {number}"},
            "statusModule": {"lastUpdatePostDateStruct": {"date": updated}},
            "conditionsModule": {"conditions": [condition]},
        },
        "hasResults": False,
    }


STUDIES = [study(number) for number in range(1, 8)]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach the local server directly, whatever proxies the environment names."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[CtgovServer]:
    with CtgovServer(STUDIES) as running:
        yield running


def studies_on(page: AnswerPage) -> list[dict[str, Any]]:
    return [orjson.loads(study.data) for study in page.studies]


def fetched(server: CtgovServer, *, politeness: Politeness = HURRIED, **wanted: Any) -> list[dict[str, Any]]:
    asked = pages(server.base_url, page_size=3, politeness=politeness, **wanted)
    return [study for page in asked for study in studies_on(page)]


def test_all_studies_come_once_and_in_order_over_several_pages(server: CtgovServer) -> None:
    got = list(pages(server.base_url, page_size=3, politeness=HURRIED))
    assert [len(page.studies) for page in got] == [3, 3, 1]
    assert [study for page in got for study in studies_on(page)] == STUDIES


def test_a_registry_without_matching_studies_gives_one_empty_page(server: CtgovServer) -> None:
    (page,) = pages(server.base_url, condition="scurvy", politeness=HURRIED)
    assert (page.studies, page.total) == ((), 0)


def test_the_total_comes_with_the_first_page_only(server: CtgovServer) -> None:
    assert [page.total for page in pages(server.base_url, page_size=3, politeness=HURRIED)] == [7, None, None]


def test_every_page_repeats_the_parameters_and_only_the_first_asks_for_the_total(server: CtgovServer) -> None:
    fetched(server, condition="asthma", since=date(2023, 2, 1))
    first, *following = [request.query for request in server.requests]
    assert first == {
        "format": "json",
        "markupFormat": "markdown",
        "pageSize": "3",
        "query.cond": "asthma",
        "filter.advanced": "AREA[LastUpdatePostDate]RANGE[2023-02-01,MAX]",
        "countTotal": "true",
    }
    first.pop("countTotal")
    assert len(following) == 2
    assert all(query.pop("pageToken") for query in following)
    assert all(query == first for query in following)


def test_nothing_is_filtered_unless_asked(server: CtgovServer) -> None:
    fetched(server)
    assert not {"query.cond", "filter.advanced"} & server.requests[0].query.keys()


def test_only_studies_of_the_condition_arrive() -> None:
    with CtgovServer([study(1), study(2, condition="Gout & pain"), study(3)]) as server:
        assert fetched(server, condition="gout & PAIN") == [study(2, condition="Gout & pain")]


def test_only_studies_updated_since_the_date_arrive() -> None:
    days = ("2024-01-31", "2024-02-01", "2025-01-01")
    with CtgovServer([study(number, updated=day) for number, day in enumerate(days, 1)]) as server:
        assert fetched(server, since=date(2024, 2, 1)) == server.studies[1:]


def test_an_empty_page_is_not_the_end(server: CtgovServer) -> None:
    server.fail_next(Fault.EMPTY_PAGE, text(503), Fault.EMPTY_PAGE)
    got = pages(server.base_url, page_size=3, politeness=HURRIED)
    assert [len(page.studies) for page in got] == [0, 0, 3, 3, 1]


@pytest.mark.parametrize(
    "fault",
    [
        text(429, "Too many requests", Retry_After="0"),
        text(408),
        text(500),
        text(502),
        text(503, Retry_After="nonsense"),
        Fault.DROPPED_CONNECTION,
        Fault.TRUNCATED_JSON,
        Fault.NOT_JSON,
        Fault.NO_STUDIES,
        Answer(200, b"[]"),
        Answer(200, b"not gzip", {"Content-Encoding": "gzip"}),
    ],
    ids=lambda fault: fault.name if isinstance(fault, Fault) else f"HTTP {fault.status}",
)
@pytest.mark.parametrize("good_pages_before", [0, 1, 2])
def test_a_passing_fault_is_tried_again_and_loses_or_doubles_nothing(
    server: CtgovServer, fault: Fault | Answer, good_pages_before: int
) -> None:
    arriving = pages(server.base_url, page_size=3, politeness=HURRIED)
    got = [study for _ in range(good_pages_before) for study in studies_on(next(arriving))]
    server.fail_next(fault, fault)
    got += [study for page in arriving for study in studies_on(page)]
    assert got == STUDIES
    assert len(server.requests) == 5
    assert server.requests[good_pages_before].query == server.requests[good_pages_before + 2].query


def test_an_answer_that_does_not_begin_in_time_is_asked_for_again(server: CtgovServer) -> None:
    server.fail_next(Fault.SLOW_FIRST_BYTE)
    impatient = Politeness(min_interval=0, first_wait=0, timeout=0.5)
    assert fetched(server, politeness=impatient) == STUDIES
    assert server.requests[0].query == server.requests[1].query


def test_it_gives_up_after_the_attempts_with_one_line_that_names_the_status(server: CtgovServer) -> None:
    server.fail_next(*[text(503, "Upstream\nis away")] * 9)
    with pytest.raises(FetchError) as failure:
        fetched(server)
    assert str(failure.value) == (
        f"{server.base_url}/studies: HTTP 503 Service Unavailable: Upstream is away, "
        "after 6 attempts; try again later"
    )
    assert len(server.requests) == 6


def test_it_gives_up_on_a_server_that_is_not_there() -> None:
    with CtgovServer([]) as gone:
        base_url = gone.base_url
    with pytest.raises(FetchError, match=r"ConnectError .*, after 2 attempts") as failure:
        release(base_url, politeness=Politeness(min_interval=0, first_wait=0, attempts=2))
    assert "\n" not in str(failure.value)


def test_pages_before_a_failure_have_been_handed_out(server: CtgovServer) -> None:
    arriving = pages(server.base_url, page_size=3, politeness=HURRIED)
    assert studies_on(next(arriving)) == STUDIES[:3]
    server.fail_next(*[text(500)] * 6)
    with pytest.raises(FetchError, match="HTTP 500"):
        next(arriving)


def test_the_reason_for_a_bad_request_is_passed_on_at_once(server: CtgovServer) -> None:
    server.fail_next(text(400, "`query.cond`: unbalanced\n parenthesis at 1:8"))
    with pytest.raises(
        FetchError, match=r"HTTP 400 Bad Request: `query.cond`: unbalanced parenthesis at 1:8$"
    ):
        fetched(server, condition="(asthma")
    assert len(server.requests) == 1


def test_a_web_page_sent_with_a_refusal_is_left_out_of_the_message(server: CtgovServer) -> None:
    server.fail_next(Answer(404, b"<html><h1>No such page</h1></html>", {"Content-Type": "text/html"}))
    with pytest.raises(FetchError, match=r"/studies: HTTP 404 Not Found$"):
        fetched(server)


def test_a_network_that_is_kept_out_is_told_of_the_bulk_download(server: CtgovServer) -> None:
    server.fail_next(text(403))
    with pytest.raises(FetchError, match=r"HTTP 403 Forbidden; if it keeps refusing .* bulk download"):
        fetched(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "base_url", ["clinicaltrials.example/api/v2", "ftp://clinicaltrials.example", "http://[::1"]
)
def test_a_base_url_that_cannot_be_asked_is_named_with_its_setting(base_url: str) -> None:
    with pytest.raises(FetchError, match="TRIALMARK_CTGOV_BASE_URL"):
        release(base_url, politeness=HURRIED)


def test_a_token_that_leads_back_to_its_own_page_ends_the_run(server: CtgovServer) -> None:
    arriving = pages(server.base_url, page_size=3, politeness=HURRIED)
    next(arriving)
    server.fail_next(Fault.REPEATED_TOKEN)
    next(arriving)
    with pytest.raises(FetchError, match="twice"):
        next(arriving)
    assert len(server.requests) == 2


def test_requests_begin_no_closer_than_the_interval_however_long_the_reader_takes(
    server: CtgovServer,
) -> None:
    clock = Clock()
    arriving = pages(server.base_url, page_size=2, politeness=Politeness(sleep=clock.sleep, clock=clock))
    next(arriving)
    next(arriving)
    clock.now += 0.25
    next(arriving)
    clock.now += 60
    next(arriving)
    assert clock.slept == [1.0, 0.75]


def test_waits_between_attempts_double_with_jitter_up_to_the_longest(server: CtgovServer) -> None:
    clock = Clock()
    server.fail_next(*[text(500)] * 5)
    fetched(
        server,
        politeness=Politeness(min_interval=0, first_wait=1, max_wait=7, sleep=clock.sleep, clock=clock),
    )
    assert len(clock.slept) == 5
    for wait, shortest in zip(clock.slept, (1, 2, 4, 7, 7), strict=True):
        assert shortest <= wait <= min(shortest + 1, 7)


@pytest.mark.parametrize(
    ("retry_after", "slept"),
    [
        ("40", [40.0]),
        ("86400", [120.0]),
        (format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), [120.0]),
        ("Sun, 06 Nov 1994 08:49:37 GMT", []),
        ("Sun, 06 Nov 1994 08:49:37 -0000", []),
    ],
    ids=["seconds", "too many seconds", "a date far ahead", "a date gone by", "a date of no zone"],
)
def test_the_registry_s_own_waiting_time_is_kept_up_to_the_longest(
    server: CtgovServer, retry_after: str, slept: list[float]
) -> None:
    clock = Clock()
    server.fail_next(text(429, Retry_After=retry_after))
    fetched(server, politeness=Politeness(min_interval=0, first_wait=0, sleep=clock.sleep, clock=clock))
    assert clock.slept == slept


def test_requests_say_who_asks(server: CtgovServer) -> None:
    fetched(server)
    assert {request.headers["User-Agent"] for request in server.requests} == {f"trialmark/{__version__}"}


def test_the_release_is_the_registry_s_timestamp(server: CtgovServer) -> None:
    server.fail_next(text(503))
    assert release(server.base_url + "/", politeness=HURRIED) == "2025-11-14T09:00:05"
    assert [request.path for request in server.requests] == ["/version", "/version"]


def test_a_registry_that_states_no_timestamp_has_no_release(server: CtgovServer) -> None:
    server.data_timestamp = None
    assert release(server.base_url, politeness=HURRIED) is None
