"""Takes the screenshots of the README: `python -m tests.browser.screenshots OUTPUT_FOLDER`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import ViewportSize

from tests.browser.chromium import chromium
from tests.browser.server import serving, synthetic_records

_TRIALS = 2_000
_SIZE = ViewportSize(width=1440, height=1000)


def take(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as database,
        serving(Path(database), synthetic_records(_TRIALS)) as site,
        chromium() as browser,
    ):
        page = browser.new_page(viewport=_SIZE, color_scheme="light", reduced_motion="reduce")
        for name, path in (
            ("list", "/trials?status=recruiting&intervention_type=drug"),
            ("trial", site.varied["most said"]),
        ):
            page.goto(site.origin + path)
            page.screenshot(path=folder / f"{name}.png")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.browser.screenshots OUTPUT_FOLDER")
    take(Path(sys.argv[1]))
