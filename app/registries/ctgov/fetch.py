"""A client of the ClinicalTrials.gov API v2, which returns the registry's own study objects page by page.

`ingest` stores the study objects as they are; `normalize.py` turns them into records.
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
_SHRINK_FACTOR = 8
"""The factor by which the page size shrinks when an answer is too large."""


@dataclass(frozen=True)
class AnswerPage:
    studies: tuple[Element, ...]
    """The elements of the list of studies, including those that are not valid JSON."""
    total: int | None
    """The number of studies on all pages together. The registry states it with the first page only."""
    next_token: str | None = None


def release(base_url: str, *, politeness: Politeness = POLITE) -> str | None:
    """Return the UTC timestamp that the registry states for its data (the release), or None if it states none.

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
    """Yield every page of the studies that match `condition`, `since` and `ids`, each if given.

    `condition` is in the registry's own search syntax, `since` is the first day of update, `ids` are NCT numbers.
    A page may be empty without being the last.

    Raises:
        FetchError: the registry could not be read any further. The pages yielded before are valid.
    """
    # No `sort`: the registry sorts only by dates and numbers, which are not unique, so sorted pages would be no
    # more stable than the page token makes them. The registry is fastest without sorting.
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
                page_size = max(page_size // _SHRINK_FACTOR, 1)
                continue
            yield page
            if page.next_token is None:
                return
            if page.next_token in tokens_seen:
                raise FetchError(
                    f"The registry returned the page token {page.next_token[:100]} twice, so its pages would "
                    "never end; start the run again"
                )
            tokens_seen.add(page.next_token)
            this_page = {"pageToken": page.next_token}


def read_page(body: bytes, largest_record: int) -> AnswerPage:
    """Read a page but not the studies in it, so that an invalid study does not affect the others.

    Raises:
        UnusableAnswerError: the body is not a page of studies.
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
    """Parse the whole page at once, the fastest way; return None if that fails or may take too much memory."""
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
    ):  # orjson raises these for what it cannot parse or serialize
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
