"""Static files are cached for a year under a name with their digest, and checked again without one."""

import gzip
import re
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from app.paths import STATIC
from app.web.assets import asset_url, code_version

FOREVER = "public, max-age=31536000, immutable"
FILES = [str(path.relative_to(STATIC)) for path in sorted(STATIC.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("name", FILES)
def test_an_address_has_the_digest_of_the_content_and_may_be_kept(client: TestClient, name: str) -> None:
    content = (STATIC / name).read_bytes()
    assert asset_url(name) == f"/static/{name}?v={sha256(content).hexdigest()[:12]}"
    answer = client.get(asset_url(name))
    assert answer.content == content
    assert answer.headers["cache-control"] == FOREVER


def test_every_file_that_a_page_loads_is_there_under_its_digest(client: TestClient) -> None:
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text)
    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, FOREVER)


@pytest.mark.parametrize("query", ["", "?v=000000000000", "?v=", "?x=1"])
def test_without_the_right_digest_a_file_is_not_kept_for_long(client: TestClient, query: str) -> None:
    answer = client.get(f"/static/app.css{query}")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["cache-control"]


def test_large_files_are_compressed_for_those_who_take_it(client: TestClient) -> None:
    plain = client.get(asset_url("app.css"), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", asset_url("app.css"), headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["vary"]
        assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content


@pytest.mark.parametrize(
    ("name", "kind"),
    [("app.css", "text/css"), ("app.js", "text/javascript"), ("icon.svg", "image/svg+xml")],
)
def test_a_file_has_its_type(client: TestClient, name: str, kind: str) -> None:
    assert client.get(f"/static/{name}").headers["content-type"].startswith(kind)


@pytest.mark.parametrize(
    "path",
    [
        "none.css",
        "",
        "vendor",
        "vendor/",
        "../pyproject.toml",
        "..%2fpyproject.toml",
        "%2e%2e/pyproject.toml",
        "....//pyproject.toml",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "vendor/..%2f..%2fpyproject.toml",
        "app.css%00",
        "x" * 5000,
    ],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    answer = client.get(f"/static/{path}", follow_redirects=False)
    assert answer.status_code == 404
    assert "[project]" not in answer.text
    assert "immutable" not in answer.headers["cache-control"]


def test_static_files_are_only_read(client: TestClient) -> None:
    assert client.post("/static/app.css").status_code == 405


def test_the_codes_version_is_short_and_steady() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", code_version())
    assert code_version() == code_version()
