"""Several workers behind one socket, as processes under load, are reloaded, killed and stopped."""

import os
import signal
import socket

import httpx2
import pytest

from app.serving.workers import Supervisor, WorkersFailedError
from app.settings import Settings
from tests.support.load import Load
from tests.support.service import Service

PAIR = ("--workers", "2")


def test_reload_and_stop_fail_no_request_and_a_killed_worker_is_replaced(settings: Settings) -> None:
    with Service(settings.database_path, *PAIR) as service:
        service.wait_for_line("worker serves", 2)
        first = service.workers()
        with Load(service.port, clients=2) as load:
            service.process.send_signal(signal.SIGHUP)
            service.wait_for_line("worker stopped", 2)
        assert load.failures == {}
        assert load.outcomes["200"] > 0
        assert len(service.workers()) == 2
        assert not set(first) & set(service.workers())

        os.kill(service.workers()[0], signal.SIGKILL)
        service.wait_for_line("worker serves", 5)
        assert service.count("worker ended; starting another in its place") == 1

        with Load(service.port, clients=2) as load:
            service.wait_until(lambda: load.outcomes["200"] > 20, "answers")
            assert service.stop() == 0
        assert load.failures == {}


def test_one_process_stops_without_a_failed_request(settings: Settings) -> None:
    with Service(settings.database_path) as service, Load(service.port, clients=2) as load:
        service.wait_until(lambda: load.outcomes["200"] > 20, "answers")
        assert service.stop(signal.SIGINT) == 0
    assert load.failures == {}


def test_workers_that_are_told_to_stop_while_they_start_do(settings: Settings) -> None:
    with Service(settings.database_path, *PAIR) as service:
        service.wait_until(lambda: len(service.workers()) == 2, "workers")
        assert service.stop() == 0
    assert service.count("worker stopped") == 2


def test_workers_end_with_a_supervisor_that_was_killed_and_leave_the_port(settings: Settings) -> None:
    with Service(settings.database_path, *PAIR) as service:
        service.wait_for_line("worker serves", 2)
        service.process.kill()
        service.wait_for_line("Finished server process", 2)
        service.wait_for_end()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", service.port))


def test_workers_that_cannot_start_end_the_service_with_the_reason(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    nothing_to_accept_from = socket.socket(type=socket.SOCK_DGRAM)
    with nothing_to_accept_from as listener, pytest.raises(WorkersFailedError, match="could not be started"):
        Supervisor(settings, listener, count=2).run()
    assert "A Stream Socket was expected" in capfd.readouterr().err


def test_workers_have_the_settings_of_the_command_line(settings: Settings) -> None:
    options = (*PAIR, "--root-path", "/browser")
    with Service(settings.database_path, *options, TRIALMARK_MAX_DATA_AGE="3d") as service:
        service.wait_for_line("worker serves", 2)
        answer = httpx2.get(f"{service.url}/robots.txt", trust_env=False)
        assert "Disallow: /browser/api/" in answer.text
        assert service.stop() == 0
