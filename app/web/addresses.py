"""The addresses of this service: where it is reached from outside, and how its own paths are written in pages.

Inside the program a path never has the prefix of the proxy: it is taken off each request on the way in, and put
before each address on the way out. Templates do so with the filter `path`, headers by the middleware `Prefixed`.
"""

from dataclasses import dataclass
from string import printable
from urllib.parse import quote_from_bytes, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings

_HEADERS_WITH_ADDRESS = ("Location", "HX-Redirect", "HX-Push-Url")
_SAYS_STRIPPED = b"x-forwarded-prefix"
_ASCII = printable.encode()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Writes the addresses of one deployment."""

    public_url: str = ""
    """Where readers reach the service, without a slash at the end; empty while nobody has said it."""
    prefix: str = ""
    """The path under which a proxy shows the service, as `/trials-browser`; empty at the root of a host."""

    @classmethod
    def of(cls, settings: Settings) -> "Addresses":
        return cls(settings.public_url, settings.prefix)

    def path(self, address: str) -> str:
        """Write a path of ours as a link holds it. An address elsewhere, or `#place`, stays as it is.

        Two slashes at the start would name another host; one is left of them.
        """
        if not address.startswith("/"):
            return address
        return f"{self.prefix}/{_without_slashes(address)}"

    def public(self, path: str) -> str:
        """Write the address to know a page by: the public one, or just the path while that is unknown."""
        return self._published(path) if self.public_url else self.path(path)

    def absolute(self, request: Request, path: str) -> str:
        """Write an address for use outside of the page, as in a citation.

        While no public address is set it is on the host that the request asked for, as `Hosts` let it pass.
        """
        if self.public_url:
            return self._published(path)
        return f"{request.base_url.scheme}://{request.base_url.netloc}{self.path(path)}"

    def _published(self, path: str) -> str:
        return f"{self.public_url}/{_without_slashes(path)}"


class Prefixed:
    """Takes the proxy's prefix off the path of a request, and puts it before the addresses in an answer's headers.

    Proxies that pass the prefix on and those that strip it both work, and so does a probe that comes by without a
    proxy. Absolute addresses of our own in headers, such as the router's redirects, become paths: the host that a
    request asked for is nothing to lead readers to.
    """

    def __init__(self, app: ASGIApp, *, addresses: Addresses, own_names: frozenset[str]) -> None:
        """`own_names` are the first parts of the program's own paths, as `trials` of `/trials/{registry_id}`."""
        self._app = app
        self._addresses = addresses
        self._is_ambiguous = addresses.prefix.lstrip("/").partition("/")[0] in own_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # In place: the handler of failures stands outside of all middleware and must see the same path.
        if self._has_prefix(scope):
            scope["path"] = scope["path"].removeprefix(self._addresses.prefix) or "/"
            if raw_path := scope.get("raw_path"):
                scope["raw_path"] = raw_path.removeprefix(self._addresses.prefix.encode()) or b"/"
        if not scope["query_string"].isascii():
            scope["query_string"] = quote_from_bytes(scope["query_string"], _ASCII).encode()

        async def send_with_prefix(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in _HEADERS_WITH_ADDRESS:
                    if address := headers.get(name):
                        headers[name] = self._addresses.path(_relative(address, scope))
            await send(message)

        await self._app(scope, receive, send_with_prefix)

    def _has_prefix(self, scope: Scope) -> bool:
        prefix = self._addresses.prefix
        if not prefix or not f"{scope['path']}/".startswith(f"{prefix}/"):
            return False
        # Under /trials, `/trials` may be the start page, passed on, or the list, stripped. The latter must say so.
        headers = dict(scope["headers"])
        is_stripped = self._is_ambiguous and headers.get(_SAYS_STRIPPED) == prefix.encode()
        return not is_stripped


def _relative(address: str, scope: Scope) -> str:
    """An absolute address on the host that the request asked for, as a path."""
    found = urlsplit(address)
    if not found.netloc or found.netloc != Request(scope).base_url.netloc:
        return address
    path = f"/{_without_slashes(found.path)}"
    return f"{path}?{found.query}" if found.query else path


def _without_slashes(path: str) -> str:
    """A path without those before it; browsers read a backslash as one."""
    return path.lstrip("/\\")
