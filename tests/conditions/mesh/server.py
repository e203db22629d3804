"""A stand-in for NLM's file server on a local port."""

from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.local_server import LocalServer


class MeshServer(LocalServer):
    """A server of `files`; `failures` are statuses that it gives first, one a request, 0 for a dropped connection."""

    def __init__(self, files: dict[str, bytes], *failures: int) -> None:
        self.files = files
        self.failures = list(failures)
        self.asked: list[str] = []
        self.user_agents: set[str] = set()
        super().__init__(partial(_Handler, self))

    @property
    def url(self) -> str:
        return f"{self.origin}/xmlmesh"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, server: MeshServer, *args: Any) -> None:
        self._mesh = server
        super().__init__(*args)

    def do_GET(self) -> None:
        name = self.path.removeprefix("/xmlmesh/")
        self._mesh.asked.append(name)
        self._mesh.user_agents.add(self.headers["User-Agent"])
        body = self._mesh.files.get(name, b"")
        failure = self._mesh.failures.pop(0) if self._mesh.failures else None
        self.send_response(failure or (200 if name in self._mesh.files else 404))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if failure == 0 else body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's parameter
        """Keep the test output clean."""
