"""Checks that every HTML answer must pass, page or fragment; run on each one that any test fetches."""

from collections import Counter

from lxml import html
from lxml.html import HtmlElement

_SHAPELESS = {"hidden", "submit", "button"}


def check_html(markup: str, *, is_fragment: bool) -> HtmlElement:
    """Parse and check an answer; return the document for the test's own checks."""
    document = html.document_fromstring(markup)
    assert document.xpath("count(//title)") == 1, "one title"
    assert document.xpath("string(//title)").strip(), "a title that says something"
    assert document.xpath("count(//h1)") == 1, "one h1"
    assert document.xpath("count(//main)") == 1, "one main"
    _check_ids(document)
    _check_labels(document)
    _check_links(document)
    assert not document.xpath("//*[@style]"), "no inline style"
    assert not document.xpath("//style"), "no style element"
    assert not document.xpath("//@*[starts-with(name(), 'on')]"), "no inline event handler"
    assert not document.xpath("//script[not(@src) and not(@type='application/ld+json')]"), "no inline script"
    assert not document.xpath("//dt[not(normalize-space())] | //th[not(normalize-space())]"), "no empty label"
    assert not document.xpath("//dd[not(normalize-space())]"), "no empty value"
    assert not document.xpath("//h2[not(normalize-space())] | //h3[not(normalize-space())]"), (
        "no empty heading"
    )
    assert not document.xpath("//table[not(caption)]"), "a caption in each table"
    assert not document.xpath("//th[not(@scope)]"), "a scope on each header cell"
    if not is_fragment:
        assert markup.lstrip().lower().startswith("<!doctype html>")
        assert document.get("lang"), "a language"
        assert document.xpath("//link[@rel='canonical']/@href"), "a canonical address"
    return document


def _check_ids(document: HtmlElement) -> None:
    repeated = [name for name, times in Counter(map(str, document.xpath("//@id"))).items() if times > 1]
    assert not repeated, f"ids stand once: {repeated[:5]}"
    ids = set(document.xpath("//@id"))
    for attribute in ("aria-labelledby", "aria-describedby", "aria-controls", "for"):
        for names in document.xpath(f"//@{attribute}"):
            assert set(names.split()) <= ids, f"{attribute} names what is there: {names}"


def _check_labels(document: HtmlElement) -> None:
    for field in document.xpath("//input | //select | //textarea"):
        if field.get("type") in _SHAPELESS:
            continue
        labels = document.xpath("//label[@for=$name]", name=field.get("id"))
        assert labels or field.get("aria-label"), f"a label for {html.tostring(field)[:120]!r}"


def _check_links(document: HtmlElement) -> None:
    for link in document.xpath("//a[@href]"):
        assert link.text_content().strip() or link.get("aria-label"), f"words in the link {link.get('href')}"
        address = link.get("href")
        assert address.startswith(("/", "#", "http://", "https://", "mailto:", "tel:")), address
        if link.get("hx-get"):
            assert link.get("hx-get") == address, "htmx goes where the link goes"
