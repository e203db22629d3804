"""Searches that are only a trial's registry number or the address of its record: the reader wants that trial."""

import re

_NUMBER = r"nct[\s:_-]*0*([0-9]{1,8})"
_WRITTEN = re.compile(_NUMBER, re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:[a-z]+://)?[^\s/?#]+/"
    r"(?:ct2/|beta/)?(?:show|study|studies|trials)/(?:study/|results/|record/|history/)?"
    rf"{_NUMBER}(?:\.json)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)


def registry_id_meant(q: str) -> str | None:
    """Return the id meant by `nct6141304`, `NCT 06141304`, or an old or new address of the record; else None."""
    written = q.strip().strip("\"'\u201c\u201d<>").strip()
    match = _WRITTEN.fullmatch(written) or _ADDRESS.fullmatch(written)
    return f"NCT{int(match[1]):08d}" if match else None
