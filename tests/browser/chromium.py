"""Starts Chromium for tests and screenshots, without a sandbox and without traffic of its own.

`python -m tests.browser.chromium` says which one would be started, or fails.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowserError(Exception):
    """Raised where no Chromium can be started; the message says what to do."""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_executable(), args=_FLAGS)
        except PlaywrightError as error:
            reason = error.message.splitlines()[0]
            raise NoBrowserError(f"no Chromium: set TRIALMARK_CHROMIUM to its path ({reason})") from error
        yield browser
        browser.close()


def _executable() -> str | None:
    """Return the Chromium of TRIALMARK_CHROMIUM, else the system's; None leaves it to Playwright's own."""
    named = os.environ.get("TRIALMARK_CHROMIUM")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


if __name__ == "__main__":
    try:
        with chromium() as found:
            print(f"Chromium {found.version}")
    except NoBrowserError as error:
        sys.exit(str(error))
