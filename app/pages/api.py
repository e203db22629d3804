"""/api/v1/trials: the list as JSON, from the same query and the same search as the page."""

from dataclasses import asdict

from fastapi import APIRouter

from app.index.facets import FACETS
from app.pages.parts.facet_panels import in_order
from app.pages.parts.reasons import row_reasons
from app.pages.parts.trial_rows import trial_rows, unlisted_days
from app.search.find import Search
from app.web.answers import VisibleJSON
from app.web.limits.asked import Query
from app.web.state import Data, State

router = APIRouter(prefix="/api/v1", include_in_schema=False)


@router.api_route("/trials", methods=["GET", "HEAD"])
def trials(state: State, data: Data, query: Query) -> VisibleJSON:
    search = Search(data.session, data.catalogue, query)
    trial_ids = search.page_ids()
    reasons = row_reasons(data.session, search, trial_ids)
    unlisted = unlisted_days(data.session, trial_ids) if query.with_unlisted else {}
    rows = trial_rows(data.session, trial_ids, data.today, reasons, unlisted)
    path = state.renderer.addresses.path
    answer = {
        "query": path(search.query.url()),
        "total": search.total,
        "page": search.query.page,
        "per_page": search.query.per_page,
        "trials": [asdict(row) | {"url": path(row.url)} for row in rows],
        "facets": {
            facet.name: [
                {"value": choice.value, "label": choice.label, "count": choice.count}
                for choice in in_order(facet, list(search.choices(facet)))[:100]
            ]
            for facet in FACETS
        },
    }
    return VisibleJSON(answer)
