"""Identity of a response: the page's address, who asks (a browser or htmx), the code, the data and the day."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from starlette.requests import Request

from app.web.assets import code_version

VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"


@dataclass(frozen=True, slots=True)
class Edition:
    """The data and the day, which all pages depend on besides their addresses."""

    revision: int
    token: str
    """Distinguishes the data from another database's at the same revision; see `Revision.token`."""
    day: date


def is_fragment(request: Request) -> bool:
    """Tell whether htmx swaps the response into a page; a history restore, like all else, gets a whole document."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Request-Type", "partial") == "partial"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def entity_tag(request: Request, edition: Edition) -> str:
    """Return a weak entity tag, because the same page may be sent compressed or not."""
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
