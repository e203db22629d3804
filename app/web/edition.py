"""What tells one answer from another: the page's address, who asks (a browser or htmx), the code, the data, the day."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from starlette.requests import Request

from app.web.assets import code_version

VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"


@dataclass(frozen=True, slots=True)
class Edition:
    """What all pages depend on besides their addresses."""

    revision: int
    token: str
    """Tells the data from another database's of the same version; see `Revision.token`."""
    day: date


def is_fragment(request: Request) -> bool:
    """True for htmx swapping into the page; a history restore and everything else get the whole document."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Request-Type", "partial") == "partial"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def entity_tag(request: Request, edition: Edition) -> str:
    """Weak: the same page may be sent compressed or not."""
    scope, headers = request.scope, request.headers
    parts = (
        code_version(),
        str(edition.revision),
        edition.token,
        edition.day.isoformat(),
        "fragment" if is_fragment(request) else "document",
        scope["scheme"],
        headers.get("Host", ""),
        scope.get("root_path", ""),
        scope["query_string"].decode("latin-1"),
        scope["path"],  # last: it alone may hold a line break
    )
    digest = sha256("\n".join(parts).encode()).hexdigest()
    return f'W/"{digest[:24]}"'
