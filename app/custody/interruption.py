"""Lets a command that is stopped by a signal clean up before it ends."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from app.failures import ExpectedError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptedByPersonError(ExpectedError):
    """A signal asked the command to stop."""


@contextmanager
def interruptible(what: str) -> Iterator[None]:
    """Raise InterruptedByPersonError on a signal that would otherwise end the process immediately."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise InterruptedByPersonError(f"{what} was interrupted: nothing has changed")

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back signals until the end of the block, so that they cannot interrupt it halfway."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
