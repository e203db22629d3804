"""A browser window as a reader has it: it opens addresses, reads the list there, and notes every fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, expect

_FRAMES_TO_WAIT = 100

# Waiting uses marks in the markup, because the pages' policy forbids Playwright to evaluate a condition
# repeatedly.
_COUNT_SWAPS = """
document.addEventListener("htmx:after:swap", () => {
  const { dataset } = document.documentElement;
  dataset.swaps = Number(dataset.swaps ?? 0) + 1;
});
"""

_DROPPED = ("/icon.svg", "/trials/suggest")
"""Requests that a reader does not wait for: moving on, or typing the next letter, aborts them."""


class Window:
    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.faults: list[str] = []
        self.main = page.locator("main")
        self.heading = page.locator("h1")
        self.sentence = page.locator(".said")
        self.chips = page.locator(".chips a:not(.all)")
        self.problem = page.locator("#problem")
        page.add_init_script(_COUNT_SWAPS)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._note_request)
        page.on("requestfailed", self._note_failure)
        page.on("response", self._note_response)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:")):
            self.faults.append(f"another host: {request.url}")

    def _note_failure(self, request: Request) -> None:
        is_dropped = request.failure == "net::ERR_ABORTED"
        if is_dropped and request.url.partition("?")[0].endswith(_DROPPED):
            return
        self.faults.append(f"failed: {request.url} {request.failure}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"status {response.status}: {response.url}")

    def expect_faults(self, *expected: str) -> None:
        """Expect each of these faults; the console may report one a moment after its cause."""
        for words in expected:
            for _ in range(_FRAMES_TO_WAIT):
                if any(words in fault for fault in self.faults):
                    break
                self.wait_a_frame()
            else:
                pytest.fail(f"no {words!r} among {self.faults}")
        self.faults = [fault for fault in self.faults if not any(words in fault for words in expected)]

    def wait_a_frame(self) -> None:
        self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 1000 if width > 1000 else 800})

    def visit(self, path: str) -> None:
        self.page.goto(self.origin + path)

    @property
    def address(self) -> str:
        """Return the path and query of the address bar."""
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def expect_address(self, path: str) -> None:
        expect(self.page).to_have_url(self.origin + path)

    @contextmanager
    def swap(self) -> Iterator[None]:
        """Wait until the action inside has swapped one new list into the page."""
        root = self.page.locator("html")
        before = int(root.get_attribute("data-swaps") or 0)
        yield
        expect(root).to_have_attribute("data-swaps", str(before + 1))

    def ids(self) -> list[str]:
        """Return the registry ids of the listed trials in their order."""
        urls = self.page.locator("article.hit .hit-title a").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        return [url.removeprefix("/trials/") for url in urls]

    def ticked(self) -> list[tuple[str, str]]:
        """Return (facet, value) of each box that is ticked now, whatever the markup says."""
        boxes = self.page.locator("#filters input[type=checkbox]:checked")
        return [
            (name, value) for name, value in boxes.evaluate_all("boxes => boxes.map(b => [b.name, b.value])")
        ]

    def box(self, facet: str, value: str) -> Locator:
        return self.page.locator(f'input[name="{facet}"][value="{value}"]')

    def total(self) -> int:
        return int(self.sentence.locator("b").first.inner_text().split()[0].replace(",", ""))

    def choices(self, facet: str) -> dict[str, int]:
        """Return the values that a filter offers, with the counts beside them."""
        counts = self.page.locator(f"#facet-{facet} li:has(input)").evaluate_all(
            "lines => lines.map(l => [l.querySelector('input').value, l.querySelector('data').value])"
        )
        return {value: int(count) for value, count in counts}

    def busiest(self, facet: str) -> str:
        """Return a value that many trials have, but not all."""
        total = self.total()
        counts = {value: count for value, count in self.choices(facet).items() if count < total}
        return max(counts, key=lambda value: (value != "not-stated", counts[value]))
