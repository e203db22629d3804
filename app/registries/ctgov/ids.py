"""NCT numbers: as people write them, in addresses, in documents that are not read yet, and the addresses they have."""

import re

_NUMBER = r"nct[\s:_-]*0*([0-9]{1,8})"
_WRITTEN = re.compile(_NUMBER, re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:[a-z]+://)?[^\s/?#]+/"
    r"(?:ct2/|beta/)?(?:show|study|studies|trials)/(?:study/|results/|record/|history/)?"
    rf"{_NUMBER}(?:\.json)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_OWN_ID = re.compile(rb'"nctId"\s*:\s*"(NCT\d{8})"')
_ANY_ID = re.compile(rb"NCT\d{8}")


def canonical_id(written: str) -> str | None:
    """Return `NCT06141304` for `nct6141304` and `NCT 06141304`; None for anything that is no NCT number."""
    return _number(_WRITTEN.fullmatch(written.strip()))


def id_in_address(text: str) -> str | None:
    """Return the NCT number of a trial whose address, of any age, this is; the host does not matter."""
    return _number(_ADDRESS.fullmatch(text.strip()))


def ids_in(data: bytes) -> tuple[str, ...]:
    """Find every NCT number in a study that is not read yet: the one named nctId first, then each once."""
    own = _OWN_ID.findall(data)[:1]
    return tuple(dict.fromkeys(found.decode() for found in (*own, *_ANY_ID.findall(data))))


def owns(data: bytes) -> bool:
    """Say whether a document is a study of the registry's API v2."""
    return b'"protocolSection"' in data


def record_url(registry_id: str) -> str:
    return f"https://clinicaltrials.gov/study/{registry_id}"


def results_url(registry_id: str) -> str:
    return f"{record_url(registry_id)}?tab=results"


def _number(match: re.Match[str] | None) -> str | None:
    return f"NCT{int(match[1]):08d}" if match else None
