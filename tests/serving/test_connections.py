"""Time limits for clients over real sockets; each test waits for an action of the server, not for a time."""

import select
import socket
from contextlib import suppress
from threading import Event, Thread
from typing import Self

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

from app.serving.draining import Server
from app.serving.listener import bind
from app.settings import Settings

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
PATIENT = 60.0
"""Seconds, more than any test takes."""
IMPATIENT = 0.2
LARGE = 100_000_000
"""Bytes, more than the kernel buffers for a client that does not read."""


class _Observed(Server):
    def __init__(self, app: FastAPI, settings: Settings, *, is_last: bool) -> None:
        super().__init__(app, settings, is_last=is_last)
        self.is_stopping = Event()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.is_stopping.set()
        await super().shutdown(sockets)


class Served:
    """A server in a thread, on a free port, with an application that does what a test wants."""

    def __init__(self, **limits: float) -> None:
        patient = {"arrival_seconds": PATIENT, "unread_seconds": PATIENT, "idle_seconds": PATIENT}
        settings = Settings.model_validate({**patient, **limits})
        self.is_asked, self.may_answer = Event(), Event()
        self.server = _Observed(self._app(), settings, is_last=True)
        self.clients: list[Client] = []
        self.listener = bind("127.0.0.1", 0)
        self.address = self.listener.getsockname()
        self._thread = Thread(target=self.server.run, kwargs={"sockets": [self.listener]})

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.api_route("/", methods=["GET", "POST"])
        def small() -> PlainTextResponse:
            return PlainTextResponse("small")

        @app.get("/large")
        def large() -> StreamingResponse:
            return StreamingResponse(bytes(1_000_000) for _ in range(LARGE // 1_000_000))

        @app.get("/held")
        def held() -> PlainTextResponse:
            self.is_asked.set()
            self.may_answer.wait(PATIENT)
            return PlainTextResponse("held")

        return app

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.server.should_exit = True

    def join(self) -> None:
        self._thread.join(PATIENT)
        assert not self._thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.clients:
            client.connection.close()
        self.may_answer.set()
        self.stop()
        self.join()

    def connect(self) -> "Client":
        client = Client(socket.create_connection(self.address, timeout=PATIENT))
        self.clients.append(client)
        return client


class Client:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def until(self, end: bytes) -> bytes:
        """Return what the server sends up to and including some bytes."""
        received = b""
        while not received.endswith(end):
            data = self.connection.recv(65_536)
            assert data, f"closed after {received!r}"
            received += data
        return received

    def wait_for_reset(self) -> None:
        """Wait for the reset without reading anything."""
        poll = select.poll()
        poll.register(self.connection, 0)
        assert poll.poll(PATIENT * 1000)

    def rest(self) -> bytes:
        """Return what the server sends until it closes the connection, gently or not."""
        received = bytearray()
        with suppress(ConnectionResetError):
            while data := self.connection.recv(1_000_000):
                received += data
        return bytes(received)


def serving(**limits: float) -> Served:
    served = Served(**limits)
    served.start()
    return served


def drip(client: Client, data: bytes) -> bytes:
    """Send a byte whenever the server has been silent for a moment, until it closes; return what it said."""
    received = b""
    client.connection.settimeout(IMPATIENT / 4)
    for number in range(1_000):
        try:
            client.send(data[number % len(data) :][:1])
            if not (said := client.connection.recv(65_536)):
                return received
            received += said
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            return received
    return pytest.fail("the server is still listening")


class TestSlowRequests:
    def test_a_connection_that_says_nothing_is_closed(self) -> None:
        with serving(arrival_seconds=IMPATIENT) as served:
            assert served.connect().rest() == b""

    def test_a_head_that_comes_in_drops_is_refused_as_too_slow(self) -> None:
        with serving(arrival_seconds=IMPATIENT) as served:
            client = served.connect()
            client.send(b"GET / HTTP/1.1\r\n")
            assert drip(client, b"X: y\r\n").startswith(b"HTTP/1.1 408 Request Timeout\r\n")

    def test_a_later_request_has_the_same_time_as_the_first(self) -> None:
        with serving(arrival_seconds=IMPATIENT) as served:
            client = served.connect()
            client.send(REQUEST)
            client.until(b"small")
            assert drip(client, REQUEST[:-4] + b"\r\nX: y").startswith(b"HTTP/1.1 408 ")

    def test_empty_lines_between_requests_do_not_keep_a_connection(self) -> None:
        with serving(arrival_seconds=IMPATIENT) as served:
            client = served.connect()
            client.send(REQUEST)
            client.until(b"small")
            assert drip(client, b"\r\n") == b""

    def test_a_body_that_never_comes_is_answered_once_and_then_closed(self) -> None:
        with serving(arrival_seconds=IMPATIENT) as served:
            client = served.connect()
            client.send(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n")
            assert drip(client, b"x").count(b"HTTP/1.1") == 1

    def test_a_head_without_end_is_refused_before_it_fills_memory(self) -> None:
        with serving() as served:
            client = served.connect()
            client.send(b"GET / HTTP/1.1\r\nHost: here\r\nX-Long: ")
            for _ in range(8):
                client.send(b"x" * 10_000)
            assert client.rest().startswith(b"HTTP/1.1 431 ")

    def test_an_answer_that_takes_long_is_waited_for(self) -> None:
        with serving(arrival_seconds=IMPATIENT, idle_seconds=IMPATIENT) as served:
            quiet, client = served.connect(), served.connect()
            client.send(REQUEST.replace(b"/ ", b"/held "))
            served.is_asked.wait(PATIENT)
            quiet.rest()  # both limits have passed
            served.may_answer.set()
            assert client.rest().endswith(b"held")


class TestUnreadAnswers:
    @pytest.mark.parametrize("closing", [b"", b"Connection: close\r\n"])
    def test_a_client_that_never_reads_is_cut_off(self, closing: bytes) -> None:
        with serving(unread_seconds=IMPATIENT) as served:
            client = served.connect()
            client.send(b"GET /large HTTP/1.1\r\nHost: here\r\n" + closing + b"\r\n")
            client.wait_for_reset()
            assert len(client.rest()) < LARGE

    def test_a_client_that_reads_gets_everything(self) -> None:
        with serving(unread_seconds=1) as served:
            client = served.connect()
            client.send(b"GET /large HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            assert len(client.rest()) > LARGE


class TestManyConnections:
    def test_the_longest_waiting_makes_room_and_busy_ones_stay(self) -> None:
        with serving(connections_per_worker=3) as served:
            busy = served.connect()
            busy.send(REQUEST.replace(b"/ ", b"/held "))
            assert served.is_asked.wait(PATIENT)
            first, *_ = [served.connect() for _ in range(20)]
            assert first.rest() == b""
            last = served.connect()
            last.send(REQUEST)
            assert last.until(b"small")
            served.may_answer.set()
            assert busy.until(b"held")


class TestStopping:
    def test_what_is_under_way_waits_to_be_accepted_or_comes_on_an_open_connection_is_answered(self) -> None:
        with serving() as served:
            under_way, kept, fresh = served.connect(), served.connect(), served.connect()
            under_way.send(REQUEST.replace(b"/ ", b"/held "))
            kept.send(REQUEST)
            kept.until(b"small")
            assert served.is_asked.wait(PATIENT)
            served.stop()
            assert served.server.is_stopping.wait(PATIENT)
            for client in (kept, fresh):
                client.send(REQUEST)
                answer = client.rest()
                assert b"connection: close\r\n" in answer
                assert answer.endswith(b"small")
            served.may_answer.set()
            assert under_way.rest().endswith(b"held")
            served.join()

    def test_connections_that_nobody_has_accepted_yet_are_answered(self) -> None:
        served = Served(idle_seconds=IMPATIENT)
        waiting = [served.connect() for _ in range(50)]
        for client in waiting:
            client.send(REQUEST)
        served.stop()
        served.start()
        with served:
            assert [client.rest().endswith(b"small") for client in waiting] == [True] * 50

    def test_an_idle_connection_is_closed_when_its_time_is_up(self) -> None:
        with serving(idle_seconds=IMPATIENT) as served:
            fresh = served.connect()
            served.stop()
            assert fresh.rest() == b""
            served.join()

    def test_a_request_that_never_ends_does_not_keep_the_server(self) -> None:
        with serving(stop_seconds=1) as served:
            client = served.connect()
            client.send(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n")
            client.until(b"\0")
            served.stop()
            served.join()
