"""/trials/suggest: suggestions for the search box while the reader types, also as a page of links."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.pages.parts.frame import Frame, frame
from app.search.query import TrialQuery
from app.search.suggest.offers import Offer, suggest
from app.text.visible import visible_words
from app.text.wording import counted
from app.web.state import Data, State

KIND_LABELS = {
    "condition": "Disease",
    "drug": "Drug",
    "sponsor": "Sponsor",
    "acronym": "Acronym",
    "trial": "Trial",
}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SuggestionLink:
    label: str
    kind: str
    """The kind in words, one of KIND_LABELS."""
    also: str
    """Another name by which it was found; empty for a trial."""
    title: str
    """The title of a trial; empty for other kinds."""
    count: str
    """`143 trials in all`, without the other filters; for a trial its registry number, unless that is the label."""
    url: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    frame: Frame
    heading: str
    words: str
    links: tuple[SuggestionLink, ...]
    all_url: str
    """Address of the plain search for the words."""


@router.api_route("/trials/suggest", methods=["GET", "HEAD"])
def suggestions(request: Request, state: State, data: Data, q: Annotated[str, Query()] = "") -> Response:
    words = visible_words(q, 200)
    page = Suggestions(
        frame=frame(request, state, data.freshness, "Suggestions", q=words, is_indexed=False),
        heading="Suggestions",
        words=words,
        links=tuple(_link(offer) for offer in suggest(data.session, words)),
        all_url=TrialQuery(q=words).url(),
    )
    response = state.renderer.page(request, "suggestions.html", page)
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def _link(offer: Offer) -> SuggestionLink:
    is_trial = offer.query is None
    return SuggestionLink(
        label=offer.label,
        kind=KIND_LABELS[offer.kind],
        also="" if is_trial else offer.also,
        title=offer.also if is_trial else "",
        count=_without_label(offer) if is_trial else f"{counted(offer.count, 'trial')} in all",
        url=offer.query.url() if offer.query else f"/trials/{offer.registry_id}",
    )


def _without_label(offer: Offer) -> str:
    return "" if offer.registry_id == offer.label else offer.registry_id
