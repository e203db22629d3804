"""Every kind of page against axe-core's WCAG 2.2 A and AA rules, in both schemes, wide and narrow; and the
demands beyond axe: no sideways scrolling, and targets that a finger hits.
"""

from pathlib import Path
from typing import Any, Literal

import pytest

from tests.browser.addresses import PAGES, STATUS, address
from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.server import Site
from tests.browser.window import Window

NARROWEST = 320
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
_RUN_AXE = """
async () => {
  const { violations } = await axe.run(document, {
    runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] },
    resultTypes: ["violations"],
  });
  return violations.map(({ id, help, nodes }) => ({
    id, help, nodes: nodes.slice(0, 5).map(({ target, failureSummary }) => `${target}: ${failureSummary}`),
  }));
}
"""
# A label is part of its field's target. A link within a sentence is as high as its line, and no wider than its
# word (WCAG 2.5.8, Inline).
_SMALL_TARGETS = """
() => {
  const isInSentence = (link) => getComputedStyle(link).display === "inline"
    && [...link.parentElement.childNodes].some((node) => node !== link && node.textContent.trim());
  const isSmall = (element) => {
    const boxes = [element, ...(element.labels ?? [])].map((part) => part.getBoundingClientRect());
    const height = Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top));
    const width = Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left));
    return element.tagName === "A" ? height < 24 && !isInSentence(element) : height < 24 || width < 24;
  };
  return [...document.querySelectorAll("a[href], button, input, select, summary")]
    .filter((element) => element.checkVisibility() && !element.matches(".unseen, .skip") && isSmall(element))
    .map((element) => `${element.offsetHeight}px: ${element.outerHTML.slice(0, 90)}`);
}
"""


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


def violations(window: Window) -> dict[str, list[dict[str, Any]]]:
    """What axe finds in each scheme."""
    window.page.evaluate(_AXE)
    found: dict[str, list[dict[str, Any]]] = {}
    for scheme in SCHEMES:
        window.page.emulate_media(color_scheme=scheme)
        found[scheme] = window.page.evaluate(_RUN_AXE)
    return found


def expect_no_small_target(window: Window) -> None:
    found: list[str] = window.page.evaluate(_SMALL_TARGETS)
    assert not found, "\n".join(found)
