"""/trials: the list of trials, whole or as a fragment, with all links and filters that lead to another list."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from app.index.facets import FACETS, joined
from app.pages.parts.facet_panels import FacetPanel, facet_panels
from app.pages.parts.frame import Frame, frame
from app.pages.parts.funnel import DidYouMean, Split, Step, did_you_mean, splits, steps
from app.pages.parts.list_notices import LeftOut, left_out, notices
from app.pages.parts.meant import Meant, what_was_meant
from app.pages.parts.reasons import row_reasons
from app.pages.parts.trial_rows import TrialRow, trial_rows, unlisted_days
from app.pages.trial.lookup import find_trial
from app.registries import registry_id_meant
from app.search.counts.sort import DEFAULT_SORT, RELEVANCE, SORTS, sort_named
from app.search.find import Search
from app.search.query import PER_PAGE, PER_PAGE_CHOICES, TrialQuery
from app.search.words.text import Extent
from app.text.wording import counted
from app.web.edition import VARY, is_fragment
from app.web.errors import PageNotFoundError
from app.web.limits.asked import Query
from app.web.state import AppState, Data, Reader, State

FILTERS_FORM = "filters"
_PAGES_AROUND = 2
_KEPT = {"condition_all", "condition_match", "unlisted"}
"""Parameters that the form carries on in hidden fields."""

router = APIRouter()


@dataclass(frozen=True, slots=True)
class PageLink:
    label: str
    url: str
    is_current: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TrialList:
    frame: Frame
    heading: str
    total: int
    said: tuple[str, ...]
    """The filters in words. The page prints count, filters and order as one sentence."""
    order: str
    notices: tuple[str, ...]
    left_out: LeftOut | None
    chips: tuple[PageLink, ...]
    clear_url: str
    panels: tuple[FacetPanel, ...]
    rows: tuple[TrialRow, ...]
    sorts: tuple[PageLink, ...]
    sort: str
    sizes: tuple[PageLink, ...]
    per_page: int
    pages: tuple[PageLink, ...]
    first: int
    last: int
    meant: Meant
    suggestions: tuple[DidYouMean, ...]
    splits: tuple[Split, ...]
    steps: tuple[Step, ...]
    kept: tuple[tuple[str, str], ...]
    """(name, value) of the query's parameters that need hidden fields."""
    share_url: str
    api_url: str

    @property
    def count(self) -> str:
        return counted(self.total, "trial")


@router.api_route("/trials", methods=["GET", "HEAD"], include_in_schema=False)
def trials(request: Request, state: State, data: Data, query: Query) -> Response:
    if address := _trial_meant(data.session, query.q):
        if is_fragment(request):
            # Only htmx reads this header; a browser at the same address is redirected below.
            return Response(headers={"HX-Redirect": address, "Vary": VARY, "Cache-Control": "no-cache"})
        return RedirectResponse(address, status_code=303)
    search = Search(data.session, data.catalogue, query)
    if _is_from_plain_form(request):
        return RedirectResponse(search.query.url(), status_code=303)
    page = build(request, state, data, search)
    return state.renderer.page(
        request, "trial_list.html", page, push_url=search.query.url(), edition=data.edition
    )


def _trial_meant(session: Session, q: str) -> str:
    """Return the address of a trial if the whole search is its number or its record's address, else nothing."""
    registry_id = registry_id_meant(q)
    stored = find_trial(session, registry_id) if registry_id else None
    return f"/trials/{stored.trial.registry_id}" if stored else ""


def _is_from_plain_form(request: Request) -> bool:
    """Tell whether a form was sent without a script: its empty fields do not belong in a shared address."""
    fields = (request.query_params.get(name) for name in ("q", "sort", "per_page"))
    return not is_fragment(request) and "" in fields


