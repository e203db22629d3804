"""Messages and lists that the reader sees when the network or a request fails, or answers come late."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.window import Window

_LIST = "**/trials?*"


@pytest.fixture
def listed(window: Window) -> Window:
    window.visit("/trials")
    return window


def hold_next_request(page: Page) -> list[Route]:
    """Keep the next request for a list waiting, and add it to the returned list."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(_LIST, hold, times=1)
    return held


def test_without_network_a_filter_says_so_and_what_was_chosen_stays(listed: Window) -> None:
    status, kind = listed.busiest("status"), listed.busiest("intervention_type")
    before = listed.ids()
    listed.page.context.set_offline(True)
    listed.box("status", status).check()
    expect(listed.problem).to_be_visible()
    expect(listed.problem).to_contain_text("could not be loaded")
    assert (listed.ticked(), listed.ids()) == ([("status", status)], before)
    listed.expect_faults("failed:", "htmx:error", "ERR_INTERNET_DISCONNECTED")

    listed.page.context.set_offline(False)
    with listed.swap():
        listed.box("intervention_type", kind).check()
    expect(listed.problem).to_be_hidden()
    assert listed.address == f"/trials?intervention_type={kind}&status={status}"


def test_words_typed_without_network_stay_in_the_box(listed: Window) -> None:
    listed.page.context.set_offline(True)
    listed.page.locator("#q").fill("patients")
    listed.page.locator("#q").press("Enter")
    expect(listed.problem).to_be_visible()
    expect(listed.page.locator("#q")).to_have_value("patients")
    listed.expect_faults("failed:", "htmx:error", "ERR_INTERNET_DISCONNECTED")


def test_an_error_answer_becomes_the_content_of_the_page(listed: Window) -> None:
    box = listed.page.locator("#facet-status input").first
    box.evaluate("box => { box.value = 'banana'; }")
    with listed.swap():
        box.click()
    listed.expect_faults("status 400", "console")
    expect(listed.heading).to_have_text("This search cannot be read")
    expect(listed.page).to_have_title("This search cannot be read · Trialmark")
    assert listed.page.locator("header.bar").count() == listed.page.locator("main").count() == 1
    listed.page.get_by_role("link", name="The same search without “status”").click()
    listed.expect_address("/trials")
    assert listed.ticked() == []


def test_the_error_of_a_gateway_does_not_replace_the_page(listed: Window) -> None:
    """A proxy answers so while the server behind it restarts."""
    status = listed.busiest("status")
    listed.page.route(_LIST, lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"), times=1)
    with listed.page.expect_response(_LIST):
        listed.box("status", status).click()
    listed.expect_faults("status 502", "console")
    expect(listed.problem).to_be_visible()
    assert listed.ticked() == [("status", status)]


def test_a_second_choice_replaces_the_request_for_the_first(listed: Window) -> None:
    status, kind = listed.busiest("status"), listed.busiest("intervention_type")
    late = hold_next_request(listed.page)
    with listed.page.expect_request(_LIST):
        listed.box("status", status).check()
    expect(listed.page.locator("#filters.htmx-request")).to_be_visible()
    with listed.swap():
        listed.box("intervention_type", kind).check()
    late[0].abort()
    listed.expect_faults("net::ERR_ABORTED")
    assert listed.address == f"/trials?intervention_type={kind}&status={status}"
    assert listed.ticked() == [("intervention_type", kind), ("status", status)]
    expect(listed.page.locator("#filters.htmx-request")).to_have_count(0)
    expect(listed.problem).to_be_hidden()


def test_a_choice_taken_back_while_its_answer_is_late_leaves_the_whole_list(listed: Window) -> None:
    box, before = listed.box("status", listed.busiest("status")), listed.ids()
    late = hold_next_request(listed.page)
    with listed.page.expect_request(_LIST):
        box.check()
    with listed.swap():
        box.uncheck()
    late[0].abort()
    listed.expect_faults("net::ERR_ABORTED")
    assert (listed.address, listed.ids(), listed.ticked()) == ("/trials", before, [])


def test_going_back_while_an_answer_is_late_ends_at_the_earlier_search(listed: Window) -> None:
    status = listed.busiest("status")
    with listed.swap():
        listed.box("status", status).check()
    late = hold_next_request(listed.page)
    with listed.page.expect_request(_LIST):
        listed.box("intervention_type", listed.busiest("intervention_type")).check()
    with listed.swap():
        listed.page.go_back()
    with listed.page.expect_response(_LIST) as answered:
        late[0].continue_()
    answered.value.finished()
    listed.wait_a_frame()
    assert (listed.address, listed.ticked()) == ("/trials", [])
