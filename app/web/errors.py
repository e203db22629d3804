"""Errors of a page that a reader's request can cause; `pages/error.py` shows them."""

Links = tuple[tuple[str, str], ...]
"""(label, url) of pages to go on to."""


class PageNotFoundError(Exception):
    """No page is at this address; the message says so in a sentence, and the links lead on."""

    def __init__(self, message: str, links: Links = ()) -> None:
        super().__init__(message)
        self.links = links
