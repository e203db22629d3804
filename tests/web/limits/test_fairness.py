"""A client with many heavy searches delays neither light pages nor other clients, over a real server."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
import uvicorn

from app.main import create_app
from app.search.words import text
from app.serving.listener import bind
from app.settings import Settings
from app.web.limits.turns import Turns

AT_ONCE, MOST_WAITING = 2, 6
GREEDY, MODEST = "127.0.0.2", "127.0.0.3"
"""Addresses of clients: all of 127.0.0.0/8 is this machine."""


class Gate:
    """A stand-in for long work: heavy searches stop here, and each is let through by itself."""

    def __init__(self) -> None:
        self.arrived: Queue[str] = Queue()
        self._open = threading.Semaphore(0)

    def pass_through(self, match: str) -> None:
        self.arrived.put(match)
        assert self._open.acquire(timeout=60)

    def let_through(self, number: int = 1) -> None:
        self._open.release(number)


class AnnouncedServer(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_listening.set()


@contextmanager
def serving(settings: Settings, gate: Gate) -> Iterator[tuple[int, Turns]]:
    """Serve in a thread, on a free port."""
    app = create_app(settings)
    app.state.turns = Turns(at_once=AT_ONCE, most_waiting=MOST_WAITING, longest_wait=600)
    listener = bind("127.0.0.1", 0)
    server = AnnouncedServer(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert server.is_listening.wait(60)
    try:
        yield listener.getsockname()[1], app.state.turns
    finally:
        gate.let_through(1_000)
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate, find = Gate(), text.matching_trials

    def slowly(session: object, match: str) -> object:
        if "heavy" in match:
            gate.pass_through(match)
        return find(session, match)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(text, "matching_trials", slowly)
    return gate


class Clients:
    """Clients whose requests each have a thread of their own; answers are noted in the order in which they come."""

    def __init__(self, port: int, turns: Turns) -> None:
        self._port = port
        self._turns = turns
        self.answers: Queue[tuple[str, int]] = Queue()
        self._threads: list[threading.Thread] = []

    def ask(self, client: str, name: str) -> None:
        """Ask for a heavy search in the background."""
        thread = threading.Thread(target=self._ask, args=(client, name))
        thread.start()
        self._threads.append(thread)

    def get(self, client: str, url: str) -> int:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=60, source_address=(client, 0)
        )
        connection.request("GET", url)
        status = connection.getresponse().status
        connection.close()
        return status

    def wait_for_line(self, length: int) -> None:
        """Ask for something light until so many heavy searches stand in line."""
        for _ in range(1_000):
            if self._turns.waiting == length:
                return
            self.get(MODEST, "/healthz")
        raise AssertionError(self._turns.waiting)

    def finish(self) -> None:
        for thread in self._threads:
            thread.join()

    def _ask(self, client: str, name: str) -> None:
        words = "+OR+".join(f"heavy{name}{number}" for number in range(40))
        self.answers.put((name, self.get(client, f"/trials?q={words}")))


def test_light_pages_and_other_clients_go_before_the_rest_of_a_long_line(
    settings: Settings, gate: Gate
) -> None:
    with serving(settings, gate) as (port, turns):
        clients = Clients(port, turns)
        for number in range(AT_ONCE):
            clients.ask(GREEDY, f"first{number}")
            gate.arrived.get(timeout=60)
        for number in range(MOST_WAITING + 5):
            clients.ask(GREEDY, f"later{number}")
        refused = [clients.answers.get(timeout=60) for _ in range(5)]
        clients.ask(MODEST, "modest")  # it takes the place of the greedy client's last one
        refused.append(clients.answers.get(timeout=60))
        assert {(name[:5], status) for name, status in refused} == {("later", 503)}

        light = [
            "/",
            "/trials",
            "/trials?q=asthma",
            "/trials/suggest?q=as",
            "/healthz",
            "/trials/NCT00000001",
        ]
        assert [clients.get(GREEDY, url) for url in light] == [200, 200, 200, 200, 200, 404]
        assert clients.answers.empty()  # all of these were answered while nothing heavy was done

        order = []
        for _ in range(2):
            gate.let_through()
            order.append(gate.arrived.get(timeout=60))
        assert "later" in order[0]
        assert "modest" in order[1]  # before four more of the greedy client, which had come earlier
        gate.let_through(AT_ONCE + MOST_WAITING)
        clients.finish()
        assert turns.waiting == 0


def test_a_client_that_leaves_while_it_waits_costs_nothing(settings: Settings, gate: Gate) -> None:
    with serving(settings, gate) as (port, turns):
        clients = Clients(port, turns)
        for number in range(AT_ONCE):
            clients.ask(GREEDY, f"first{number}")
            gate.arrived.get(timeout=60)
        leaving = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        leaving.request("GET", "/trials?q=" + "+OR+".join(f"heavyleft{number}" for number in range(40)))
        clients.wait_for_line(1)
        leaving.close()
        clients.get(MODEST, "/healthz")  # the server has noticed by now that it left
        clients.ask(MODEST, "modest")
        clients.wait_for_line(2)
        gate.let_through(AT_ONCE + 1)
        clients.finish()
        matches = [gate.arrived.get_nowait() for _ in range(gate.arrived.qsize())]
        assert len(matches) == 1
        assert "modest" in matches[0]
