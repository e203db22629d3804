"""A polite HTTP connection to the registry: it paces requests, retries temporary failures and limits answers.

`fetch.py` interprets the answers.
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

# Temporary refusals, worth a retry. All of 5xx are temporary too.
_TEMPORARY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
# Refusals that concern the client: it would be refused everything else as well.
_CLIENT_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
# Failures of the request itself: a retry would fail the same way.
_PERMANENT_ERRORS = (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects)
_CONNECTION_ERRORS = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)
_MAX_REDIRECTS = 10
_MAX_REFUSAL_TEXT = 64 << 10
"""Bytes of a refusal's text that are read."""
_DECOMPRESSED_PIECE = 1 << 20

Answer = TypeVar("Answer")


class FetchError(RegistryError):
    """The registry could not be read. The message is one line that a person can act on."""


class PassingError(FetchError):
    """A temporary failure, with the seconds that the registry asks to wait before the next attempt."""

    def __init__(self, message: str, *, retry_after: float = 0.0, is_reached: bool = True) -> None:
        super().__init__(message, is_reached=is_reached)
        self.retry_after = retry_after


class UnusableAnswerError(PassingError):
    """An answer that does not have the requested content."""


class AnswerTooLargeError(FetchError):
    """An answer that is larger, once decompressed, than the limit."""


@cache
def _load_certificates() -> SSLContext:
    """Load the trusted certificates once, because that takes a fifth of a second."""
    return httpx2.create_ssl_context()


class RegistryConnection:
    """A connection to one registry. Close it after use."""

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
            verify=_load_certificates(),
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, params: dict[str, str], read: Callable[[bytes], Answer]) -> Answer:
        """Request `path` until `read` accepts the answer's body, or until the attempts are used up.

        `read` raises UnusableAnswerError to reject a body. The address is put before its message.

        Raises:
            FetchError: the request failed for good, or failed at every attempt.
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
            except _PERMANENT_ERRORS as error:
                reason = _one_line(str(error)).rstrip(".")
                raise FetchError(
                    f"{url}: {reason}; correct TRIALMARK_CTGOV_BASE_URL", is_reached=False
                ) from error
            except httpx2.RequestError as error:
                reason = f"{type(error).__name__} {_one_line(str(error))}".rstrip()
                if self._deadline.has_passed:
                    reason = f"the answer took longer than {self._politeness.longest_answer:g} seconds"
                is_reached = not isinstance(error, _CONNECTION_ERRORS)
                raise PassingError(f"{url}: {reason}", is_reached=is_reached) from error
        try:
            return read(body)
        except UnusableAnswerError as error:
            raise UnusableAnswerError(f"{url}: {error}") from error

    def _body(self, url: str, params: dict[str, str]) -> bytes:
        """Return the complete, decompressed body of a successful answer."""
        request = self._client.build_request(
            "GET", url, params=params, extensions={"trace": self._deadline.watch}
        )
        for _ in range(_MAX_REDIRECTS):
            response = self._client.send(request, stream=True)
            try:
                if response.next_request is None:
                    if not response.is_success:
                        raise _refusal(url, response)
                    return _read_body(url, response, self._politeness.largest_answer)
                request = response.next_request
            finally:
                response.close()
        raise httpx2.TooManyRedirects(f"more than {_MAX_REDIRECTS} redirects", request=request)

    def _pace(self) -> None:
        ahead = self._not_before - self._politeness.clock()
        if ahead > 0:
            self._politeness.sleep(ahead)
        self._not_before = self._politeness.clock() + self._politeness.min_interval

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, PassingError) else 0.0
        return max(self._backoff(state), min(asked, self._politeness.max_wait))


def _read_body(url: str, response: httpx2.Response, largest: int) -> bytes:
    body = bytearray()
    for piece in _pieces(url, response):
        body += piece
        if len(body) > largest:
            raise AnswerTooLargeError(f"{url}: the answer is larger than {largest >> 20:,} MB")
    return bytes(body)


def _pieces(url: str, response: httpx2.Response) -> Iterator[bytes]:
    """Yield the decompressed body in pieces of bounded size, even for a decompression bomb."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        yield from response.iter_raw()
    elif encoding in {"gzip", "x-gzip"}:
        try:
            yield from _gunzipped(response.iter_raw())
        except zlib.error as error:
            raise UnusableAnswerError(f"{url}: the answer claims to be gzip but is not") from error
    else:
        raise UnusableAnswerError(
            f"{url}: the answer is compressed as {_one_line(encoding, 40)}, not as gzip"
        )


def _gunzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for piece in packed:
        while piece:
            if unpacker.eof:  # a gzip file may have several members
                unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield unpacker.decompress(piece, _DECOMPRESSED_PIECE)
            piece = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail  # noqa: PLW2901  what is left of it
    if not unpacker.eof:
        raise zlib.error("cut short")


def _refusal(url: str, response: httpx2.Response) -> FetchError:
    """Turn an unsuccessful answer into an error that includes the registry's explanation, if it sent text/plain."""
    message = f"{url}: HTTP {response.status_code} {response.reason_phrase}"
    if response.headers.get("Content-Type", "").startswith("text/plain") and (said := _reason(url, response)):
        message += f": {said}"
    if response.is_server_error or response.status_code in _TEMPORARY:
        return PassingError(message, retry_after=_seconds(response.headers.get("Retry-After", "")))
    if response.status_code == HTTPStatus.FORBIDDEN:
        message += "; if it keeps refusing this network, ingest the registry's bulk download (.zip)"
    return FetchError(message, is_reached=response.status_code not in _CLIENT_REFUSED)


def _reason(url: str, response: httpx2.Response) -> str:
    said = b""
    for piece in _pieces(url, response):
        said += piece
        if len(said) > _MAX_REFUSAL_TEXT:
            break
    return _one_line(said[:_MAX_REFUSAL_TEXT].decode("utf-8", "replace"))


def _seconds(retry_after: str) -> float:
    """Read Retry-After, a number of seconds or a date (RFC 9110, 10.2.3); return 0 if it is neither."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0


def _one_line(text: str, longest: int = 300) -> str:
    return " ".join(text.split())[:longest]
