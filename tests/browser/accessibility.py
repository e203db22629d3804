"""Asks axe-core and our own rules what is wrong with the page in a window."""

from pathlib import Path
from typing import Any, Literal

from tests.browser.window import Window

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


def violations(window: Window) -> dict[str, list[dict[str, Any]]]:
    """Return what axe finds in each color scheme."""
    window.page.evaluate(_AXE)
    found: dict[str, list[dict[str, Any]]] = {}
    for scheme in SCHEMES:
        window.page.emulate_media(color_scheme=scheme)
        found[scheme] = window.page.evaluate(_RUN_AXE)
    return found


def expect_no_small_target(window: Window) -> None:
    found: list[str] = window.page.evaluate(_SMALL_TARGETS)
    assert not found, "\n".join(found)
