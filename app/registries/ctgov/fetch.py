"""The client of ClinicalTrials.gov's API v2: hands out the registry's own study objects, page by page.

What arrives goes unread to `ingest`, which stores it; `normalise.py` gives it a shape.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from app.registries.ctgov.connection import (
    AnswerTooLargeError,
    FetchError,
    RegistryConnection,
    UnusableAnswerError,
)
from app.registries.politeness import POLITE, Politeness
from app.registries.split_json import Element, Splitter

__all__ = ["DEFAULT_BASE_URL", "POLITE", "AnswerPage", "FetchError", "Politeness", "pages", "release"]

DEFAULT_BASE_URL = "https://clinicaltrials.gov/api/v2"
_SMALLER = 8
"""A page that is too large is asked for again with so many times fewer studies."""


@dataclass(frozen=True)
class AnswerPage:
    studies: tuple[Element, ...]
    """Whatever stood in the list of studies, each by itself, read or not."""
    total: int | None
    """Studies on all pages together; the registry says it with the first page only."""
    next_token: str | None = None


def release(base_url: str, *, politeness: Politeness = POLITE) -> str | None:
    """Return what the registry states as the UTC timestamp of its data, None when it states none.

    Raises:
        FetchError: the registry could not be asked.
    """
    with closing(RegistryConnection(base_url, politeness)) as connection:
        stated = connection.get("/version", {}, _read_object).get("dataTimestamp")
    return stated if isinstance(stated, str) else None


def pages(
    base_url: str,
    *,
    condition: str | None = None,
    since: date | None = None,
    ids: Sequence[str] = (),
    page_size: int = 500,
    politeness: Politeness = POLITE,
) -> Iterator[AnswerPage]:
    """Yield every page of studies: those of `condition`, updated on or after `since`, named in `ids`, where given.

    `condition` is the registry's own search syntax. A page may be empty without being the last.

    Raises:
        FetchError: the registry could not be read on; what was yielded before it stays good.
    """
    # No `sort`: only dates and numbers can be sorted on, neither is unique, so it would promise no steadier
    # pages than the token, which already holds the position; unsorted is what the registry serves fastest.
    asked = {"format": "json", "markupFormat": "markdown"}
    if condition:
        asked["query.cond"] = condition
    if since:
        asked["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{since.isoformat()},MAX]"
    if ids:
        asked["filter.ids"] = "|".join(ids)
    this_page = {"countTotal": "true"}
    tokens_seen: set[str] = set()

    def read(body: bytes) -> AnswerPage:
        return read_page(body, politeness.largest_record)

    with closing(RegistryConnection(base_url, politeness)) as connection:
        while True:
            try:
                page = connection.get("/studies", asked | {"pageSize": str(page_size)} | this_page, read)
            except AnswerTooLargeError:
                if page_size == 1:
                    raise
                page_size = max(page_size // _SMALLER, 1)
                continue
            yield page
            if page.next_token is None:
                return
            if page.next_token in tokens_seen:
                raise FetchError(
                    f"The registry handed out the page token {page.next_token[:100]} twice, so its pages would "
                    "never end; start the run again"
                )
            tokens_seen.add(page.next_token)
            this_page = {"pageToken": page.next_token}


def read_page(body: bytes, largest_record: int) -> AnswerPage:
    """Read the envelope of a page; its studies come out as they are, so that a bad one spoils no other.

    Raises:
        UnusableAnswerError: it is no page of studies.
    """
    envelope, studies = _at_once(body, largest_record) or _one_by_one(body, largest_record)
    if not isinstance(envelope.get("studies"), list):
        raise UnusableAnswerError("the answer has no list of studies")
    token = envelope.get("nextPageToken")
    if not isinstance(token, str | None):
        raise UnusableAnswerError("the answer's nextPageToken is not text")
    total = envelope.get("totalCount")
    return AnswerPage(studies, total if type(total) is int and total >= 0 else None, token or None)


_Split = tuple[dict[str, Any], tuple[Element, ...]]


def _at_once(body: bytes, largest_record: int) -> _Split | None:
    """Parse the whole page, as is quickest; None where that fails or may take much memory."""
    if len(body) > largest_record:
        return None
    try:
        answer = orjson.loads(body)
        studies = answer.get("studies") if isinstance(answer, dict) else None
        elements = (
            tuple(Element(orjson.dumps(study)) for study in studies) if isinstance(studies, list) else ()
        )
    except (
        ValueError,
        TypeError,
        RecursionError,
    ):  # what orjson says of what it cannot read, and cannot write
        return None
    return _object(answer), elements


def _one_by_one(body: bytes, largest_record: int) -> _Split:
    splitter = Splitter("studies", largest_record)
    elements = tuple(splitter.feed(body))
    if not splitter.is_complete:
        raise UnusableAnswerError("the answer is not JSON")
    return _read_object(bytes(splitter.envelope)), elements


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        return _object(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise UnusableAnswerError("the answer is not JSON") from error


def _object(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise UnusableAnswerError("the answer is not a JSON object")
    return answer
