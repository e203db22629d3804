"""A server whose data changes shows the same pages as one that was just started."""

from tests.living.running import run, surroundings


def test_pages_of_a_live_application_are_those_of_a_fresh_one_whatever_was_ingested_meanwhile() -> None:
    with surroundings() as here:
        tally = run(here, runs=8, steps=8)
    assert tally.steps >= 50
