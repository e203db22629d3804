"""/conditions/{slug}: a condition's names, its broader and narrower conditions, and its trials in numbers."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.conditions.meaning import CLOSEST
from app.conditions.names.same_name import key_of
from app.index.facets import Facet, facet_named
from app.pages.conditions import ListedCondition, condition_link, condition_path
from app.pages.parts.facet_panels import ChoiceLink, choice_links, in_order, values_path
from app.pages.parts.frame import Frame, frame
from app.pages.parts.trial_rows import TrialRow, trial_rows
from app.record.code_lists import NOT_STATED
from app.search.condition_tree import ConditionTree, KnownCondition, Name
from app.search.find import Search
from app.search.query import EXACT, TrialQuery
from app.text.visible import visible_words
from app.text.wording import counted
from app.web.errors import PageNotFoundError
from app.web.state import AppState, Data, Reader, State

NARROWER_FOLDED_AFTER = 30
NAMES_FOLDED_AFTER = 12
FIRST_TRIALS = 10
_MOST_PLACES = 10

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Bar:
    choice: ChoiceLink
    share: float
    """Length of the bar in percent of the longest one."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Numbers of trials for each value of a closed list, such as the phase."""

    name: str
    label: str
    help: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Leading:
    """The most frequent values of an open list, such as the countries."""

    heading: str
    choices: tuple[ChoiceLink, ...]
    all_label: str
    """Label of the link to the full list, as `All 31 countries`; empty where all are shown."""
    all_url: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of trials in words, each with the address of the list of just those trials."""

    all: str
    all_url: str
    named: str
    named_url: str
    """Empty where all trials name the condition themselves, or none does."""
    recruiting: str
    recruiting_url: str
    """Empty where no trial is recruiting."""


@dataclass(frozen=True, slots=True)
class ConditionPage:
    frame: Frame
    label: str
    mesh_id: str
    names: tuple[str, ...]
    names_folded: tuple[str, ...]
    broader: tuple[ListedCondition, ...]
    narrower: tuple[ListedCondition, ...]
    narrower_folded: tuple[ListedCondition, ...]
    numbers: Numbers | None
    """None for a condition without trials; everything below is empty then."""
    breakdowns: tuple[Breakdown, ...]
    leading: tuple[Leading, ...]
    rows: tuple[TrialRow, ...]

    @property
    def all_label(self) -> str:
        return f"All {self.numbers.all}" if self.numbers else ""


@router.api_route("/conditions/{slug}", methods=["GET", "HEAD"])
def condition(slug: str, request: Request, state: State, data: Data) -> Response:
    tree = ConditionTree(data.session, data.catalogue)
    search = Search(data.session, data.catalogue, TrialQuery().with_values("condition", [slug]))
    known = find_condition(tree, search, slug)
    if known.slug != slug:
        return RedirectResponse(condition_path(known.slug), status_code=301)
    page = build(request, state, data, tree, known, search)
    return state.renderer.page(request, "condition.html", page, edition=data.edition)


def find_condition(tree: ConditionTree, search: Search, name: str) -> KnownCondition:
    """Find the condition that the list of trials reads the name as, else a disease without trials.

    Page and list are thus always about the same condition.

    Raises:
        PageNotFoundError: the name means no condition, or only a part of it does.
    """
    meaning = search.meanings.get(name) if key_of(name) else None
    own = tree.known(name)
    if own and (not own.count or meaning is None or meaning.slug == name):
        return own
    meant = tree.known(meaning.slug) if meaning and meaning.manner != CLOSEST else None
    found = meant if meant and meant.count else own or meant
    if found is None:
        raise _unknown(tree, name)
    return found


def _unknown(tree: ConditionTree, name: str) -> PageNotFoundError:
    words = visible_words(name.replace("-", " "), 100)
    closest = [(each.label, condition_path(each.slug)) for each in tree.closest(words)]
    return PageNotFoundError(
        f"There is no condition “{words}” here." + (" The closest by name:" if closest else ""),
        (*closest, ("All conditions", "/conditions")),
    )


def build(
    request: Request,
    state: AppState,
    data: Reader,
    tree: ConditionTree,
    known: KnownCondition,
    search: Search,
) -> ConditionPage:
    narrower = tuple(map(condition_link, tree.narrower(known)))
    names = tuple(map(_name_words, tree.names(known)))
    total = counted(known.count, "clinical trial")
    return ConditionPage(
        frame=frame(
            request,
            state,
            data.freshness,
            known.label,
            path=condition_path(known.slug),
            description=f"{total} of {known.label}: by status, phase, country and sponsor, with broader and "
            "narrower conditions.",
        ),
        label=known.label,
        mesh_id=known.mesh_id,
        names=names[:NAMES_FOLDED_AFTER],
        names_folded=names[NAMES_FOLDED_AFTER:],
        broader=tuple(map(condition_link, tree.broader(known))),
        narrower=narrower[:NARROWER_FOLDED_AFTER],
        narrower_folded=narrower[NARROWER_FOLDED_AFTER:],
        numbers=_numbers(data, search) if known.count else None,
        breakdowns=_breakdowns(search) if known.count else (),
        leading=_all_leading(search) if known.count else (),
        rows=_rows(data, search) if known.count else (),
    )


def _name_words(name: Name) -> str:
    return f"{name.text} (in {counted(name.records, 'record')})" if name.records else name.text


def _numbers(data: Reader, search: Search) -> Numbers:
    naming = Search(data.session, data.catalogue, search.query.with_condition_match(EXACT))
    recruiting = _count(search, "status", "recruiting")
    is_some = 0 < naming.total < search.total
    return Numbers(
        all=counted(search.total, "trial"),
        all_url=search.query.url(),
        named=_naming_words(naming.total, search.total),
        named_url=naming.query.url() if is_some else "",
        recruiting=_recruiting_words(recruiting),
        recruiting_url=search.query.with_values("status", ["recruiting"]).url() if recruiting else "",
    )


def _count(search: Search, name: str, value: str) -> int:
    facet = facet_named(name)
    counts = {choice.value: choice.count for choice in search.choices(facet)} if facet else {}
    return counts.get(value, 0)


def _naming_words(naming: int, total: int) -> str:
    if naming == total:
        return (
            "All name this condition or are indexed with it"
            if total > 1
            else "It names this condition or is indexed with it"
        )
    if not naming:
        return "All are about narrower conditions" if total > 1 else "It is about a narrower condition"
    if naming == 1:
        return "1 names this condition or is indexed with it"
    return f"{naming:,} name this condition or are indexed with it"


def _recruiting_words(recruiting: int) -> str:
    if not recruiting:
        return "None is recruiting"
    return f"{recruiting:,} are recruiting" if recruiting > 1 else "1 is recruiting"


def _breakdowns(search: Search) -> tuple[Breakdown, ...]:
    facets = [facet for name in ("status", "phase") if (facet := facet_named(name))]
    return tuple(_breakdown(search, facet) for facet in facets)


def _breakdown(search: Search, facet: Facet) -> Breakdown:
    choices = in_order(facet, list(search.choices(facet)))
    longest = max((choice.count for choice in choices), default=0)
    links = choice_links(search, facet, choices)
    bars = tuple(Bar(link, round(100 * link.count / longest, 1)) for link in links)
    return Breakdown(facet.name, facet.label, facet.help, bars)


def _all_leading(search: Search) -> tuple[Leading, ...]:
    headings = {"country": "Countries", "sponsor": "Lead sponsors"}
    found = [
        _leading(search, facet, heading) for name, heading in headings.items() if (facet := facet_named(name))
    ]
    return tuple(leading for leading in found if leading.choices)


def _leading(search: Search, facet: Facet, heading: str) -> Leading:
    choices = in_order(facet, [choice for choice in search.choices(facet) if choice.value != NOT_STATED])
    is_cut = len(choices) > _MOST_PLACES
    return Leading(
        heading=heading,
        choices=choice_links(search, facet, choices[:_MOST_PLACES]),
        all_label=f"All {len(choices):,} {facet.plural}" if is_cut else "",
        all_url=search.query.url(values_path(facet)) if is_cut else "",
    )


def _rows(data: Reader, search: Search) -> tuple[TrialRow, ...]:
    return tuple(trial_rows(data.session, search.page_ids()[:FIRST_TRIALS], data.today))
