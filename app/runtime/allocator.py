"""Settings of the C library's memory allocator."""

import ctypes
import sys

_LARGE_BLOCK = 2**20
"""Bytes."""
_M_MMAP_THRESHOLD = -3
"""The number of the parameter in mallopt(3)."""


def give_back_large_blocks() -> None:
    """Tell glibc to return large freed blocks to the OS immediately.

    Otherwise glibc keeps blocks of up to 32 MB once one of them has been freed. Sort orders and batches of records are
    that large. A C library without mallopt is left alone.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
