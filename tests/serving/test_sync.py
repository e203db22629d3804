"""A running service follows the registry: real processes, and a registry on a local port."""

import os
import select
import signal
from collections.abc import Iterator
from threading import Event

import pytest

from app.settings import Settings
from tests.ctgov_server import Answer, CtgovServer, Fault, Request, text
from tests.factories import study
from tests.support.service import LONGEST_SECONDS, Service, children

DAILY = ("--sync-every", "24h")


class Registry(CtgovServer):
    """A registry of two trials; `is_asked` is set with the first request."""

    def __init__(self) -> None:
        super().__init__([study(), study()])
        self.slow_seconds = LONGEST_SECONDS
        self.is_asked = Event()

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        self.is_asked.set()
        return super().answer(request)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as registry:
        yield registry


def follower(settings: Settings, registry: Registry, *options: str, **variables: str) -> Service:
    return Service(settings.database_path, *options, TRIALMARK_CTGOV_BASE_URL=registry.base_url, **variables)


def wait_for_end(pid: int) -> None:
    """Wait for the end of a process that is no child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended, _, _ = select.select([descriptor], [], [], LONGEST_SECONDS)
    os.close(descriptor)
    assert ended


def test_an_empty_database_is_filled_at_once_and_a_restart_asks_for_nothing(
    settings: Settings, registry: Registry
) -> None:
    with follower(settings, registry, TRIALMARK_SYNC_EVERY="1d") as service:
        assert "2 read, 2 new" in service.wait_for_line("sync finished")
        assert service.stop() == 0
    asked = len(registry.requests)
    with follower(settings, registry, *DAILY) as service:
        service.wait_for_line("Application startup complete")
        assert service.stop() == 0
        assert service.count("sync started") == 0
    assert len(registry.requests) == asked


def test_a_refusal_is_one_line_that_says_when_it_is_tried_again(
    settings: Settings, registry: Registry
) -> None:
    registry.fail_next(*[text(400, "not today")] * 2)
    with follower(settings, registry, *DAILY, "--workers", "2") as service:
        line = service.wait_for_line("sync failed")
        assert "not today" in line
        assert '"again_at": "' in line
        service.wait_for_line("worker serves", 2)
        assert service.count("sync started") == 1
        assert service.stop() == 0


def test_one_of_two_services_asks_and_a_stop_ends_its_run(settings: Settings, registry: Registry) -> None:
    registry.fail_next(Fault.SLOW_FIRST_BYTE)
    with follower(settings, registry, *DAILY) as first:
        first.wait_for_line("sync started")
        with follower(settings, registry, *DAILY) as second:
            second.wait_for_line("sync skipped: another service")
            second.wait_for_line("Application startup complete")
            assert second.stop() == 0
        first.wait_for_line("Application startup complete")
        assert registry.is_asked.wait(LONGEST_SECONDS)
        (run,) = children(first.process.pid)
        assert first.stop(signal.SIGINT) == 0
        assert first.count("sync stopped with the service") == 1
        wait_for_end(run)


def test_a_killed_service_leaves_no_run_and_no_lock(settings: Settings, registry: Registry) -> None:
    registry.fail_next(Fault.SLOW_FIRST_BYTE)
    with follower(settings, registry, *DAILY) as service:
        service.wait_for_line("sync started")
        assert registry.is_asked.wait(LONGEST_SECONDS)
        (run,) = children(service.process.pid)
        service.process.kill()
        wait_for_end(run)
    with follower(settings, registry, *DAILY) as service:
        service.wait_for_line("sync finished")
        assert service.stop() == 0
