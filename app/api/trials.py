"""/api/v1/trials: the list as JSON, from the same query and the same search as the page."""

from typing import Any

from fastapi import APIRouter

from app.api.models import ChoiceModel, ProblemModel, TrialModel, TrialsModel
from app.index.facets import FACETS, Facet
from app.pages.parts.facet_panels import in_order
from app.pages.parts.reasons import row_reasons
from app.pages.parts.trial_rows import trial_rows, unlisted_days
from app.search.counts.sort import SORTS
from app.search.find import Search
from app.search.query import CONDITION_MATCHES, PER_PAGE_CHOICES
from app.web.answers import VisibleJSON
from app.web.limits.asked import Query
from app.web.state import Data, State

_MOST_CHOICES = 100

router = APIRouter(prefix="/api/v1", tags=["trials"])


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _filter(facet: Facet) -> dict[str, Any]:
    values = [code.value for code in facet.code_list] if facet.code_list else []
    item: dict[str, Any] = {"type": "string", **({"examples": values} if values else {})}
    return _parameter(
        facet.name, f"{facet.label}; several are alternatives.", {"type": "array", "items": item}
    )


_PARAMETERS = [
    _parameter("q", "Words to search for.", {"type": "string"}),
    *map(_filter, FACETS),
    _parameter(
        "condition_match",
        "What counts as having a condition.",
        {"type": "string", "enum": list(CONDITION_MATCHES)},
    ),
    _parameter("sort", "The order.", {"type": "string", "enum": [sort.name for sort in SORTS]}),
    _parameter("page", "From 1.", {"type": "integer", "minimum": 1}),
    _parameter("per_page", "Trials a page.", {"type": "integer", "maximum": max(PER_PAGE_CHOICES)}),
    _parameter("unlisted", "'yes' includes trials that their registry no longer lists.", {"type": "string"}),
]


@router.api_route("/trials", methods=["HEAD"], include_in_schema=False)
@router.get(
    "/trials",
    response_class=VisibleJSON,
    summary="Search and filter trials",
    responses={200: {"model": TrialsModel}, 422: {"model": ProblemModel}, 503: {"model": ProblemModel}},
    openapi_extra={"parameters": _PARAMETERS},
)
def trials(state: State, data: Data, query: Query) -> VisibleJSON:
    """List trials as the page at /trials does: the same filters, the same words, the same order."""
    search = Search(data.session, data.catalogue, query)
    trial_ids = search.page_ids()
    reasons = row_reasons(data.session, search, trial_ids)
    unlisted = unlisted_days(data.session, trial_ids) if query.with_unlisted else {}
    rows = trial_rows(data.session, trial_ids, data.today, reasons, unlisted)
    path = state.renderer.addresses.path
    answer = TrialsModel(
        query=path(search.query.url()),
        total=search.total,
        page=search.query.page,
        per_page=search.query.per_page,
        trials=[TrialModel.of(row, path(row.url)) for row in rows],
        facets={facet.name: _choices(search, facet) for facet in FACETS},
    )
    return VisibleJSON(answer.model_dump())


def _choices(search: Search, facet: Facet) -> list[ChoiceModel]:
    choices = in_order(facet, list(search.choices(facet)))[:_MOST_CHOICES]
    return [ChoiceModel(value=choice.value, label=choice.label, count=choice.count) for choice in choices]