def build(request: Request, state: AppState, data: Reader, search: Search) -> TrialList:
    query = search.query
    last_page = max(1, -(-search.total // query.per_page))
    if query.page > last_page:
        raise PageNotFoundError(
            f"Page {query.page:,} is beyond the end: the list has {counted(last_page, 'page')}.",
            (
                ("The first page", query.with_page(1).url()),
                ("The last page", query.with_page(last_page).url()),
            ),
        )
    trial_ids = search.page_ids()
    reasons = row_reasons(data.session, search, trial_ids)
    unlisted = unlisted_days(data.session, trial_ids) if query.with_unlisted else {}
    rows = trial_rows(data.session, trial_ids, data.today, reasons, unlisted)
    panels = facet_panels(search)
    first = (query.page - 1) * query.per_page + 1 if rows else 0
    heading = _heading(search)
    return TrialList(
        frame=_frame(request, state, data, search, heading),
        heading=heading,
        total=search.total,
        said=_said(search),
        order=_order(search),
        notices=notices(search),
        left_out=left_out(search),
        chips=_chips(search),
        clear_url=query.without_filters().url(),
        panels=panels,
        rows=tuple(rows),
        sorts=_sorts(query),
        sort=query.effective_sort,
        sizes=tuple(
            PageLink(str(size), "" if size == PER_PAGE else str(size), is_current=size == query.per_page)
            for size in _sizes(query.per_page)
        ),
        per_page=query.per_page,
        pages=_pages(query, last_page),
        first=first,
        last=first + len(rows) - 1 if rows else 0,
        meant=what_was_meant(search, data.freshness.vocabulary),
        suggestions=() if search.total else did_you_mean(data.session, search),
        splits=splits(search, panels),
        steps=() if search.total else steps(search),
        kept=_kept(query),
        share_url=state.renderer.public(query.url()),
        api_url=query.url("/api/v1/trials"),
    )


def _frame(request: Request, state: AppState, data: Reader, search: Search, heading: str) -> Frame:
    query = search.query
    return frame(
        request,
        state,
        data.freshness,
        heading if query.page == 1 else f"{heading}, page {query.page}",
        path=query.url(),
        q=query.q,
        form=FILTERS_FORM,
        description=f"{counted(search.total, 'clinical trial')} {' '.join(_said(search))}".strip(),
        is_indexed=query.is_everything,
    )


def _heading(search: Search) -> str:
    query = search.query
    names = [search.condition_label(slug) for slug in query.values("condition")]
    together = [search.condition_label(slug) for slug in query.condition_all]
    if names or together:
        return " and ".join([*([joined(names)] if names else []), *together])
    if query.q:
        return f"“{query.q}”" if len(query.q) <= 80 else f"“{query.q[:79]}…”"
    return "All trials" if query.is_everything else "Trials"


def _said(search: Search) -> tuple[str, ...]:
    said = [
        facet.phrase(joined([search.label(facet, value) for value in search.query.values(facet.name)]))
        for facet in FACETS
        if search.query.values(facet.name)
    ]
    said += [f"of {search.condition_label(slug)}" for slug in search.query.condition_all]
    if search.query.q:
        said.insert(0, f"with the words “{search.query.q[:200]}”")
    if search.query.with_unlisted:
        said.append("including those that the registry no longer lists")
    return tuple(said)


def _order(search: Search) -> str:
    sort = sort_named(search.query.effective_sort)
    if sort and sort.name == RELEVANCE and search.text_extent is Extent.NONE:
        sort = sort_named(DEFAULT_SORT)
    return sort.label if sort else ""


def _kept(query: TrialQuery) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in query.parameters() if pair[0] in _KEPT)


def _chips(search: Search) -> tuple[PageLink, ...]:
    query = search.query
    chips = [
        PageLink(search.label(facet, value), query.toggled(facet.name, value).url(), detail=facet.label)
        for facet in FACETS
        for value in query.values(facet.name)
    ]
    chips += [
        PageLink(
            search.condition_label(slug),
            query.with_condition_all(value for value in query.condition_all if value != slug).url(),
            detail="Condition, together with the others",
        )
        for slug in query.condition_all
    ]
    if query.with_unlisted:
        without = query.including_unlisted(is_included=False).url()
        chips.append(
            PageLink(
                "Including trials no longer listed",
                without,
                detail="trials that the registry no longer lists",
            )
        )
    if query.q:
        chips.insert(0, PageLink(f"“{query.q[:60]}”", query.with_q("").url(), detail="Words"))
    return tuple(chips)


def _sorts(query: TrialQuery) -> tuple[PageLink, ...]:
    """Return the orders as options of the form; the default has an empty value, so addresses leave it out."""
    implied = replace(query, sort="").effective_sort
    return tuple(
        PageLink(sort.label, "" if sort.name == implied else sort.name, sort.name == query.effective_sort)
        for sort in SORTS
        if sort.name != RELEVANCE or query.q
    )


def _sizes(current: int) -> list[int]:
    return sorted({*PER_PAGE_CHOICES, current})


def _pages(query: TrialQuery, last_page: int) -> tuple[PageLink, ...]:
    """Link the previous page, the first, those around this one, the last and the next; an empty url is a gap."""
    if last_page == 1:
        return ()
    around = range(max(1, query.page - _PAGES_AROUND), min(last_page, query.page + _PAGES_AROUND) + 1)
    links: list[PageLink] = []
    if query.page > 1:
        links.append(PageLink("Previous", query.with_page(query.page - 1).url()))
    before = 0
    for number in sorted({1, *around, last_page}):
        if number - before > 1:
            links.append(PageLink("…", ""))
        links.append(PageLink(f"{number:,}", query.with_page(number).url(), is_current=number == query.page))
        before = number
    if query.page < last_page:
        links.append(PageLink("Next", query.with_page(query.page + 1).url()))
    return tuple(links)
