"""Download of the current descriptors from NLM into a file, which `read.py` reads."""

from datetime import date
from http import HTTPStatus
from pathlib import Path

import httpx2
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from app import __version__
from app.conditions.mesh import MeshError

_ATTEMPTS = 4
_TIMEOUT = 60.0
_TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_PERMANENT = (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects)
_BY_HAND = "or fetch desc{year}.gz with a browser and give its path"


class _TransientError(MeshError):
    """A failure that is worth another attempt."""


def download(base_url: str, today: date, folder: Path, *, first_wait: float = 2.0) -> Path:
    """Download the descriptors of this year, or else of last year, into a folder and return the file.

    Raises:
        MeshError: NLM cannot be reached, or has no file for either year.
    """
    names = [f"desc{year}.{suffix}" for year in (today.year, today.year - 1) for suffix in ("gz", "xml")]
    with _client() as client:
        for name in names:
            if _fetch(client, f"{base_url}/{name}", folder / name, first_wait):
                return folder / name
    raise MeshError(f"{base_url}: has none of {', '.join(names)}; correct TRIALMARK_MESH_URL, {_BY_HAND}")


def _client() -> httpx2.Client:
    headers = {"User-Agent": f"trialmark/{__version__}", "Accept-Encoding": "identity"}
    return httpx2.Client(headers=headers, timeout=_TIMEOUT, follow_redirects=True)


def _fetch(client: httpx2.Client, url: str, path: Path, first_wait: float) -> bool:
    """Download one file, and return False if NLM does not have it.

    After a transient failure, the download starts again from the beginning.
    """
    retrying = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential_jitter(multiplier=first_wait, jitter=first_wait),
        retry=retry_if_exception_type(_TransientError),
        reraise=True,
    )
    try:
        return retrying(_attempt, client, url, path)
    except _TransientError as error:
        raise MeshError(f"{error}, after {_ATTEMPTS} attempts; try again later, {_BY_HAND}") from error


def _attempt(client: httpx2.Client, url: str, path: Path) -> bool:
    try:
        with client.stream("GET", url) as response:
            if response.status_code == HTTPStatus.NOT_FOUND:
                return False
            _check_status(url, response)
            with path.open("wb") as file:
                for piece in response.iter_raw():
                    file.write(piece)
    except _PERMANENT as error:
        raise MeshError(f"{url}: {_one_line(error)}; correct TRIALMARK_MESH_URL") from error
    except httpx2.RequestError as error:
        raise _TransientError(f"{url}: {type(error).__name__} {_one_line(error)}".rstrip()) from error
    except OSError as error:
        raise MeshError(f"{path}: {error.strerror or error}") from error
    return True


def _check_status(url: str, response: httpx2.Response) -> None:
    if response.is_success:
        return
    message = f"{url}: HTTP {response.status_code} {response.reason_phrase}"
    if response.is_server_error or response.status_code in _TRANSIENT:
        raise _TransientError(message)
    raise MeshError(f"{message}; correct TRIALMARK_MESH_URL, {_BY_HAND}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
