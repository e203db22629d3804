"""Changes that must not pass unseen: addresses, the size and names of modules, vendored files."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from app.main import create_app
from app.settings import Settings
from tests.support.routes import routes

ROOT = Path(__file__).parents[1]
LONGEST_MODULE = 320
ONE_SHAPE = {"app/record/trial.py"}  # the whole shape of a record is one module, however long

PAGE = frozenset({"GET", "HEAD"})
ROUTES = {
    ("/", PAGE),
    ("/about/data", PAGE),
    ("/api/v1/trials", PAGE),
    ("/conditions", PAGE),
    ("/conditions/{slug}", PAGE),
    ("/ct2/show/{registry_id}", PAGE),
    ("/favicon.ico", PAGE),
    ("/healthz", PAGE),
    ("/metrics", PAGE),
    ("/openapi.json", PAGE),
    ("/opensearch.xml", PAGE),
    ("/readyz", PAGE),
    ("/robots.txt", PAGE),
    ("/sitemap.xml", PAGE),
    ("/sitemap/pages.xml", PAGE),
    ("/sitemap/{part:int}.xml", PAGE),
    ("/static", frozenset[str]()),
    ("/study/{registry_id}", PAGE),
    ("/trials", PAGE),
    ("/trials/filter/{name}", PAGE),
    ("/trials/suggest", PAGE),
    ("/trials/{registry_id}.bib", PAGE),
    ("/trials/{registry_id}.ris", PAGE),
    ("/trials/{registry_id}/criteria.txt", PAGE),
    ("/trials/{registry_id}", PAGE),
    ("/trials/{registry_id}.json", PAGE),
}


def test_every_address_is_a_promise(settings: Settings) -> None:
    """A new address gets a line above; one that disappears breaks links that people have passed on."""
    assert set(routes(create_app(settings))) == ROUTES


def modules() -> list[Path]:
    return sorted((ROOT / "app").rglob("*.py"))


def test_no_module_is_longer_than_can_be_read_at_once() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()
    }
    assert {
        name: length for name, length in lengths.items() if length > LONGEST_MODULE and name not in ONE_SHAPE
    } == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if not re.match('r?"""', path.read_text(encoding="utf-8"))
    ]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    nothing = {
        *("base", "common", "core", "general", "generic", "internal", "misc", "shared", "various"),
        *("class", "constant", "definition", "function", "object", "stuff", "thing", "type"),
        *("controller", "handler", "helper", "lib", "manager", "processor", "tool", "toolbox", "util"),
        *("classes", "services", "utilities"),
    }
    banned = {*nothing, *(f"{name}s" for name in nothing)}
    assert [path for path in modules() if {path.stem, path.parent.name} & banned] == []


def digests(folder: Path) -> dict[str, str]:
    """Return the digests written down beside vendored files, in SHA256SUMS or in a table of the README."""
    listed = folder / "SHA256SUMS"
    written = (listed if listed.exists() else folder / "README.md").read_text(encoding="utf-8")
    found = {}
    for line in written.splitlines():
        name, digest = re.search(r"[\w.-]+\.js\b", line), re.search(r"\b[0-9a-f]{64}\b", line)
        if name and digest:
            found[name[0]] = digest[0]
    return found


@pytest.mark.parametrize("folder", ["static/vendor", "tests/browser/vendor"])
def test_vendored_files_are_those_that_were_checked_in(folder: str) -> None:
    place = ROOT / folder
    files = [path for path in place.iterdir() if path.name not in {"README.md", "SHA256SUMS"}]
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in files} == digests(place)


def test_pages_load_nothing_from_elsewhere() -> None:
    loading = re.compile(
        r"""(?:<script[^>]*\bsrc|<link[^>]*\bhref|@import|url)\s*[=(]?\s*["']?(?:https?:)?//"""
    )
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("*.css")]
    assert files
    assert [path.name for path in files if loading.search(path.read_text(encoding="utf-8"))] == []


def test_templates_write_every_address_of_ours_with_the_prefix() -> None:
    """Behind a proxy that shows the pages under a path, an address without the filter `path` leads elsewhere."""
    elsewhere = {
        "about_data.html: {{ registry.home }}",
        "trial.html: {{ page.record.registry_url }}",
        "trial.html: {{ page.results_url }}",
        "trial.html: {{ reference.url }}",
        "trial.html: {{ notice.url }}",
        "trial.html: {{ link.url }}",
        "trial.html: {{ found.anchor }}",
    }
    known = re.compile(r"#|\{\{ asset\(|mailto:|tel:|\{\{ page\.frame\.canonical \}\}")
    unprefixed = [
        f"{path.name}: {value}"
        for path in (ROOT / "templates").rglob("*.html")
        for value in re.findall(
            r"""\b(?:href|action|src|hx-get|hx-post|hx-push-url)="((?:[^"{]|\{\{.*?\}\})*)\"""",
            path.read_text("utf-8"),
        )
        if "|path }}" not in value and not known.match(value)
    ]
    assert set(unprefixed) == elsewhere
