"""What may leave a page, such as copied links and prints, and what must not: requests to other hosts, cookies."""

from urllib.parse import urlsplit

from playwright.sync_api import Request, expect

from tests.browser.addresses import PAGES, STATUS, address
from tests.browser.conftest import OpenWindow
from tests.browser.server import Site
from tests.browser.window import Window

_CLIPBOARD = ("clipboard-read", "clipboard-write")


def copied(window: Window) -> str:
    return str(window.page.evaluate("navigator.clipboard.readText()"))


def test_copy_link_puts_the_canonical_address_of_the_list_on_the_clipboard(open_window: OpenWindow) -> None:
    window = open_window(permissions=_CLIPBOARD)
    window.visit("/trials?page=1&status=RECRUITING&utm_source=mail")
    window.page.get_by_role("button", name="Copy link").click()
    expect(window.page.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(window) == f"{window.origin}/trials?status=recruiting"
    expect(window.page.locator("#announcement")).to_have_text("Link copied")


def test_copy_link_follows_the_filters(open_window: OpenWindow) -> None:
    window = open_window(permissions=_CLIPBOARD)
    window.visit("/trials")
    status = window.busiest("status")
    with window.swap():
        window.box("status", status).check()
    window.page.get_by_role("button", name="Copy link").click()
    expect(window.page.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(window) == f"{window.origin}/trials?status={status}"


def test_copy_link_of_a_trial_gives_its_address_without_the_section(
    open_window: OpenWindow, site: Site
) -> None:
    window = open_window(permissions=_CLIPBOARD)
    window.visit(site.varied["most said"] + "#who")
    window.page.get_by_role("button", name="Copy link").click()
    expect(window.page.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(window) == window.origin + site.varied["most said"]


def test_the_button_gets_its_name_back_however_often_it_was_pressed(open_window: OpenWindow) -> None:
    window = open_window(permissions=_CLIPBOARD)
    window.page.clock.install()
    window.visit("/trials")
    button = window.page.locator(".tools button.copy")
    for _ in range(2):
        button.click()
        expect(button).to_have_text("Copied")
    window.page.clock.run_for(10_000)
    expect(button).to_have_text("Copy link")


def test_print_shows_the_criteria_and_what_is_folded_on_the_screen(window: Window, site: Site) -> None:
    window.visit(site.varied["some sites folded"])
    criterion = window.page.locator("#who .crit li").last
    folded = window.page.locator("details.country:not([open]) li").last
    expect(folded).to_be_hidden()
    window.page.emulate_media(media="print")
    expect(criterion).to_be_visible()
    expect(folded).to_be_visible()
    for of_the_screen in ("header.bar", "nav.toc", ".acts", "button", "input"):
        expect(window.page.locator(of_the_screen).locator("visible=true")).to_have_count(0)


def test_the_print_is_as_long_folded_as_unfolded_and_the_screen_stays_folded(
    window: Window, site: Site
) -> None:
    window.visit(site.varied["some sites folded"])
    countries = window.page.locator("details.country")
    folded = window.page.pdf(format="A4")
    assert folded.startswith(b"%PDF-")
    expect(window.page.locator("details.country[open]")).to_have_count(0)
    countries.evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert pages(folded) == pages(window.page.pdf(format="A4")) > 1


def pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n")


def test_pages_load_from_their_own_host_alone_and_leave_no_cookie(window: Window, site: Site) -> None:
    hosts, kinds = set(), set()

    def note(request: Request) -> None:
        hosts.add(urlsplit(request.url).netloc)
        kinds.add(request.resource_type)

    window.page.on("request", note)
    for page in PAGES:
        window.visit(address(site, page))
    assert hosts == {urlsplit(site.origin).netloc}
    assert kinds >= {"document", "script", "stylesheet"}
    assert window.page.context.cookies() == []
    window.expect_faults(*(f"status {status}" for status in STATUS.values()), "Failed to load resource")


def test_a_window_notes_what_a_page_should_not_do(window: Window) -> None:
    """All other tests rely on this watch."""
    window.visit("/about/data")
    window.page.evaluate(
        """() => {
          const image = document.body.appendChild(document.createElement("img"));
          image.src = "https://example.org/pixel.gif";
          document.body.setAttribute("style", "color: red");
          setTimeout(() => { throw new Error("thrown"); });
          console.error("complained");
        }"""
    )
    with window.page.expect_response("**/nothing"):
        window.page.evaluate("fetch('/nothing')")
    window.expect_faults(
        "example.org", "style-src", "script: thrown", "complained", "status 404", "Failed to load"
    )
