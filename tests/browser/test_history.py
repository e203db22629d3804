"""One address shows one list, whether the reader came by htmx, plain links, without script, or through history."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.server import Site
from tests.browser.window import Window

AML_BIOLOGICALS = "/trials?condition=acute+myeloid+leukemia&status=recruiting&intervention_type=biological"

State = tuple[list[str], int, list[tuple[str, str]], str, str]


def state(window: Window) -> State:
    """Return what the reader sees of a search: trials, count, ticked boxes, words and order."""
    return (
        window.ids(),
        window.total(),
        window.ticked(),
        window.page.locator("#q").input_value(),
        window.page.locator("#sort").input_value(),
    )


def as_addressed(reference: Window, address: str) -> State:
    """Return what somebody without script sees at the same address."""
    reference.visit(address)
    return state(reference)


def tick(window: Window, facet: str, value: str) -> None:
    with window.swap():
        window.box(facet, value).check()


def apply_without_script(window: Window, *choices: tuple[str, str]) -> None:
    for facet, value in choices:
        window.box(facet, value).check()
    window.page.get_by_role("button", name="Apply").click()


def test_a_search_gives_the_same_trials_by_htmx_plainly_and_without_script(open_window: OpenWindow) -> None:
    clicking, plain, scriptless = open_window(), open_window(), open_window(javascript=False)
    clicking.visit("/trials")
    choices = [(facet, clicking.busiest(facet)) for facet in ("intervention_type", "status")]
    for facet, value in choices:
        tick(clicking, facet, value)
    plain.visit(clicking.address)
    scriptless.visit("/trials")
    apply_without_script(scriptless, *choices)
    scriptless.expect_address(clicking.address)
    assert state(clicking) == state(plain) == state(scriptless)
    assert clicking.ticked() == choices


def test_biologicals_for_acute_myeloid_leukemia_are_the_same_in_every_way(
    open_window: OpenWindow, real_site: Site
) -> None:
    clicking, plain, scriptless = open_window(), open_window(), open_window(javascript=False)
    plain.visit(AML_BIOLOGICALS)
    choices = plain.ticked()
    assert choices == [
        ("condition", "acute-myeloid-leukemia"),
        ("intervention_type", "biological"),
        ("status", "recruiting"),
    ]
    assert plain.total() == len(plain.ids()) > 1
    for window in (clicking, scriptless):
        window.visit("/trials?condition=acute+myeloid+leukemia")
    for facet, value in choices[1:]:
        tick(clicking, facet, value)
    apply_without_script(scriptless, *choices[1:])
    scriptless.expect_address(clicking.address)
    assert state(clicking) == state(plain) == state(scriptless)
    clicking.page.reload()
    assert state(clicking) == state(plain)


def test_reload_back_and_forward_always_show_what_the_address_says(open_window: OpenWindow) -> None:
    window, reference = open_window(), open_window(javascript=False)
    window.visit("/trials")
    status, kind = window.busiest("status"), window.busiest("intervention_type")
    tick(window, "status", status)
    tick(window, "intervention_type", kind)
    listed = f"/trials?intervention_type={kind}&status={status}"
    window.expect_address(listed)
    trial = f"/trials/{window.ids()[0]}"
    window.page.locator(".hit-title a").first.click()
    window.expect_address(trial)

    window.page.go_back()
    window.expect_address(listed)
    assert state(window) == as_addressed(reference, listed)
    window.page.reload()
    assert state(window) == as_addressed(reference, listed)
    with window.swap():
        window.page.go_back()
    window.expect_address(f"/trials?status={status}")
    assert state(window) == as_addressed(reference, f"/trials?status={status}")
    with window.swap():
        window.page.go_back()
    window.expect_address("/trials")
    assert state(window) == as_addressed(reference, "/trials")
    for address in (f"/trials?status={status}", listed):
        with window.swap():
            window.page.go_forward()
        window.expect_address(address)
        assert state(window) == as_addressed(reference, address)
    window.page.go_forward()
    window.expect_address(trial)
    window.page.go_back()
    window.expect_address(listed)
    assert state(window) == as_addressed(reference, listed)


def test_back_restores_words_order_and_page_too(open_window: OpenWindow) -> None:
    window, reference = open_window(), open_window(javascript=False)
    page = window.page
    window.visit("/trials?per_page=10")
    visited = [window.address]
    page.locator("#q").fill("patients")
    for step in (
        lambda: page.locator("#q").press("Enter"),
        lambda: page.locator("#sort").select_option("enrollment-largest"),
        lambda: page.locator(".pager").get_by_role("link", name="Next").click(),
    ):
        with window.swap():
            step()
        visited.append(window.address)
    assert len(set(visited)) == 4
    for address in reversed(visited[:-1]):
        with window.swap():
            page.go_back()
        window.expect_address(address)
        assert state(window) == as_addressed(reference, address)


def test_back_from_words_takes_them_out_of_the_box_that_still_has_the_focus(
    open_window: OpenWindow,
) -> None:
    window, reference = open_window(), open_window(javascript=False)
    window.visit("/trials")
    window.page.locator("#q").fill("patients")
    with window.swap():
        window.page.locator("#q").press("Enter")
    with window.swap():
        window.page.go_back()
    window.expect_address("/trials")
    assert state(window) == as_addressed(reference, "/trials")


def test_a_filter_chosen_after_going_back_starts_from_what_is_shown(window: Window) -> None:
    window.visit("/trials")
    tick(window, "status", window.busiest("status"))
    with window.swap():
        window.page.go_back()
    kind = window.busiest("intervention_type")
    tick(window, "intervention_type", kind)
    assert window.address == f"/trials?intervention_type={kind}"


def test_back_from_a_trial_comes_to_the_place_in_the_list_that_was_left(window: Window) -> None:
    window.visit("/trials")
    tick(window, "status", window.busiest("status"))
    link = window.page.locator(".hit-title a").nth(15)
    registry_id = window.ids()[15]
    link.click()
    window.expect_address(f"/trials/{registry_id}")
    window.page.go_back()
    expect(window.page.locator(f'.hit-title a[href="/trials/{registry_id}"]')).to_be_in_viewport()


def test_a_link_into_a_section_of_a_trial_and_back_again(window: Window, site: Site) -> None:
    window.visit(site.varied["most sites"])
    window.page.locator(".toc").get_by_role("link", name="Sites and contacts").click()
    expect(window.page.locator("#sites h2")).to_be_in_viewport()
    window.page.go_back()
    expect(window.heading).to_be_in_viewport()
