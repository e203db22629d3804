"""Request counts that the worker processes of one service share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Prometheus-client reads this variable on import: a folder in which each process keeps a file of its counts."""


def folder_of_counts() -> str | None:
    """Return the folder that this process shares with others of its service; None if it counts alone."""
    return os.environ.get(_FOLDER_VARIABLE)


@contextmanager
def shared_counts() -> Iterator[None]:
    """Give the processes started in this block one folder, so that the /metrics of each covers all of them."""
    with TemporaryDirectory(prefix="trialmark-metrics-") as folder:
        before = os.environ.get(_FOLDER_VARIABLE)
        os.environ[_FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            os.environ.pop(_FOLDER_VARIABLE)
            if before is not None:
                os.environ[_FOLDER_VARIABLE] = before
