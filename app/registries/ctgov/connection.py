"""One polite HTTP connection to the registry: requests at a pace, passing failures tried again, answers within limits.

What an answer means is for `fetch.py` to say.
"""

import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from typing import TypeVar

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from app import __version__
from app.registries.ctgov.deadline import AnswerDeadline
from app.registries.politeness import Politeness
from app.registries.registry import RegistryError

# Refusals that pass; so do all of 5xx.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
# Whoever is refused like this is kept out of everything.
_KEPT_OUT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
# Failures of the request itself: asking again changes nothing.
_HOPELESS = (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects)
_UNREACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)
_MOST_REDIRECTS = 10
_LONGEST_REASON = 64 << 10
"""Bytes read of what a refusal says."""
_UNPACKED_AT_ONCE = 1 << 20

Answer = TypeVar("Answer")


class FetchError(RegistryError):
    """The registry could not be read. The message is one line a person can act on."""


class PassingError(FetchError):
    """A failure worth another attempt, with the seconds that the registry asked to wait before it."""

    def __init__(self, message: str, *, retry_after: float = 0.0, is_reached: bool = True) -> None:
        super().__init__(message, is_reached=is_reached)
        self.retry_after = retry_after


class UnusableAnswerError(PassingError):
    """An answer that is not what was asked for."""


class AnswerTooLargeError(FetchError):
    """An answer of more bytes, once unpacked, than are read."""


@cache
def _certificates() -> SSLContext:
    """The certificates that are trusted; reading them takes a fifth of a second."""
    return httpx2.create_ssl_context()


class RegistryConnection:
    """Asks one registry; to be closed after use."""

    def __init__(self, base_url: str, politeness: Politeness) -> None:
        self._base_url = base_url.rstrip("/")
        self._politeness = politeness
        self._backoff = wait_exponential_jitter(
            multiplier=politeness.first_wait, jitter=politeness.first_wait, max=politeness.max_wait
        )
        self._not_before = politeness.clock()
        self._deadline = AnswerDeadline()
        self._client = httpx2.Client(
            headers={
                "User-Agent": f"trialmark/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
            timeout=politeness.timeout,
            verify=_certificates(),
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, params: dict[str, str], read: Callable[[bytes], Answer]) -> Answer:
        """Ask until `read` takes the answer's body, at most as often as politeness allows.

        `read` raises UnusableAnswerError for a body that is not what it should be; its message follows the address.
        """
        retrying = Retrying(
            sleep=self._politeness.sleep,
            stop=stop_after_attempt(self._politeness.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(PassingError),
            reraise=True,
        )
        try:
            answer: Answer = retrying(self._attempt, self._base_url + path, params, read)
        except PassingError as error:
            raise FetchError(
                f"{error}, after {self._politeness.attempts} attempts; try again later",
                is_reached=error.is_reached,
            ) from error
        return answer

    def _attempt(self, url: str, params: dict[str, str], read: Callable[[bytes], Answer]) -> Answer:
        self._pace()
        with self._deadline.of(self._politeness.longest_answer):
            try:
                body = self._body(url, params)
            except _HOPELESS as error:
                reason = _one_line(str(error)).rstrip(".")
                raise FetchError(
                    f"{url}: {reason}; correct TRIALMARK_CTGOV_BASE_URL", is_reached=False
                ) from error
            except httpx2.RequestError as error:
                reason = f"{type(error).__name__} {_one_line(str(error))}".rstrip()
                if self._deadline.has_passed:
                    reason = f"the answer took longer than {self._politeness.longest_answer:g} seconds"
                is_reached = not isinstance(error, _UNREACHED)
                raise PassingError(f"{url}: {reason}", is_reached=is_reached) from error
        try:
            return read(body)
        except UnusableAnswerError as error:
            raise UnusableAnswerError(f"{url}: {error}") from error

    def _body(self, url: str, params: dict[str, str]) -> bytes:
        """The body of a successful answer, unpacked and complete."""
        request = self._client.build_request(
            "GET", url, params=params, extensions={"trace": self._deadline.watch}
        )
        for _ in range(_MOST_REDIRECTS):
            response = self._client.send(request, stream=True)
            try:
                if response.next_request is None:
                    if not response.is_success:
                        raise _refusal(url, response)
                    return _unpacked(url, response, self._politeness.largest_answer)
                request = response.next_request
            finally:
                response.close()
        raise httpx2.TooManyRedirects(f"more than {_MOST_REDIRECTS} redirects", request=request)

    def _pace(self) -> None:
        ahead = self._not_before - self._politeness.clock()
        if ahead > 0:
            self._politeness.sleep(ahead)
        self._not_before = self._politeness.clock() + self._politeness.min_interval

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, PassingError) else 0.0
        return max(self._backoff(state), min(asked, self._politeness.max_wait))


def _unpacked(url: str, response: httpx2.Response, largest: int) -> bytes:
    body = bytearray()
    for piece in _pieces(url, response):
        body += piece
        if len(body) > largest:
            raise AnswerTooLargeError(f"{url}: the answer is larger than {largest >> 20:,} MB")
    return bytes(body)


def _pieces(url: str, response: httpx2.Response) -> Iterator[bytes]:
    """The body in pieces of bounded size, whatever is packed into it."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        yield from response.iter_raw()
    elif encoding in {"gzip", "x-gzip"}:
        try:
            yield from _gunzipped(response.iter_raw())
        except zlib.error as error:
            raise UnusableAnswerError(f"{url}: the answer is not the gzip that it says it is") from error
    else:
        raise UnusableAnswerError(f"{url}: the answer is packed as {_one_line(encoding, 40)}, asked was gzip")


def _gunzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for piece in packed:
        while piece:
            if unpacker.eof:  # one gzip may follow another
                unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield unpacker.decompress(piece, _UNPACKED_AT_ONCE)
            piece = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail  # noqa: PLW2901  the rest of it
    if not unpacker.eof:
        raise zlib.error("cut short")


def _refusal(url: str, response: httpx2.Response) -> FetchError:
    """Word an unsuccessful answer, with the registry's own text (it explains itself in text/plain)."""
    message = f"{url}: HTTP {response.status_code} {response.reason_phrase}"
    if response.headers.get("Content-Type", "").startswith("text/plain") and (said := _said(url, response)):
        message += f": {said}"
    if response.is_server_error or response.status_code in _PASSING:
        return PassingError(message, retry_after=_seconds(response.headers.get("Retry-After", "")))
    if response.status_code == HTTPStatus.FORBIDDEN:
        message += "; ingest the registry's bulk download (.zip) if it goes on refusing this network"
    return FetchError(message, is_reached=response.status_code not in _KEPT_OUT)


def _said(url: str, response: httpx2.Response) -> str:
    said = b""
    for piece in _pieces(url, response):
        said += piece
        if len(said) > _LONGEST_REASON:
            break
    return _one_line(said[:_LONGEST_REASON].decode("utf-8", "replace"))


def _seconds(retry_after: str) -> float:
    """Read Retry-After, a number of seconds or a date (RFC 9110, 10.2.3); 0 when it says neither."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0


def _one_line(text: str, longest: int = 300) -> str:
    return " ".join(text.split())[:longest]
