"""The reference data: real records, MeSH and the registry's documents. They stand beside the repository, not in it.

In a plain clone the tests that need them are left out, and counted by name at the end. Where the folder exists, a file
that is missing from it fails its test. With TRIALMARK_REFERENCE_DATA=required a missing folder fails them too. With
TRIALMARK_REFERENCE_DATA=unused they are left out although the folder exists: `bash tests/run quick` does so.
"""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared"
_LEFT_OUT = "left out without the reference data, of which it needs "


def reference_file(name: str) -> Path:
    """Return the path of a file such as "data/seeds.ndjson"; leave the test out where there are no reference data."""
    if os.environ.get("TRIALMARK_REFERENCE_DATA") == "unused":
        pytest.skip(_LEFT_OUT + name)
    path = FOLDER / name
    if not path.exists():
        if FOLDER.is_dir() or os.environ.get("TRIALMARK_REFERENCE_DATA") == "required":
            pytest.fail(f"{name} is missing from the reference data in {FOLDER}")
        pytest.skip(_LEFT_OUT + name)
    return path


def summary(skipped: Iterable[pytest.TestReport]) -> str:
    """Count the tests that were left out for lack of reference data, by file; return an empty text if there is none."""
    files = Counter(
        report.nodeid.partition("::")[0] for report in skipped if _LEFT_OUT in str(report.longrepr)
    )
    if not files:
        return ""
    lines = (f"  {count:4} in {file}" for file, count in sorted(files.items()))
    return "\n".join((f"Left out for want of the reference data: {files.total()} tests", *lines))
