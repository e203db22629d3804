"""Turns a page dataclass into an answer: a whole document, or for htmx what stands inside its body. Which of
the two is decided here alone; the templates do not know.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.paths import TEMPLATES
from app.settings import Settings
from app.web.assets import asset_url, code_version
from app.web.prose import line, prose

_VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"


def is_fragment(request: Request) -> bool:
    """True for htmx swapping into the page; a history restore and everything else get the whole document."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Request-Type", "partial") == "partial"
        and headers.get("HX-History-Restore-Request") != "true"
    )


class _Framed(Protocol):
    @property
    def title(self) -> str: ...


class Page(Protocol):
    """What every page dataclass has, whatever else its template prints."""

    @property
    def frame(self) -> _Framed: ...


@dataclass(frozen=True)
class Renderer:
    settings: Settings
    environment: Environment

    @classmethod
    def of(cls, settings: Settings) -> "Renderer":
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals["asset"] = asset_url
        environment.filters.update(prose=prose, line=line)
        return cls(settings, environment)

    def page(
        self, request: Request, template: str, page: Page, *, status: int = 200, push_url: str = ""
    ) -> Response:
        """Render now. `push_url` is the canonical address that htmx puts into the address bar."""
        headers = {"Vary": _VARY, "Cache-Control": "no-cache"}
        if push_url and is_fragment(request):
            headers["HX-Push-Url"] = push_url
        return HTMLResponse(self._markup(request, template, page), status, headers)

    def cached_page(
        self,
        request: Request,
        data_version: int,
        today: date,
        answer: Callable[[], Response],
    ) -> Response:
        """Answer 304 where the browser holds this very page: same code, same data, same day, same address."""
        tag = self._entity_tag(request, data_version, today)
        known = {
            item.strip().removeprefix("W/") for item in request.headers.get("If-None-Match", "").split(",")
        }
        headers = {"ETag": f"W/{tag}", "Vary": _VARY, "Cache-Control": "no-cache"}
        if tag in known:
            return Response(status_code=304, headers=headers)
        response = answer()
        if response.status_code == 200:
            response.headers["ETag"] = headers["ETag"]
        return response

    def absolute(self, request: Request, path: str) -> str:
        """The public address of a path, for canonical links and for copying."""
        origin = self.settings.base_url or str(request.base_url).rstrip("/")
        return f"{origin}{path}"

    def _markup(self, request: Request, template: str, page: Page) -> str:
        inside = self.environment.get_template(template).render(page=page)
        if is_fragment(request):
            return f"<title>{escape(page.frame.title)} · Trialmark</title>\n{inside}"
        body = Markup(inside)  # noqa: S704  rendered with autoescape in the line above
        return self.environment.get_template("document.html").render(page=page, body=body)

    def _entity_tag(self, request: Request, data_version: int, today: date) -> str:
        address = urlsplit(str(request.url))
        parts = (
            code_version(),
            str(data_version),
            today.isoformat(),
            address.netloc,
            f"{address.path}?{address.query}",
            "fragment" if is_fragment(request) else "document",
        )
        return f'"{sha256("|".join(parts).encode()).hexdigest()[:24]}"'
