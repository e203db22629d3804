"""/trials/filter/{facet}: all values of a long filter for the current search, with a box to look for one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.index.facets import facet_named
from app.pages.parts.facet_panels import ChoiceLink, choice_links, in_order, values_path
from app.pages.parts.frame import Frame, frame
from app.search.find import Choice, Search
from app.text.visible import visible_words
from app.text.wording import counted
from app.web.errors import PageNotFoundError
from app.web.limits.asked import Query as TrialQueryOfAddress
from app.web.state import Data, State

MOST_SHOWN = 300
_MOST_BYTES = 600_000
"""Limit on all links together. Each link repeats the search, so a long search shows fewer values."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class FacetValues:
    frame: Frame
    heading: str
    label: str
    help: str
    within: str
    """The words that the reader typed to look for a value."""
    parameters: tuple[tuple[str, str], ...]
    """The current search, for hidden fields of the form."""
    action: str
    choices: tuple[ChoiceLink, ...]
    summary: str
    back_url: str


@router.api_route("/trials/filter/{name}", methods=["GET", "HEAD"])
def facet_values(
    name: str,
    request: Request,
    state: State,
    data: Data,
    query: TrialQueryOfAddress,
    within: Annotated[str, Query()] = "",
) -> Response:
    facet = facet_named(name)
    if facet is None:
        raise PageNotFoundError(f"There is no filter “{name[:40]}”.")
    search = Search(data.session, data.catalogue, query)
    within = visible_words(within, 100)
    choices = in_order(facet, [choice for choice in search.choices(facet) if _holds(choice, within)])
    shown = choices[: _most_shown(search)]
    heading = f"{facet.label}: all values"
    page = FacetValues(
        frame=frame(request, state, data.freshness, heading, q=search.query.q, is_indexed=False),
        heading=heading,
        label=facet.label,
        help=facet.help,
        within=within,
        parameters=tuple(search.query.parameters()),
        action=values_path(facet),
        choices=choice_links(search, facet, shown),
        summary=_summary(len(choices), len(shown), within),
        back_url=search.query.url(),
    )
    return state.renderer.page(request, "facet_values.html", page, edition=data.edition)


def _holds(choice: Choice, within: str) -> bool:
    return choice.is_selected or all(word in choice.label.casefold() for word in within.casefold().split())


def _most_shown(search: Search) -> int:
    return min(MOST_SHOWN, _MOST_BYTES // len(search.query.url()))


def _summary(found: int, shown: int, within: str) -> str:
    words = counted(found, "value") + (f" with “{within}”" if within else "")
    return f"{words}; the first {shown} are shown." if found > shown else f"{words}."
