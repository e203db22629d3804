"""The search box as a combobox: by keyboard, by pointer, beside the list's filters, and when answers fail or are late.

The tests answer its requests themselves, so that suggestions do not depend on the records of the site.
"""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.accessibility import expect_no_small_target, violations
from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.window import Window

_SUGGEST = "**/trials/suggest?*"


class Box:
    """The search box of a window, and what a reader sees of it."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.input = window.page.locator("#q")
        self.list = window.page.locator("#suggestions")
        self.options = window.page.get_by_role("listbox").get_by_role("option")
        self.said = window.page.locator("#announcement")

    def type(self, words: str) -> None:
        self.input.press_sequentially(words)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.window.page.keyboard.press(key)

    def offer(self, words: str) -> None:
        """Type, and wait until suggestions are open."""
        self.type(words)
        expect(self.list).to_be_visible()

    def expect_active(self, option: Locator | None) -> None:
        selected = self.list.locator("[aria-selected=true]")
        if option is None:
            expect(selected).to_have_count(0)
            assert self.input.get_attribute("aria-activedescendant") is None
            return
        expect(selected).to_have_count(1)
        expect(option).to_have_attribute("aria-selected", "true")
        assert self.input.get_attribute("aria-activedescendant") == option.get_attribute("id")
        expect(self.input).to_be_focused()

    def expect_closed(self) -> None:
        expect(self.list).to_be_hidden()
        expect(self.input).to_have_attribute("aria-expanded", "false")
        expect(self.list.locator("*")).to_have_count(0)


def answered(links: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><a href="{url}"><span>{label}</span> <span class="soft small">Kind <b>1 trial</b></span></a></li>'
        for label, url in links
    )
    return f"<title>Suggestions</title><main><h1>Suggestions</h1><ul id='suggested'>{items}</ul></main>"


def suggest(window: Window, links: list[tuple[str, str]]) -> list[str]:
    """Answer every request with these suggestions; the words asked for are added to the returned list."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.extend(parse_qs(urlsplit(route.request.url).query)["q"])
        route.fulfill(body=answered(links), content_type="text/html")

    window.page.route(_SUGGEST, answer)
    return asked


