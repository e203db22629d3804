"""The failures that a page can meet by the reader's doing; `pages/error.py` shows them."""

Links = tuple[tuple[str, str], ...]
"""(label, url) of ways on."""


class PageNotFoundError(Exception):
    """Nothing is at this address; the message says so in a sentence, the links lead on."""

    def __init__(self, message: str, links: Links = ()) -> None:
        super().__init__(message)
        self.links = links
