"""Settings of the interpreter and the operating system that a serving process makes before its first request."""

import gc
import resource

from app.runtime.allocator import give_back_large_blocks

_GC_THRESHOLD = 50_000
"""Allocations between two garbage collections.

A page allocates thousands of objects that are freed without the collector, while each collection traverses all kept
objects.
"""
_OPEN_FILES = 65_536


def tune_process() -> None:
    """Collect garbage rarely, return large blocks to the OS, and allow more open files than connections need."""
    gc.set_threshold(_GC_THRESHOLD, 20, 50)
    give_back_large_blocks()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
