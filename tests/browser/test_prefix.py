"""Under a proxy's path prefix the script works as without one: filters, Back, suggestions, copying."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.server import Site, serving
from tests.browser.window import Window
from tests.factories import source, study
from tests.support.stripping_proxy import stripping_proxy

PREFIX = "/trials-browser"


@pytest.fixture(scope="module")
def prefixed_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    statuses = ["RECRUITING", "COMPLETED", "RECRUITING"]
    studies = [
        study(f"NCT0000000{n}", status=status, conditions=["Asthma"]) for n, status in enumerate(statuses, 1)
    ]
    with serving(tmp_path_factory.mktemp("prefixed"), [source(studies)], root_path=PREFIX) as site:
        yield site


@pytest.fixture(params=["prefix stripped", "prefix passed on"])
def below_prefix(request: pytest.FixtureRequest, prefixed_site: Site, browser: Browser) -> Iterator[Window]:
    """Open a window at paths below the prefix, in which any request outside of the prefix is a fault."""
    with stripping_proxy(prefixed_site.origin, PREFIX) as proxy:
        origin = proxy if request.param == "prefix stripped" else prefixed_site.origin
        context = browser.new_context(
            reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]
        )
        window = Window(context.new_page(), origin + PREFIX)
        yield window
        context.close()
    assert [fault for fault in window.faults if "icon.svg" not in fault] == []


def test_a_reader_filters_goes_back_picks_a_suggestion_and_copies_the_link(below_prefix: Window) -> None:
    window, page = below_prefix, below_prefix.page
    window.visit("/")
    page.get_by_role("link", name="All trials").first.click()
    window.expect_address("/trials")

    with window.swap():
        window.box("status", "completed").check()
    window.expect_address("/trials?status=completed")
    expect(window.sentence).to_contain_text("1 trial")
    with window.swap():
        window.chips.first.click()
    window.expect_address("/trials")
    page.go_back()
    window.expect_address("/trials?status=completed")
    expect(window.chips).to_have_count(1)

    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#announcement")).to_have_text("Link copied")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"{window.origin}/trials?status=completed"

    box = page.locator("#q")
    box.press_sequentially("asth")
    option = page.locator("#suggestions [role=option]").first
    expect(option).to_contain_text("Asthma")
    with window.swap():
        option.click()
    window.expect_address("/trials?condition=asthma&status=completed")

    page.locator(".hit-title a").first.click()
    window.expect_address("/trials/NCT00000002")
    # Fetched, not opened as a page: a browser asks the host's root for the icon of a page that names none.
    address = page.get_by_role("link", name="JSON").evaluate("link => link.href")
    assert urlsplit(address).path == f"{PREFIX}/trials/NCT00000002.json"
    assert page.request.get(address).ok


def test_a_registry_number_leads_to_its_trial(below_prefix: Window) -> None:
    below_prefix.visit("/trials")
    below_prefix.page.locator("#q").fill("nct3")
    below_prefix.page.locator("#q").press("Enter")
    below_prefix.expect_address("/trials/NCT00000003")
