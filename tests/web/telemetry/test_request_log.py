"""What is logged of a request, and what is not: search words, ages and places are health data."""

import io
import logging
import os
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog
from sqlalchemy import text
from starlette.testclient import TestClient

from app.main import create_app
from app.runtime.log import configure_logging
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

pytestmark = pytest.mark.slow

WORD = "hodgkin"
SECRETS = (WORD, "51.5074", "NCT00000042", "rare-disease", "67 years")
ADDRESSES = (
    "/trials?q=hodgkin&age=67+years&near=51.5074,0",
    "/trials/NCT00000042",
    "/conditions/rare-disease",
    "/trials?status=hodgkin",
    "/trials/suggest?q=hodgkin",
    "/api/v1/trials?phase=hodgkin",
    "/hodgkin/rare-disease",
    "/static/hodgkin.css",
    "/study/NCT00000042",
)


class Log:
    """All that the process logs, as JSON lines."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.stream.getvalue().splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == "request"]


@pytest.fixture(params=["json"])
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    configure_logging(request.param)
    ours = logging.getLogger("trialmark")
    ours.setLevel(logging.INFO)  # pytest sets the root logger's handlers for each test
    log = Log()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(log.stream)
    yield log
    root.handlers, root.level = handlers, level
    ours.setLevel(logging.NOTSET)
    structlog.configure(**before)


def client_of(settings: Settings, **changes: object) -> TestClient:
    app = create_app(settings.model_copy(update=changes))
    return TestClient(app, raise_server_exceptions=False)


class TestRequests:
    def test_a_line_says_route_status_and_time(self, log: Log, settings: Settings, ingest: Ingest) -> None:
        ingest([study("NCT00000001")])
        with client_of(settings) as client:
            client.get("/trials/NCT00000001")
            client.get("/trials/NCT00000001")
            client.get("/trials/NCT00000009")
            client.get("/nowhere")
        told = [(line["method"], line["route"], line["status"]) for line in log.requests()]
        trial = "/trials/{registry_id}"
        assert told == [("GET", trial, 200)] * 2 + [("GET", trial, 404), ("GET", "(none)", 404)]
        assert all(line["ms"] >= 0 and line["request_id"] for line in log.requests())

    def test_nothing_that_a_reader_asks_for_is_written(self, log: Log, settings: Settings) -> None:
        with client_of(settings) as client:
            for address in ADDRESSES:
                client.get(address, follow_redirects=False)
        written = log.stream.getvalue()
        assert len(log.requests()) == len(ADDRESSES)
        assert [secret for secret in SECRETS if secret in written] == []
        assert "testclient" not in written

    def test_queries_are_written_where_that_is_configured(self, log: Log, settings: Settings) -> None:
        with client_of(settings, log_queries=True) as client:
            client.get(ADDRESSES[0])
        (line,) = log.requests()
        assert line["path"] == "/trials"
        assert "hodgkin" in line["query"]

    def test_probes_are_written_only_when_they_fail(self, log: Log, settings: Settings) -> None:
        with client_of(settings) as client:
            for path in ("/healthz", "/readyz", "/metrics", "/static/app.css"):
                assert client.get(path).status_code == 200
                assert client.head(path).status_code == 200
            assert log.requests() == []
            settings.database_path.unlink()
            client.get("/readyz")
            client.get("/static/no.css")
        assert [(line["route"], line["status"]) for line in log.requests()] == [
            ("/readyz", 503),
            ("/static/...", 404),
        ]


class TestFailures:
    @pytest.fixture
    def _broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            try:
                os.environ[WORD]
            except KeyError as error:
                raise RuntimeError(f"no place for {WORD}") from error

        monkeypatch.setattr("app.pages.trial_list.build", fail)

    @pytest.mark.usefixtures("_broken")
    def test_a_traceback_has_the_request_s_id_and_the_place_but_no_value(
        self, log: Log, settings: Settings
    ) -> None:
        with client_of(settings) as client:
            answer = client.get("/trials?q=hodgkin")
        (line,) = [line for line in log.lines if line["event"] == "failure"]
        assert line["request_id"] == answer.headers["x-request-id"] == log.requests()[0]["request_id"]
        assert "builtins.KeyError" in line["exception"]
        assert "builtins.RuntimeError" in line["exception"]
        assert "in fail" in line["exception"]
        assert WORD not in log.stream.getvalue()

    @pytest.mark.usefixtures("_broken")
    def test_messages_are_written_where_queries_are(self, log: Log, settings: Settings) -> None:
        with client_of(settings, log_queries=True) as client:
            client.get("/trials?q=hodgkin")
        (line,) = [line for line in log.lines if line["event"] == "failure"]
        assert "RuntimeError: no place for hodgkin" in line["exception"]

    def test_statements_that_fail_do_not_tell_what_was_searched_for(
        self, log: Log, settings: Settings, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ingest([study()])
        wrong = text("SELECT json_group_array(rowid) FROM trial_text WHERE nothing MATCH :match")
        monkeypatch.setattr("app.search.words.text._FIND", wrong)
        with client_of(settings) as client:
            assert client.get("/trials?q=hodgkin").status_code == 500
        assert "OperationalError: SQLITE_ERROR" in log.stream.getvalue()
        assert "hodgkin" not in log.stream.getvalue()

    def test_a_database_that_cannot_be_read_is_said_once_with_what_helps(
        self, log: Log, settings: Settings
    ) -> None:
        with client_of(settings) as client:
            settings.database_path.unlink()
            for _ in range(3):
                assert client.get("/trials").status_code == 503
        (line,) = [line for line in log.lines if line["event"] == "the database cannot be read"]
        assert line["code"] == "missing"
        assert "trialmark restore" in line["reason"]
        assert not [line for line in log.lines if "exception" in line]


class TestIds:
    def test_every_answer_has_an_id_of_its_own(self, client: TestClient) -> None:
        addresses = ("/", "/", "/trials", "/nowhere", "/healthz", "/static/app.css", "/api/v1/trials")
        ids = [client.get(address).headers["x-request-id"] for address in addresses]
        assert len(set(ids)) == len(ids)

    @pytest.mark.parametrize("sent", ["a", "4bf92f3577b34da6a3ce929d0e0e4736", "edge-7.example_1"])
    def test_the_id_of_the_proxy_is_taken_over(self, client: TestClient, sent: str) -> None:
        for address in ("/trials", "/trials", "/nowhere"):
            assert client.get(address, headers={"X-Request-ID": sent}).headers["x-request-id"] == sent

    @pytest.mark.parametrize("sent", ["", " ", "a b", 'a"b', "<x>", "é".encode(), "x" * 65, "-x", "a;b=c"])
    def test_an_id_that_could_break_a_line_or_a_page_is_replaced(
        self, client: TestClient, sent: str | bytes
    ) -> None:
        name, value = b"X-Request-ID", sent if isinstance(sent, bytes) else sent.encode()
        answer = client.get("/nowhere", headers=[(name, value)])
        assert len(answer.headers["x-request-id"]) == 16

    def test_pages_of_server_errors_show_the_id(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.pages.trial_list.build", lambda *_: 1 / 0)
        answer = client.get("/trials")
        assert answer.status_code == 500
        assert f"<code>{answer.headers['x-request-id']}</code>" in answer.text
        problem = client.get("/api/v1/trials?phase=banana")
        assert problem.json()["reference"] == problem.headers["x-request-id"]
