"""The verdict of an audit of the pinned packages."""

import json
from collections.abc import Mapping

import pytest

from tests.audit import verdict

GOOD = {"name": "good", "version": "1", "vulns": []}
BAD = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3", "2.1"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}


def report(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_vulnerability_fails_and_is_named_with_the_way_out() -> None:
    found = verdict(report(GOOD, BAD, UNKNOWN))
    assert found.is_vulnerable
    assert found.words == "bad 2: PYSEC-1, fixed in 3, 2.1"


def test_what_was_audited_is_counted() -> None:
    found = verdict(report(GOOD, UNKNOWN))
    assert not found.is_vulnerable
    assert found.words == "1 of 2 packages audited: no known vulnerability."


@pytest.mark.parametrize("output", ["", "Traceback ...", "[]", "{}", report(UNKNOWN, UNKNOWN), report()])
def test_an_audit_without_result_says_so_and_fails_nothing(output: str) -> None:
    found = verdict(output)
    assert not found.is_vulnerable
    assert found.words.startswith("Not audited: ")
