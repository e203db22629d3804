"""Runs the machine at length and counts all faults: `python -m tests.living --runs 200 --steps 30 --trials 150`."""

import argparse
import logging
from time import perf_counter

import structlog

from tests.living.comparing import Tally
from tests.living.running import run, surroundings

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.living", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--trials", type=int, default=150, help="largest number of trials in the database")
    parser.add_argument(
        "--pages", type=int, default=12, help="pages fetched from each application after each step"
    )
    options = parser.parse_args()
    began = perf_counter()

    def say(tally: Tally) -> None:
        for told in tally.told:
            print(told)
        tally.told.clear()
        print(
            f"{tally.runs} runs, {tally.steps:,} steps, {tally.fetches:,} fetches, "
            f"{tally.differences} differences, {tally.server_errors} answers of 5xx "
            f"in {perf_counter() - began:,.0f} s",
            flush=True,
        )

    with surroundings() as here:
        here.trials, here.pages = options.trials, options.pages
        here.is_strict, here.after_run = False, say
        run(here, runs=options.runs, steps=options.steps)


if __name__ == "__main__":
    main()
