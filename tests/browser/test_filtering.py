"""Filtering, ordering and paging with htmx: what changes, and what stays where the reader is."""

import pytest
from playwright.sync_api import expect

from tests.browser.window import Window

NOT_YET_LOADED_AGAIN = "window.isFirstDocument === true"


@pytest.fixture
def listed(window: Window) -> Window:
    """Open the whole list, and mark the document; a reload would lose the mark."""
    window.visit("/trials")
    window.page.evaluate("window.isFirstDocument = true")
    return window


def test_ticking_a_box_changes_list_sentence_chips_counts_and_address_without_a_reload(
    listed: Window,
) -> None:
    status = listed.busiest("status")
    announced, others = listed.choices("status")[status], listed.choices("intervention_type")
    with listed.swap():
        listed.box("status", status).check()
    assert listed.address == f"/trials?status={status}"
    assert listed.total() == announced
    shown = listed.page.locator("article.hit .status").evaluate_all("tags => tags.map(t => t.dataset.status)")
    assert set(shown) == {status}
    assert listed.chips.count() == 1
    assert listed.choices("intervention_type") != others
    assert listed.ticked() == [("status", status)]
    assert listed.page.evaluate(NOT_YET_LOADED_AGAIN)


def test_the_address_has_the_filters_in_their_order_whatever_was_ticked_first(listed: Window) -> None:
    status, kind = listed.busiest("status"), listed.busiest("intervention_type")
    for facet, value in (("status", status), ("intervention_type", kind)):
        with listed.swap():
            listed.box(facet, value).check()
    assert listed.address == f"/trials?intervention_type={kind}&status={status}"


def test_focus_stays_on_the_box_that_was_ticked(listed: Window) -> None:
    box = listed.box("sponsor", listed.busiest("sponsor"))
    with listed.swap():
        box.check()
    expect(box).to_be_focused()
    with listed.swap():
        listed.page.keyboard.press("Space")
    expect(box).to_be_focused()
    assert listed.address == "/trials"


def test_the_new_count_is_announced_by_the_status_line_that_was_there_before(listed: Window) -> None:
    line = listed.page.get_by_role("status").filter(has_text="trials").element_handle()
    before = line.inner_text()
    with listed.swap():
        listed.box("status", listed.busiest("status")).check()
    assert line.evaluate("line => line.isConnected")
    assert line.inner_text() == listed.sentence.inner_text() != before


def test_a_filter_stays_as_far_open_as_the_reader_left_it(listed: Window) -> None:
    closed_at_first = listed.page.locator("#filters details:not([open])").first
    name = closed_at_first.get_attribute("id")
    listed.page.locator(f"#{name} summary").click()
    listed.page.locator("#facet-condition summary").click()
    with listed.swap():
        listed.box("status", listed.busiest("status")).check()
    expect(listed.page.locator(f"#{name}")).to_have_attribute("open", "")
    expect(listed.page.locator("#facet-condition")).not_to_have_attribute("open", "")


def test_a_filter_opened_after_a_swap_shows_all_its_choices(listed: Window) -> None:
    """In about every second run Chromium does not lay out what was moved inside a closed `details`."""
    with listed.swap():
        listed.box("status", listed.busiest("status")).check()
    for name in listed.page.locator("#filters details:not([open])").evaluate_all(
        "all => all.map(one => one.id)"
    ):
        listed.page.locator(f"#{name} summary").click()
    for choice in listed.page.locator("#filters li").all():
        expect(choice).to_be_visible()


def test_removing_a_chip_unticks_its_box(listed: Window) -> None:
    status, kind = listed.busiest("status"), listed.busiest("intervention_type")
    for facet, value in (("status", status), ("intervention_type", kind)):
        with listed.swap():
            listed.box(facet, value).check()
    with listed.swap():
        listed.chips.filter(has_text="Remove Status").click()
    assert listed.address == f"/trials?intervention_type={kind}"
    assert listed.ticked() == [("intervention_type", kind)]


