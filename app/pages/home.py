"""/: the home page, with the most frequent conditions, the latest updates and the date of the data."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.index.facets import Facet, facet_named
from app.pages.parts.facet_panels import ChoiceLink, choice_links, in_order
from app.pages.parts.frame import Frame, frame
from app.pages.parts.trial_rows import TrialRow, trial_rows
from app.record.code_lists import NOT_STATED
from app.search.find import Choice, Search
from app.search.query import TrialQuery
from app.text.wording import counted
from app.web.state import Data, State

MOST_CONDITIONS = 24
LATEST = 5

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Home:
    frame: Frame
    summary: str
    is_empty: bool
    conditions: tuple[ChoiceLink, ...]
    statuses: tuple[ChoiceLink, ...]
    latest: tuple[TrialRow, ...]


@router.api_route("/", methods=["GET", "HEAD"])
def home(request: Request, state: State, data: Data) -> Response:
    search = Search(data.session, data.catalogue, TrialQuery())
    latest_ids = search.page_ids()[:LATEST]
    page = Home(
        frame=frame(
            request,
            state,
            data.freshness,
            "Clinical trials",
            description="Search clinical trials by disease, intervention, status and sponsor.",
        ),
        summary=counted(search.total, "trial"),
        is_empty=not search.total,
        conditions=_choices(search, "condition", MOST_CONDITIONS),
        statuses=_choices(search, "status"),
        latest=tuple(trial_rows(data.session, latest_ids, data.today)),
    )
    return state.renderer.page(request, "home.html", page, edition=data.edition)


def _choices(search: Search, name: str, most: int | None = None) -> tuple[ChoiceLink, ...]:
    facet = facet_named(name)
    return choice_links(search, facet, _stated(search, facet)[:most]) if facet else ()


def _stated(search: Search, facet: Facet) -> list[Choice]:
    return in_order(facet, [choice for choice in search.choices(facet) if choice.value != NOT_STATED])
