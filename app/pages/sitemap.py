"""/sitemap.xml: the addresses of all trials for search engines, in parts of at most 50,000, the protocol's limit.

A part covers a range of row ids, so serving it reads only its own trials. Addresses in a sitemap are absolute, so there
is no sitemap without TRIALMARK_BASE_URL. Synthetic trials and trials that the registry no longer lists are left out.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from app.models import Trial, UnlistedTrial
from app.web.state import AppState, State

router = APIRouter(include_in_schema=False)

TRIALS_IN_PART = 50_000
_ROWS_AT_ONCE = 1_000
_PAGES = ("/", "/trials", "/conditions", "/about/data")

_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_HEADERS = {"Cache-Control": "public, max-age=3600"}
_NONE = "There is no sitemap: its addresses need TRIALMARK_BASE_URL, the public origin of this service.\n"


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
def sitemap_index(state: State) -> Response:
    addresses = state.renderer.addresses
    if not addresses.public_url:
        return _missing(_NONE)
    with state.store.opened().reading() as session:
        parts = ["pages", *(str(part) for part in _parts(session))]
    places = [escape(addresses.public(f"/sitemap/{part}.xml")) for part in parts]
    entries = "".join(f"<sitemap><loc>{place}</loc></sitemap>\n" for place in places)
    return _xml([f"<sitemapindex {_NAMESPACE}>\n{entries}</sitemapindex>\n"])


@router.api_route("/sitemap/pages.xml", methods=["GET", "HEAD"])
def sitemap_of_pages(state: State) -> Response:
    addresses = state.renderer.addresses
    if not addresses.public_url:
        return _missing(_NONE)
    return _xml(_urlset(_url(addresses.public(path)) for path in _PAGES))


@router.api_route("/sitemap/{part:int}.xml", methods=["GET", "HEAD"])
def sitemap_of_trials(state: State, part: int) -> Response:
    if not state.renderer.addresses.public_url:
        return _missing(_NONE)
    with state.store.opened().reading() as session:
        exists = part in _parts(session)
    if not exists:
        return _missing("There is no such part of the sitemap.\n")
    return _xml(_urlset(_trials(state, part)))


def _parts(session: Session) -> Iterator[int]:
    """Yield the numbers, from 1, of the parts that have a trial in them."""
    highest = session.execute(select(func.max(col(Trial.id)))).scalar() or 0
    for part in range(1, -(-highest // TRIALS_IN_PART) + 1):
        if session.execute(_listed(part).limit(1)).first():
            yield part


def _listed(part: int) -> Select[str, str | None]:
    first = (part - 1) * TRIALS_IN_PART + 1
    return (
        select(col(Trial.registry_id), col(Trial.last_update_posted))
        .where(col(Trial.id).between(first, part * TRIALS_IN_PART), ~col(Trial.is_synthetic))
        .where(~select(UnlistedTrial).where(col(UnlistedTrial.trial_id) == col(Trial.id)).exists())
        .order_by(col(Trial.id))
    )


def _trials(state: AppState, part: int) -> Iterator[str]:
    with state.store.opened().reading() as session:
        for registry_id, updated in session.execute(_listed(part)).yield_per(_ROWS_AT_ONCE):
            yield _url(state.renderer.public(f"/trials/{registry_id}"), updated)


def _url(address: str, updated: str | None = None) -> str:
    changed = f"<lastmod>{escape(updated)}</lastmod>" if updated else ""
    return f"<url><loc>{escape(address)}</loc>{changed}</url>\n"


def _urlset(urls: Iterator[str]) -> Iterator[str]:
    yield f"<urlset {_NAMESPACE}>\n"
    chunk: list[str] = []
    for url in urls:
        chunk.append(url)
        if len(chunk) == _ROWS_AT_ONCE:
            yield "".join(chunk)
            chunk.clear()
    yield "".join(chunk)
    yield "</urlset>\n"


def _xml(body: Iterator[str] | list[str]) -> Response:
    def document() -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield from body

    return StreamingResponse(document(), media_type="application/xml", headers=_HEADERS)


def _missing(why: str) -> Response:
    return PlainTextResponse(why, 404)