def test_clear_all_unticks_every_box_and_empties_the_search_box(listed: Window) -> None:
    with listed.swap():
        listed.box("status", listed.busiest("status")).check()
    listed.page.locator("#q").fill("patients")
    with listed.swap():
        listed.page.locator("#q").press("Enter")
    with listed.swap():
        listed.page.get_by_role("link", name="Clear all").click()
    assert listed.address == "/trials"
    assert listed.ticked() == []
    expect(listed.page.locator("#q")).to_have_value("")


def test_a_filter_after_a_removed_chip_does_not_bring_the_removed_one_back(listed: Window) -> None:
    with listed.swap():
        listed.box("status", listed.busiest("status")).check()
    with listed.swap():
        listed.chips.first.click()
    kind = listed.busiest("intervention_type")
    with listed.swap():
        listed.box("intervention_type", kind).check()
    assert listed.address == f"/trials?intervention_type={kind}"


def test_words_and_enter_keep_the_filters(listed: Window) -> None:
    status = listed.busiest("status")
    with listed.swap():
        listed.box("status", status).check()
    filtered = listed.total()
    listed.page.locator("#q").fill("  Patients ")
    with listed.swap():
        listed.page.locator("#q").press("Enter")
    assert listed.address == f"/trials?q=Patients&status={status}"
    assert listed.ticked() == [("status", status)]
    assert 0 < listed.total() < filtered
    assert listed.page.evaluate(NOT_YET_LOADED_AGAIN)


def test_another_order_lists_the_same_trials_anew(listed: Window) -> None:
    first, total = listed.ids(), listed.total()
    with listed.swap():
        listed.page.get_by_label("Order").select_option("enrollment-largest")
    assert listed.address == "/trials?sort=enrollment-largest"
    assert listed.total() == total
    assert listed.ids() != first
    expect(listed.sentence).to_contain_text("Most participants first")
    with listed.swap():
        listed.page.get_by_label("Order").select_option(label="Most recently updated first")
    assert (listed.address, listed.ids()) == ("/trials", first)


def test_fewer_trials_a_page_are_the_first_of_the_same(listed: Window) -> None:
    first = listed.ids()
    with listed.swap():
        listed.page.get_by_label("Per page").select_option("10")
    assert listed.address == "/trials?per_page=10"
    assert listed.ids() == first[:10]


@pytest.mark.parametrize("link", ["2", "Next"])
def test_paging_moves_the_focus_to_the_heading_of_the_results(listed: Window, link: str) -> None:
    first = listed.ids()
    for page in (2, 3):
        with listed.swap():
            listed.page.locator(".pager").get_by_role("link", name=link, exact=True).click()
        assert listed.address == f"/trials?page={page}"
        expect(listed.heading).to_be_focused()
        expect(listed.heading).to_be_in_viewport()
        if link != "Next":
            break
    assert not set(first) & set(listed.ids())


def test_a_filter_on_a_later_page_starts_at_the_first(listed: Window) -> None:
    with listed.swap():
        listed.page.locator(".pager").get_by_role("link", name="Next").click()
    status = listed.busiest("status")
    with listed.swap():
        listed.box("status", status).check()
    assert listed.address == f"/trials?status={status}"


def test_the_title_of_the_window_follows_the_list(listed: Window) -> None:
    title = listed.page.title()
    with listed.swap():
        listed.box("condition", listed.busiest("condition")).check()
    expect(listed.page).to_have_title(f"{listed.heading.inner_text()} · Trialmark")
    assert listed.page.title() != title


@pytest.mark.parametrize("facet", ["condition", "intervention_type", "sponsor", "country", "start_year"])
def test_the_count_beside_a_box_is_what_ticking_it_gives(listed: Window, facet: str) -> None:
    with listed.swap():
        listed.box("status", listed.busiest("status")).check()
    if listed.page.locator(f"#facet-{facet}:not([open])").count():
        listed.page.locator(f"#facet-{facet} summary").click()
    choices = list(listed.choices(facet).items())
    for value, count in (choices[0], choices[-1]):
        with listed.swap():
            listed.box(facet, value).check()
        assert listed.total() == count
        with listed.swap():
            listed.box(facet, value).uncheck()
