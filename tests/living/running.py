"""Runs the machine, for the test suite and for the command."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.database.engine import migrate
from app.settings import Settings
from app.web.rendering import Renderer
from tests.living.comparing import Surroundings, Tally
from tests.living.machine import LivingData


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    with TemporaryDirectory(prefix="living-empty-") as folder:
        empty = Settings(database_url=f"sqlite:///{Path(folder) / 'empty.db'}")
        migrate(empty)
        with start_blocking_portal() as portal, ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            yield Surroundings(empty.database_path, Renderer.of(empty), portal, elsewhere)


def run(here: Surroundings, *, runs: int, steps: int) -> Tally:
    """Run the machine; a strict run raises the first difference after a search for a shorter way to it."""

    class Machine(LivingData):
        surroundings = here

    phases = (Phase.generate, Phase.shrink) if here.is_strict else (Phase.generate,)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return here.tally
