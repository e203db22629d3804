"""Checks the pinned packages for known vulnerabilities: `python -m tests.audit requirements.txt`.

pip-audit exits with 0 where the index knows none of the packages, and with the code of a vulnerability where there is
no network. Here a vulnerability fails, and an audit that could not be made says so.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

_LONGEST_SECONDS = 180


@dataclass(frozen=True)
class Verdict:
    words: str
    is_vulnerable: bool = False


def verdict(report: str) -> Verdict:
    """Judge pip-audit's JSON report; any other output means that the audit failed."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict("Not audited: the index of vulnerabilities did not answer.")
    audited = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {fault['id']}, fixed in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for package in audited
        for fault in package["vulns"]
    ]
    if found:
        return Verdict("\n".join(found), is_vulnerable=True)
    if not audited:
        return Verdict(f"Not audited: the index knows none of the {len(packages)} packages.")
    return Verdict(f"{len(audited)} of {len(packages)} packages audited: no known vulnerability.")


def audit(requirements: str) -> Verdict:
    options = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--timeout=10", "--format=json"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--requirement", requirements, *options],
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Verdict(f"Not audited: no result in {_LONGEST_SECONDS} seconds.")
    return verdict(done.stdout)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.audit requirements.txt")
    result = audit(sys.argv[1])
    print(result.words)
    sys.exit(result.is_vulnerable)
