"""Static files under names that change with their content, so that browsers may keep them for a year."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app import __version__
from app.paths import STATIC, TEMPLATES

_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=300"


@cache
def asset_url(name: str) -> str:
    """Return the address of a file in static/, with its content's digest."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def code_version() -> str:
    """Return a digest of all that a page's markup depends on: the program, the templates, the static files."""
    digest = sha256(__version__.encode())
    for folder in (Path(__file__).parent.parent, TEMPLATES, STATIC):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix not in {".pyc", ".db"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


class Assets(StaticFiles):
    """Static files: cached for a year if requested with their digest, and for five minutes without it."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code < 400:
            is_this_version = f"/static/{path}?{scope['query_string'].decode('latin-1')}" == asset_url(path)
            response.headers["Cache-Control"] = _FOREVER if is_this_version else _BRIEFLY
        return response
