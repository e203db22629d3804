"""However the registry misbehaves, the next undisturbed run leaves the database as if nothing had happened."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ctgov_server import CtgovServer
from tests.support.fault_matrix import FAULTS, FIRST, SECOND, Faultless

CASES = [
    (fault, (FIRST, SECOND)[number % 2])
    for number, fault in enumerate(fault for fault in FAULTS if not fault.startswith("page 1"))
]
"""Each fault on one kind of run; `python -m tests.campaigns.faults` tries all of them on both kinds."""


@pytest.fixture(scope="module")
def faultless(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faultless]:
    with CtgovServer() as server, pytest.MonkeyPatch.context() as patched:
        patched.setenv("NO_PROXY", "127.0.0.1")
        yield Faultless(server, empty_database, tmp_path_factory.mktemp("faultless"))


@pytest.mark.parametrize(("fault", "day"), CASES)
def test_after_the_next_run_in_order_nothing_tells_of_a_fault(
    faultless: Faultless, tmp_path: Path, fault: str, day: str
) -> None:
    faultless.require_no_trace(fault, day, tmp_path / "trialmark.db")
