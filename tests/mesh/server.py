"""A stand-in for NLM's file server on a local port."""

import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class MeshServer:
    """Serves `files`; `failures` are statuses that it gives first, one a request, 0 for a dropped connection."""

    def __init__(self, files: dict[str, bytes], *failures: int) -> None:
        self.files = files
        self.failures = list(failures)
        self.asked: list[str] = []
        self.user_agents: set[str] = set()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/xmlmesh"


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
