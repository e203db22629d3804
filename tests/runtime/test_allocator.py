"""Memory of large blocks returns to the system even where something small was allocated after them."""

import platform
import subprocess
import sys

import pytest

BLOCKS = """
import re
from pathlib import Path
from app.runtime.allocator import give_back_large_blocks

def megabytes():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

give_back_large_blocks()
large = b"x" * 8_000_000
del large
before, blocks, kept = megabytes(), [], []
for _ in range(20):
    blocks.append(b"x" * 4_000_000)
    kept.append(bytearray(100_000))
blocks.clear()
print(megabytes() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library, which is told nothing")
def test_the_system_has_them_back() -> None:
    kept = subprocess.run([sys.executable, "-c", BLOCKS], capture_output=True, text=True, check=True)
    assert int(kept.stdout) < 20
