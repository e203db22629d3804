"""What a serving process asks of the interpreter and the operating system before its first request."""

import gc
import resource

from app.runtime.allocator import give_back_large_blocks

_COLLECT_AFTER = 50_000
"""New objects between two collections: a page makes thousands that go away without the collector, and each collection
looks at everything that is kept.
"""
_OPEN_FILES = 65_536


def tune_process() -> None:
    """Collect garbage rarely, return large blocks to the OS, allow more open files than connections need."""
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    give_back_large_blocks()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
