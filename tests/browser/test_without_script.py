"""Without JavaScript everything works by plain forms, links and the browser's own folding."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.server import Site
from tests.browser.window import Window


@pytest.fixture
def scriptless(open_window: OpenWindow) -> Window:
    return open_window(javascript=False)


def test_filters_apply_by_a_button_and_the_address_stays_short(scriptless: Window) -> None:
    scriptless.visit("/trials")
    status = scriptless.busiest("status")
    count = scriptless.choices("status")[status]
    scriptless.box("status", status).check()
    scriptless.page.get_by_role("button", name="Apply").click()
    scriptless.expect_address(f"/trials?status={status}")
    assert scriptless.total() == count


def test_search_from_the_home_page_then_filters_then_other_words(scriptless: Window) -> None:
    scriptless.visit("/")
    search = scriptless.page.get_by_role("searchbox")
    search.fill("patients")
    search.press("Enter")
    scriptless.expect_address("/trials?q=patients")
    status = scriptless.busiest("status")
    scriptless.box("status", status).check()
    scriptless.page.get_by_role("button", name="Apply").click()
    scriptless.expect_address(f"/trials?q=patients&status={status}")
    search.fill("treatment")
    scriptless.page.get_by_role("button", name="Search").click()
    scriptless.expect_address(f"/trials?q=treatment&status={status}")
    assert scriptless.ticked() == [("status", status)]


def test_order_and_page_size_apply_by_the_same_button(scriptless: Window) -> None:
    scriptless.visit("/trials")
    scriptless.page.locator("#sort").select_option("start-newest")
    scriptless.page.locator("#per_page").select_option("10")
    scriptless.page.get_by_role("button", name="Apply").click()
    scriptless.expect_address("/trials?sort=start-newest&per_page=10")
    assert len(scriptless.ids()) == 10


def test_chips_and_pages_are_plain_links(scriptless: Window) -> None:
    scriptless.visit("/trials?status=recruiting&per_page=10")
    first = scriptless.ids()
    scriptless.page.locator(".pager").get_by_role("link", name="Next").click()
    scriptless.expect_address("/trials?status=recruiting&page=2&per_page=10")
    assert not set(first) & set(scriptless.ids())
    scriptless.chips.first.click()
    scriptless.expect_address("/trials?per_page=10")


def test_a_value_beyond_the_first_ten_is_found_on_its_own_page(scriptless: Window) -> None:
    scriptless.visit("/trials?status=recruiting")
    scriptless.page.locator("#facet-condition .more a").click()
    scriptless.expect_address("/trials/filter/condition?status=recruiting")
    last = scriptless.page.locator(".values a").last
    name = last.inner_text()
    scriptless.page.get_by_label("Search within condition").fill(name)
    scriptless.page.get_by_label("Search within condition").press("Enter")
    scriptless.page.locator(".values").get_by_role("link", name=name, exact=True).click()
    expect(scriptless.heading).to_have_text(name)
    assert {facet for facet, _ in scriptless.ticked()} == {"condition", "status"}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_trial_is_complete_and_its_sections_are_linked(
    open_window: OpenWindow, site: Site, width: int
) -> None:
    window = open_window(width, javascript=False)
    window.visit(site.varied["most sites"])
    for link in window.page.locator(".toc a").all():
        target = link.get_attribute("href") or ""
        link.click()
        expect(window.page.locator(target)).to_be_in_viewport()
    country = window.page.locator("details.country").last
    country.locator("summary").click()
    expect(country.locator("li").first).to_be_visible()


def test_what_only_a_script_can_do_is_not_offered(scriptless: Window, site: Site) -> None:
    scriptless.visit(site.varied["most said"])
    expect(scriptless.page.get_by_role("button", name="Copy link")).to_be_hidden()
    expect(scriptless.page.get_by_role("button", name="Print")).to_be_hidden()


def test_on_a_narrow_screen_the_filters_open_by_their_button(open_window: OpenWindow) -> None:
    window = open_window(NARROW, javascript=False)
    window.visit("/trials")
    status = window.page.locator("#facet-status")
    expect(status).to_be_hidden()
    window.page.get_by_text("Filters", exact=True).click()
    expect(status).to_be_visible()
    chosen = window.busiest("status")
    window.box("status", chosen).check()
    window.page.get_by_role("button", name="Apply").click()
    window.expect_address(f"/trials?status={chosen}")
    window.page.get_by_text("Filters (1)", exact=True).click()
    expect(window.box("status", chosen)).to_be_checked()


def test_every_page_is_reached_from_home_by_links(scriptless: Window) -> None:
    """Walk over the first link of each kind; a dead one would be noted as a fault."""
    scriptless.visit("/")
    seen: set[str] = set()
    while True:
        links = scriptless.page.locator("a[href^='/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href')).filter(url => !url.endsWith('.json'))"
        )
        kinds = {_kind(link): link for link in reversed(links) if not link.startswith("/api/")}
        unseen = sorted(kinds.keys() - seen)
        if not unseen:
            break
        seen.add(unseen[0])
        scriptless.visit(kinds[unseen[0]])
        expect(scriptless.heading).to_be_visible()
    assert seen >= {"/", "/trials", "/trials?", "/trials/*", "/about/data"}


def _kind(link: str) -> str:
    path, has_query, _ = link.partition("?")
    if path.startswith("/trials/filter"):
        return "/trials/filter"
    return ("/trials/*" if path.startswith("/trials/") else path) + has_query
