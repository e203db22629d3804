"""The keyboard alone does everything, and always shows where it is."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.server import Site

_MOST_STOPS = 250
_SHOWS_FOCUS = """
focused => {
  const isOutlined = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { width, height, top, bottom, left, right } = element.getBoundingClientRect();
    const isInView = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
    return isInView && width > 1 && height > 1 && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  return [focused, focused.closest(".find"), ...(focused.labels ?? [])].some((one) => one && isOutlined(one));
}
"""


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def expect_shown_focus(page: Page) -> None:
    is_shown = focused(page).evaluate(_SHOWS_FOCUS)
    assert is_shown, focused(page).evaluate("element => element.outerHTML.slice(0, 200)")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; each stop on the way must show that it has the focus."""
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        expect_shown_focus(page)
        if target.evaluate("target => target === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach {target}")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_first_stop_skips_to_the_content(open_window: OpenWindow, width: int) -> None:
    window = open_window(width)
    window.visit("/trials")
    window.page.keyboard.press("Tab")
    skip = window.page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    window.page.keyboard.press("Enter")
    expect(window.main).to_be_focused()
    window.page.keyboard.press("Tab")
    assert focused(window.page).evaluate("element => document.querySelector('main').contains(element)")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_search_filter_open_a_trial_and_come_back_by_keyboard(open_window: OpenWindow, width: int) -> None:
    window = open_window(width)
    page = window.page
    window.visit("/")
    tab_to(page, page.get_by_role("combobox"))
    page.keyboard.type("patients")
    page.keyboard.press("Enter")
    window.expect_address("/trials?q=patients")

    if width == NARROW:
        tab_to(page, page.locator("#show-filters"))
        page.keyboard.press("Space")
    status = window.busiest("status")
    tab_to(page, window.box("status", status))
    with window.swap():
        page.keyboard.press("Space")
    filtered = f"/trials?q=patients&status={status}"
    window.expect_address(filtered)

    found = window.ids()
    tab_to(page, page.locator(".hit-title a").first)
    page.keyboard.press("Enter")
    window.expect_address(f"/trials/{found[0]}")
    page.go_back()  # Alt+Left is a key of the browser's own frame, which this window lacks
    window.expect_address(filtered)
    assert (window.ids(), window.ticked()) == (found, [("status", status)])


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("page", ["home", "empty", "trial"])
def test_every_stop_of_a_page_shows_the_focus_and_is_in_view(
    open_window: OpenWindow, site: Site, page: str, width: int
) -> None:
    window = open_window(width)
    addresses = {
        "home": "/",
        "empty": "/trials?condition=no-such-disease",
        "trial": site.varied["least said"],
    }
    window.visit(addresses[page])
    for _ in range(_MOST_STOPS):
        window.page.keyboard.press("Tab")
        if window.page.evaluate("document.activeElement === document.body"):
            return
        expect_shown_focus(window.page)
    pytest.fail("Tab never returns to the first stop")


def test_a_wide_table_is_scrolled_by_keyboard(open_window: OpenWindow) -> None:
    window = open_window(NARROW)
    window.visit("/about/data")
    region = window.page.get_by_role("region", name="Last runs")
    tab_to(window.page, region)
    last = region.get_by_role("columnheader").last
    expect(last).not_to_be_in_viewport()
    for _ in range(20):
        window.page.keyboard.press("ArrowRight")
    expect(last).to_be_in_viewport()
