"""Lets the worker processes of one service count their requests together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus-client when it is imported: a folder in which each process keeps a file of its counts."""


def folder_of_counts() -> str | None:
    """Return the folder that this process shares with others of its service; None where it counts alone."""
    return os.environ.get(_FOLDER_VARIABLE)


@contextmanager
def shared_counts() -> Iterator[None]:
    """Give the processes that are started inside a folder of their own; /metrics of each then tells of all."""
    with TemporaryDirectory(prefix="trialmark-metrics-") as folder:
        before = os.environ.get(_FOLDER_VARIABLE)
        os.environ[_FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            os.environ.pop(_FOLDER_VARIABLE)
            if before is not None:
                os.environ[_FOLDER_VARIABLE] = before
