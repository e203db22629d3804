"""A reverse proxy that shows a server under a path and asks it without that path.

nginx does so with `proxy_pass http://x/;`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.local_server import LocalServer

_PER_CONNECTION = {"connection", "transfer-encoding", "keep-alive", "content-length"}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, origin: str, prefix: str, *of_server: object) -> None:
        self._upstream, self._prefix = urlsplit(origin).netloc, prefix
        super().__init__(*of_server)  # type: ignore[arg-type]  # the standard library's server

    def do_GET(self) -> None:
        if not self.path.startswith(f"{self._prefix}/"):
            self.send_error(404, "not under the prefix")
            return
        connection = HTTPConnection(self._upstream, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _PER_CONNECTION}
        connection.request("GET", self.path.removeprefix(self._prefix), headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _PER_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""


@contextmanager
def stripping_proxy(origin: str, prefix: str) -> Iterator[str]:
    """Proxy to `origin`; yield the proxy's own origin."""
    with LocalServer(lambda *of_server: _Handler(origin, prefix, *of_server)) as proxy:
        yield proxy.origin
