"""Lets the worker processes of one service count their requests together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus-client when it is imported: a folder in which each process keeps a file of its counts."""


@contextmanager
def shared_counts() -> Iterator[None]:
    """Give the processes that are started inside a folder of their own; /metrics of each then tells of all."""
    with TemporaryDirectory(prefix="trialmark-metrics-") as folder:
        before = os.environ.get(FOLDER_VARIABLE)
        os.environ[FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            os.environ.pop(FOLDER_VARIABLE)
            if before is not None:
                os.environ[FOLDER_VARIABLE] = before