def hold_next_answer(window: Window) -> list[Route]:
    """Keep the next request waiting, and add it to the returned list."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    window.page.route(_SUGGEST, hold, times=1)
    return held


THREE = [("First", "/trials?q=first"), ("Second", "/trials?q=second"), ("Third", "/about/data")]


@pytest.fixture
def box(window: Window) -> Box:
    suggest(window, THREE)
    window.visit("/")
    return Box(window)


def test_it_is_a_combobox_that_says_what_it_controls(box: Box) -> None:
    expect(box.input).to_have_role("combobox")
    expect(box.input).to_have_attribute("aria-autocomplete", "list")
    expect(box.input).to_have_attribute("aria-controls", "suggestions")
    expect(box.input).to_have_accessible_name("Disease, drug, sponsor or registry number")
    box.expect_closed()
    box.offer("ab")
    expect(box.input).to_have_attribute("aria-expanded", "true")
    expect(box.options).to_have_count(3)
    expect(box.said).to_have_text("3 suggestions")
    box.expect_active(None)


def test_arrows_go_through_the_options_and_around(box: Box) -> None:
    box.offer("ab")
    for key, place in (
        ("ArrowDown", 0),
        ("ArrowDown", 1),
        ("ArrowDown", 2),
        ("ArrowDown", 0),
        ("ArrowUp", 2),
        ("ArrowUp", 1),
    ):
        box.press(key)
        box.expect_active(box.options.nth(place))
    expect(box.input).to_have_value("ab")


def test_up_comes_to_the_last_option_first(box: Box) -> None:
    box.offer("ab")
    box.press("ArrowUp")
    box.expect_active(box.options.last)


@pytest.mark.parametrize("key", ["Home", "End", "ArrowLeft", "ArrowRight"])
def test_moving_in_the_text_leaves_the_options(box: Box, key: str) -> None:
    box.offer("ab")
    box.press("ArrowDown", key)
    box.expect_active(None)
    caret = box.input.evaluate("input => input.selectionStart")
    assert caret == {"Home": 0, "End": 2, "ArrowLeft": 1, "ArrowRight": 2}[key]


def test_enter_on_an_option_goes_where_it_leads(box: Box) -> None:
    box.offer("ab")
    box.press("ArrowDown", "ArrowDown", "Enter")
    box.window.expect_address("/trials?q=second")


def test_enter_without_an_option_searches_for_the_text(box: Box) -> None:
    box.offer("patients")
    box.press("Enter")
    box.window.expect_address("/trials?q=patients")


def test_escape_closes_and_leaves_the_text_then_down_opens_again(box: Box) -> None:
    box.offer("ab")
    box.press("ArrowDown", "Escape")
    box.expect_closed()
    expect(box.input).to_have_value("ab")
    expect(box.input).to_be_focused()
    box.press("ArrowDown")
    expect(box.options).to_have_count(3)


def test_tab_leaves_without_choosing(box: Box) -> None:
    box.offer("ab")
    box.press("ArrowDown", "Tab")
    box.expect_closed()
    expect(box.window.page.get_by_role("button", name="Search")).to_be_focused()
    box.window.expect_address("/")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_pointer_chooses(open_window: OpenWindow, width: int) -> None:
    window = open_window(width)
    suggest(window, THREE)
    window.visit("/")
    box = Box(window)
    box.offer("ab")
    box.options.nth(2).click()
    window.expect_address("/about/data")


def test_a_click_elsewhere_closes(box: Box) -> None:
    box.offer("ab")
    box.window.heading.click(position={"x": 2, "y": 2}, force=True)
    box.expect_closed()


def test_one_letter_asks_nothing_and_taking_letters_back_closes(window: Window) -> None:
    asked = suggest(window, THREE)
    window.visit("/")
    box = Box(window)
    box.offer("ab")
    box.press("Backspace")
    box.expect_closed()
    assert asked == ["ab"]


def test_letters_in_quick_succession_ask_once(window: Window) -> None:
    asked = suggest(window, THREE)
    window.visit("/")
    Box(window).input.evaluate(
        """input => {
          for (const words of ["le", "leu", "leuk", "leuk & co"]) {
            input.focus();
            input.value = words;
            input.dispatchEvent(new Event("input", { bubbles: true }));
          }
        }"""
    )
    expect(Box(window).options).to_have_count(3)
    assert asked == ["leuk & co"]


def test_nothing_found_is_said_and_shows_nothing(window: Window) -> None:
    suggest(window, [])
    window.visit("/")
    box = Box(window)
    box.type("zz")
    expect(box.said).to_have_text("No suggestions")
    box.expect_closed()


def test_words_that_look_like_markup_stay_words(window: Window) -> None:
    suggest(window, [("&lt;img src=x onerror=alert(1)&gt;", "/trials?q=x")])
    window.visit("/")
    box = Box(window)
    box.offer("im")
    expect(box.options).to_contain_text("<img src=x onerror=alert(1)>")


class TestFailures:
    def test_without_network_the_box_still_takes_words(self, window: Window) -> None:
        window.visit("/trials")
        box = Box(window)
        window.page.route(_SUGGEST, lambda route: route.abort())
        with window.page.expect_event("requestfailed"):
            box.type("patients")
        box.expect_closed()
        expect(window.problem).to_be_hidden()
        with window.swap():
            box.press("Enter")
        window.expect_address("/trials?q=patients")
        window.expect_faults("failed:", "ERR_FAILED")

    def test_the_error_of_a_gateway_is_no_suggestion(self, window: Window) -> None:
        window.visit("/")
        page = answered(THREE)
        window.page.route(_SUGGEST, lambda route: route.fulfill(status=502, body=page))
        box = Box(window)
        with window.page.expect_response(_SUGGEST):
            box.type("ab")
        window.expect_faults("status 502", "console")
        expect(box.said).to_have_text("No suggestions")
        box.expect_closed()

    def test_an_answer_that_comes_after_the_search_opens_nothing(self, window: Window) -> None:
        window.visit("/trials")
        box = Box(window)
        held = hold_next_answer(window)
        with window.page.expect_request(_SUGGEST):
            box.type("patients")
        with window.swap():
            box.press("Enter")
        with window.page.expect_response(_SUGGEST) as answer:
            held[0].fulfill(body=answered(THREE), content_type="text/html")
        answer.value.finished()
        window.wait_a_frame()
        box.expect_closed()
        window.expect_address("/trials?q=patients")

    def test_a_late_answer_to_earlier_letters_does_not_replace_the_newer(self, window: Window) -> None:
        suggest(window, THREE)
        window.visit("/")
        box = Box(window)
        hold_next_answer(window)
        with window.page.expect_request(_SUGGEST):
            box.type("le")
        with window.page.expect_event("requestfailed"):
            box.offer("uk")
        expect(box.options.first).to_contain_text("First")


class TestOnTheList:
    def test_a_disease_joins_the_filters_and_takes_the_place_of_the_words(self, window: Window) -> None:
        window.visit("/trials")
        condition, status = window.busiest("condition"), window.busiest("status")
        suggest(window, [("A disease", f"/trials?condition={condition}")])
        with window.swap():
            window.box("status", status).check()
        box = Box(window)
        box.offer("xy")
        box.press("ArrowDown")
        with window.swap():
            box.press("Enter")
        window.expect_address(f"/trials?condition={condition}&status={status}")
        assert window.ticked() == [("condition", condition), ("status", status)]
        expect(box.input).to_have_value("")
        box.expect_closed()
        expect(box.input).to_have_role("combobox")

    def test_a_drug_becomes_the_words_and_the_filters_stay(self, window: Window) -> None:
        suggest(window, [("Drug", "/trials?q=patients")])
        window.visit("/trials")
        status = window.busiest("status")
        with window.swap():
            window.box("status", status).check()
        box = Box(window)
        box.offer("dr")
        with window.swap():
            box.options.first.click()
        window.expect_address(f"/trials?q=patients&status={status}")
        expect(box.input).to_have_value("patients")

    def test_a_second_disease_is_an_alternative_and_can_be_taken_back(self, window: Window) -> None:
        window.visit("/trials")
        first, second = list(window.choices("condition"))[:2]
        box = Box(window)
        for condition in (first, second):
            window.page.unroute_all()
            suggest(window, [("A disease", f"/trials?condition={condition}")])
            box.offer("xy")
            with window.swap():
                box.options.first.click()
        assert sorted(window.ticked()) == sorted([("condition", first), ("condition", second)])
        with window.swap():
            window.box("condition", second).uncheck()
        window.expect_address(f"/trials?condition={first}")

    def test_a_trial_is_opened(self, window: Window) -> None:
        window.visit("/trials?status=completed")
        registry_id = window.ids()[0]
        suggest(window, [(registry_id, f"/trials/{registry_id}")])
        box = Box(window)
        box.offer("nc")
        box.press("ArrowDown", "Enter")
        window.expect_address(f"/trials/{registry_id}")

    def test_a_filter_ticked_while_it_is_open_closes_it_and_it_opens_again(self, window: Window) -> None:
        suggest(window, THREE)
        window.visit("/trials")
        box = Box(window)
        box.offer("ab")
        with window.swap():
            window.box("status", window.busiest("status")).check()
        box.expect_closed()
        box.input.clear()
        box.offer("cd")
        expect(box.options).to_have_count(3)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_the_server_suggests_leads_to_as_many_trials_as_it_says(
    open_window: OpenWindow, width: int
) -> None:
    window = open_window(width)
    window.visit("/trials")
    name = window.page.locator("#facet-condition label").first.inner_text()
    box = Box(window)
    box.offer(name)
    said = box.options.first.locator("b").inner_text().removesuffix(" in all")
    with window.swap():
        box.options.first.click()
    assert window.sentence.locator("b").first.inner_text() == said
    expect(window.heading).to_have_text(name)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_open_list_passes_axe_and_fits_the_screen(open_window: OpenWindow, width: int) -> None:
    window = open_window(width)
    window.visit("/trials")
    box = Box(window)
    box.offer("tri")
    box.press("ArrowDown")
    assert violations(window) == {"light": [], "dark": []}
    assert window.page.evaluate("document.documentElement.scrollWidth") == width
    expect_no_small_target(window)
    heights = box.options.evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(heights) >= 24


def test_in_forced_colors_the_active_option_is_told_apart(window: Window) -> None:
    suggest(window, THREE)
    window.page.emulate_media(forced_colors="active")
    window.visit("/")
    box = Box(window)
    box.offer("ab")
    box.press("ArrowDown")
    color = "one => getComputedStyle(one).backgroundColor"
    assert box.options.nth(0).evaluate(color) != box.options.nth(1).evaluate(color)


def test_without_script_it_is_a_plain_search_box(open_window: OpenWindow) -> None:
    window = open_window(javascript=False)
    window.visit("/")
    search = window.page.get_by_role("searchbox")
    search.fill("patients")
    expect(window.page.locator("#suggestions")).to_be_hidden()
    search.press("Enter")
    window.expect_address("/trials?q=patients")
