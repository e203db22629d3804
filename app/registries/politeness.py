"""How to ask a registry: at what pace, how patiently, and how much to take."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Politeness:
    """How often to ask, how patiently to ask again, and how much to take; times in seconds, sizes in bytes."""

    min_interval: float = 1.0  # from the start of one request to the start of the next
    first_wait: float = 2.0  # doubles with every further attempt; the jitter is at most as long
    max_wait: float = 120.0  # caps the back-off and the registry's Retry-After
    attempts: int = 6
    timeout: float = 60.0  # for each step: connecting, the next piece of the answer
    longest_answer: float = 300.0  # for all of one answer, however steadily it drips
    largest_answer: int = 128 << 20  # unpacked
    largest_record: int = 32 << 20
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


POLITE = Politeness()
