"""What the C library keeps of memory that was freed."""

import ctypes
import sys

_LARGE_BLOCK = 2**20
"""Bytes."""
_M_MMAP_THRESHOLD = -3
"""Of mallopt(3)."""


def give_back_large_blocks() -> None:
    """To the system, at once, where the C library can be told so.

    Once it has seen one freed, glibc's keeps blocks of up to 32 MB: orders and batches of records are such.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
