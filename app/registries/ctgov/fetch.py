"""The client of ClinicalTrials.gov's API v2: hands out the registry's own study objects, page by page.

What arrives goes unread to `ingest`, which stores it; `normalise.py` gives it a shape.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx2
import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from app import __version__
from app.failures import ExpectedError

DEFAULT_BASE_URL = "https://clinicaltrials.gov/api/v2"

# Refusals that pass; so do all of 5xx.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
# Failures of the request itself: asking again changes nothing.
_HOPELESS = (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects)


class FetchError(ExpectedError):
    """The registry could not be read. The message is one line a person can act on."""


class _PassingError(FetchError):
    """A failure worth another attempt, with the seconds the registry asked to wait before it."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Politeness:
    """How often to ask and how patiently to ask again; all times in seconds."""

    min_interval: float = 1.0  # from the start of one request to the start of the next
    first_wait: float = 2.0  # doubles with every further attempt; the jitter is at most as long
    max_wait: float = 120.0  # caps the back-off and the registry's Retry-After
    attempts: int = 6
    timeout: float = 60.0  # for each step (connecting, the next piece of the answer), not for the whole
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


POLITE = Politeness()


@dataclass(frozen=True)
class Page:
    studies: tuple[dict[str, Any], ...]
    total: int | None
    """Studies on all pages together; the registry says it with the first page only."""


def data_version(base_url: str, *, politeness: Politeness = POLITE) -> str | None:
    """Return the UTC timestamp of the registry's data, None when it states none; raises FetchError."""
    with closing(_Connection(base_url, politeness)) as connection:
        stated = connection.get("/version").get("dataTimestamp")
    return stated if isinstance(stated, str) else None


def pages(
    base_url: str,
    *,
    condition: str | None = None,
    since: date | None = None,
    page_size: int = 500,
    politeness: Politeness = POLITE,
) -> Iterator[Page]:
    """Yield every page of studies, only those of `condition` and updated on or after `since` where given.

    `condition` is the registry's own search syntax. A page may be empty without being the last. Raises
    FetchError; what was yielded before it stays good.
    """
    # No `sort`: only dates and numbers can be sorted on, neither is unique, so it would promise no steadier
    # pages than the token, which already holds the position; unsorted is what the registry serves fastest.
    asked = {"format": "json", "markupFormat": "markdown", "pageSize": str(page_size)}
    if condition:
        asked["query.cond"] = condition
    if since:
        asked["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{since.isoformat()},MAX]"
    this_page = {"countTotal": "true"}
    tokens_seen: set[str] = set()
    with closing(_Connection(base_url, politeness)) as connection:
        while True:
            answer = connection.get("/studies", asked | this_page, expect_studies=True)
            yield Page(tuple(answer["studies"]), answer.get("totalCount"))
            token = answer.get("nextPageToken")
            if not token:
                return
            if token in tokens_seen:
                raise FetchError(
                    f"The registry handed out the page token {token} twice, so its pages would never end; "
                    "start the run again"
                )
            tokens_seen.add(token)
            this_page = {"pageToken": token}


class _Connection:
    """One paced HTTP connection: requests no closer than `min_interval`, passing failures tried again."""

    def __init__(self, base_url: str, politeness: Politeness) -> None:
        self._base_url = base_url.rstrip("/")
        self._politeness = politeness
        self._backoff = wait_exponential_jitter(
            multiplier=politeness.first_wait, jitter=politeness.first_wait, max=politeness.max_wait
        )
        self._not_before = politeness.clock()
        self._client = httpx2.Client(
            headers={"User-Agent": f"trialmark/{__version__}", "Accept": "application/json"},
            timeout=politeness.timeout,
            follow_redirects=True,
        )

    def close(self) -> None:
        self._client.close()

    def get(
        self, path: str, params: dict[str, str] | None = None, *, expect_studies: bool = False
    ) -> dict[str, Any]:
        url = self._base_url + path
        retrying = Retrying(
            sleep=self._politeness.sleep,
            stop=stop_after_attempt(self._politeness.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(_PassingError),
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, params, expect_studies=expect_studies)
        except _PassingError as error:
            raise FetchError(
                f"{error}, after {self._politeness.attempts} attempts; try again later"
            ) from error

    def _attempt(self, url: str, params: dict[str, str] | None, *, expect_studies: bool) -> dict[str, Any]:
        self._pace()
        try:
            response = self._client.get(url, params=params)
        except _HOPELESS as error:
            reason = _one_line(str(error)).rstrip(".")
            raise FetchError(f"{url}: {reason}; correct TRIALMARK_CTGOV_BASE_URL") from error
        except httpx2.RequestError as error:
            raise _PassingError(f"{url}: {type(error).__name__} {_one_line(str(error))}".rstrip()) from error
        if not response.is_success:
            raise _refusal(url, response)
        try:
            answer = orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise _PassingError(f"{url}: the answer is not JSON") from error
        if not isinstance(answer, dict):
            raise _PassingError(f"{url}: the answer is not a JSON object")
        if expect_studies and not isinstance(answer.get("studies"), list):
            raise _PassingError(f"{url}: the answer has no list of studies")
        return answer

    def _pace(self) -> None:
        ahead = self._not_before - self._politeness.clock()
        if ahead > 0:
            self._politeness.sleep(ahead)
        self._not_before = self._politeness.clock() + self._politeness.min_interval

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, _PassingError) else 0.0
        return max(self._backoff(state), min(asked, self._politeness.max_wait))


def _refusal(url: str, response: httpx2.Response) -> FetchError:
    """Word an unsuccessful answer, with the registry's own text (it explains itself in text/plain)."""
    message = f"{url}: HTTP {response.status_code} {response.reason_phrase}"
    if response.headers.get("Content-Type", "").startswith("text/plain") and response.text.strip():
        message += f": {_one_line(response.text)}"
    if response.is_server_error or response.status_code in _PASSING:
        return _PassingError(message, _seconds(response.headers.get("Retry-After", "")))
    if response.status_code == HTTPStatus.FORBIDDEN:
        message += "; ingest the registry's bulk download (.zip) if it goes on refusing this network"
    return FetchError(message)


def _seconds(retry_after: str) -> float:
    """Read Retry-After, a number of seconds or a date (RFC 9110, 10.2.3); 0 when it says neither."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _one_line(text: str, longest: int = 300) -> str:
    return " ".join(text.split())[:longest]
