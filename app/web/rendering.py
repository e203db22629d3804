"""Rendering of a page dataclass into a response: a whole document, or for htmx only the content of its body.

The templates do not know which of the two is wanted.
"""

from dataclasses import dataclass
from typing import Protocol

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.paths import TEMPLATES
from app.settings import Settings
from app.text.prose import line, prose
from app.text.visible import runs_right_to_left, visible
from app.web.addresses import Addresses
from app.web.assets import asset_url
from app.web.edition import VARY, Edition, entity_tag, is_fragment


class _Framed(Protocol):
    @property
    def title(self) -> str: ...


class Page(Protocol):
    """The part that all page dataclasses have in common."""

    @property
    def frame(self) -> _Framed: ...


@dataclass(frozen=True)
class Renderer:
    addresses: Addresses
    environment: Environment

    @classmethod
    def of(cls, settings: Settings) -> "Renderer":
        addresses = Addresses.of(settings)
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=_visible_text,
        )
        environment.globals["asset"] = lambda name: addresses.path(asset_url(name))
        environment.filters.update(prose=prose, line=_isolated_line, plain=line, path=addresses.path)
        return cls(addresses, environment)

    def page(
        self,
        request: Request,
        template: str,
        page: Page,
        *,
        status: int = 200,
        push_url: str = "",
        edition: Edition | None = None,
    ) -> Response:
        """Render a page.

        Args:
            push_url: the canonical address, which htmx puts into the address bar.
            edition: the data that the page was built from; without it, the page has no tag and is built each time.
        """
        headers = {"Vary": VARY, "Cache-Control": "no-cache"}
        if edition:
            headers["ETag"] = entity_tag(request, edition)
        if push_url and is_fragment(request):
            headers["HX-Push-Url"] = push_url
        return HTMLResponse(self._markup(request, template, page), status, headers)

    def absolute(self, request: Request, path: str) -> str:
        """Write the address of a path for use outside of the page; see `Addresses`."""
        return self.addresses.absolute(request, path)

    def public(self, path: str) -> str:
        """Write the canonical address of a path; see `Addresses`."""
        return self.addresses.public(path)

    def _markup(self, request: Request, template: str, page: Page) -> str:
        inside = self.environment.get_template(template).render(page=page)
        if is_fragment(request):
            return f"<title>{escape(visible(page.frame.title))} · Trialmark</title>\n{inside}"
        body = Markup(inside)  # noqa: S704  rendered with autoescape in the line above
        return self.environment.get_template("document.html").render(page=page, body=body)


def _visible_text(value: object) -> object:
    """Keep direction marks and other invisible characters out of every expression that a template prints."""
    return visible(value) if type(value) is str else value  # markup comes from this program


def _isolated_line(text: str) -> str:
    """Print a one-line field inside of an element, where a right-to-left name must not move its neighbors."""
    text = line(text)
    return Markup("<bdi>{}</bdi>").format(text) if runs_right_to_left(text) else text
