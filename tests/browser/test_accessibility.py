"""Every kind of page passes axe-core's WCAG 2.2 A and AA rules, in both color schemes, wide and narrow.

Beyond axe, no page scrolls sideways, and every target is large enough for a finger.
"""

import pytest

from tests.browser.accessibility import expect_no_small_target, violations
from tests.browser.addresses import PAGES, STATUS, address
from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.server import Site
from tests.browser.window import Window

NARROWEST = 320


def visit(window: Window, site: Site, page: str, width: int) -> None:
    window.resize(width)
    window.visit(address(site, page))
    if status := STATUS.get(page):
        window.expect_faults(f"status {status}", "Failed to load resource")


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_in_either_scheme(looking: Window, site: Site, page: str, width: int) -> None:
    visit(looking, site, page, width)
    assert violations(looking) == {"light": [], "dark": []}


def test_the_open_filters_of_a_narrow_screen_pass_too(open_window: OpenWindow) -> None:
    window = open_window(NARROW)
    window.visit("/trials?status=recruiting")
    window.page.get_by_text("Filters (1)", exact=True).click()
    window.page.locator("#filters details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert violations(window) == {"light": [], "dark": []}
    expect_no_small_target(window)


@pytest.mark.parametrize("width", [NARROW, NARROWEST])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_scrolls_sideways(looking: Window, site: Site, page: str, width: int) -> None:
    visit(looking, site, page, width)
    assert looking.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("page", PAGES)
def test_a_finger_hits_every_target(looking: Window, site: Site, page: str) -> None:
    visit(looking, site, page, NARROW)
    expect_no_small_target(looking)
