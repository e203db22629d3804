"""Fixtures for browser tests: a served site, a Chromium for each worker, and windows that fail on any fault of a page.

Site and Chromium live only as long as this package's tests. Playwright keeps an event loop running in the thread of the
tests, under which tests of other packages could not run a loop of their own.
"""

import os
from collections.abc import Iterator
from typing import Protocol

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import NoBrowserError, chromium
from tests.browser.server import Site, has_real_records, real_records, serving, synthetic_records
from tests.browser.window import Window
from tests.support.reference_data import reference_file

WIDE, NARROW = 1440, 360
_PATIENCE_MS = 60_000
"""Milliseconds to wait for a page; a busy machine may need that long."""
_SYNTHETIC_TRIALS = 300


class OpenWindow(Protocol):
    def __call__(
        self,
        width: int = WIDE,
        *,
        javascript: bool = True,
        permissions: tuple[str, ...] = (),
    ) -> Window: ...


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the real records where they are present, else synthetic ones."""
    sources = real_records() if has_real_records() else synthetic_records(_SYNTHETIC_TRIALS)
    with serving(tmp_path_factory.mktemp("site"), sources) as site:
        yield site


@pytest.fixture
def real_site(site: Site) -> Site:
    """Serve the real records, for tests about the registry's own data."""
    reference_file("data/ctgov.ndjson.gz")
    return site


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=_PATIENCE_MS)
    try:
        with chromium() as browser:
            yield browser
    except NoBrowserError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def open_window(browser: Browser, site: Site) -> Iterator[OpenWindow]:
    """Open windows, each with its own cookies and cache; an unexpected fault of a page fails the test."""
    opened: list[Window] = []

    def open_one(
        width: int = WIDE,
        *,
        javascript: bool = True,
        permissions: tuple[str, ...] = (),
    ) -> Window:
        context = browser.new_context(
            java_script_enabled=javascript, permissions=permissions, reduced_motion="reduce"
        )
        context.set_default_timeout(_PATIENCE_MS)
        opened.append(Window(context.new_page(), site.origin))
        opened[-1].resize(width)
        return opened[-1]

    yield open_one
    for window in opened:
        assert window.page.context.cookies() == []
        window.page.context.close()
        assert window.faults == []


@pytest.fixture(scope="package")
def _looking(browser: Browser, site: Site) -> Iterator[Window]:
    with browser.new_context(reduced_motion="reduce") as context:
        yield Window(context.new_page(), site.origin)


@pytest.fixture
def looking(_looking: Window) -> Iterator[Window]:
    """Share one window among tests that only look at pages, for a new one costs more than such a test."""
    yield _looking
    faults, _looking.faults = _looking.faults, []
    assert faults == []


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    """Open a wide window with the usual settings."""
    return open_window()
