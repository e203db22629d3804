"""Addresses of this service: where it is reached from outside, and how its own paths are written in pages.

Inside the program a path never has the proxy's prefix. The prefix is removed from each request on the way in and added
to each address on the way out: in templates by the filter `path`, in headers by the middleware `Prefixed`.
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
    """The addresses of one deployment."""

    public_url: str = ""
    """The address at which readers reach the service, without a slash at the end; empty while it is not configured."""
    prefix: str = ""
    """The path under which a proxy serves this program, such as `/trials-browser`; empty at the root of a host."""

    @classmethod
    def of(cls, settings: Settings) -> "Addresses":
        return cls(settings.public_url, settings.prefix)

    def path(self, address: str) -> str:
        """Write one of our paths for use in a link; an address elsewhere, or `#place`, stays as it is.

        Two slashes at the start would name another host, so they are reduced to one.
        """
        if not address.startswith("/"):
            return address
        return f"{self.prefix}/{_without_slashes(address)}"

    def public(self, path: str) -> str:
        """Write a page's canonical address: the public one, or just the path while that is unknown."""
        return self._published(path) if self.public_url else self.path(path)

    def absolute(self, request: Request, path: str) -> str:
        """Write an address for use outside of the page, as in a citation.

        While no public address is set, it has the host that the request asked for, which `Hosts` has checked.
        """
        if self.public_url:
            return self._published(path)
        return f"{request.base_url.scheme}://{request.base_url.netloc}{self.path(path)}"

    def _published(self, path: str) -> str:
        return f"{self.public_url}/{_without_slashes(path)}"


class Prefixed:
    """Middleware that removes the proxy's prefix from a request's path and adds it to addresses in response headers.

    Proxies that pass the prefix on and those that strip it both work, and so does a probe that bypasses the proxy.
    Our own absolute addresses in headers, such as the router's redirects, become paths, because readers must not be
    sent to whatever host a request asked for.
    """

    def __init__(self, app: ASGIApp, *, addresses: Addresses, own_names: frozenset[str]) -> None:
        """Take as `own_names` the first parts of the program's own paths, as `trials` of `/trials/{registry_id}`."""
        self._app = app
        self._addresses = addresses
        self._is_ambiguous = addresses.prefix.lstrip("/").partition("/")[0] in own_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Changed in place: the handler of failures runs outside of all middleware and must see the same path.
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
        # With the prefix /trials, the path `/trials` may be the home page (prefix passed on) or the list (prefix
        # stripped). A proxy that strips the prefix must say so in X-Forwarded-Prefix.
        headers = dict(scope["headers"])
        is_stripped = self._is_ambiguous and headers.get(_SAYS_STRIPPED) == prefix.encode()
        return not is_stripped


def _relative(address: str, scope: Scope) -> str:
    """Turn an absolute address on the host that the request asked for into a path."""
    found = urlsplit(address)
    if not found.netloc or found.netloc != Request(scope).base_url.netloc:
        return address
    path = f"/{_without_slashes(found.path)}"
    return f"{path}?{found.query}" if found.query else path


def _without_slashes(path: str) -> str:
    """Remove slashes at the start of a path, and backslashes, which browsers read as slashes."""
    return path.lstrip("/\\")
