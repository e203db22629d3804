"""The filter panel: each facet with its choices, their live counts, and links that toggle them."""

from dataclasses import dataclass

from app.index.facets import FACETS, Facet
from app.record.code_lists import NOT_STATED
from app.search.find import Choice, Search
from app.search.query import TrialQuery

SHOWN = 10
_OPEN_AT_FIRST = {"condition", "intervention_type", "status", "sponsor"}


@dataclass(frozen=True, slots=True)
class ChoiceLink:
    value: str
    label: str
    count: int
    is_selected: bool
    help: str
    facet: str
    query: TrialQuery
    """The current search."""

    @property
    def element_id(self) -> str:
        return f"{self.facet}-{self.value}".replace(" ", "-")

    @property
    def url(self) -> str:
        """The same search with this choice toggled; built on demand, because the filter form does not show it."""
        return self.query.toggled(self.facet, self.value).url()


@dataclass(frozen=True, slots=True)
class FacetPanel:
    name: str
    label: str
    help: str
    is_expanded: bool
    choices: tuple[ChoiceLink, ...]
    all_label: str
    """`All conditions`, for example; empty where all choices are shown."""
    all_url: str


def facet_panels(search: Search) -> tuple[FacetPanel, ...]:
    return tuple(_panel(search, facet) for facet in FACETS)


def _panel(search: Search, facet: Facet) -> FacetPanel:
    is_long = facet.is_open and not facet.newest_first
    choices = in_order(facet, search.foremost(facet, SHOWN) if is_long else list(search.choices(facet)))
    shown = _most_useful(choices) if facet.is_open else choices
    is_cut = len(shown) < len(choices)
    return FacetPanel(
        name=facet.name,
        label=facet.label,
        help=facet.help,
        is_expanded=facet.name in _OPEN_AT_FIRST or bool(search.query.values(facet.name)),
        choices=choice_links(search, facet, shown),
        all_label=f"All {facet.plural}" if is_cut else "",
        all_url=search.query.with_page(1).url(values_path(facet)) if is_cut else "",
    )


def choice_links(search: Search, facet: Facet, choices: list[Choice]) -> tuple[ChoiceLink, ...]:
    return tuple(
        ChoiceLink(
            value=choice.value,
            label=choice.label,
            count=choice.count,
            is_selected=choice.is_selected,
            help=facet.code_list.help(choice.value) if facet.code_list else "",
            facet=facet.name,
            query=search.query,
        )
        for choice in choices
    )


def in_order(facet: Facet, choices: list[Choice]) -> list[Choice]:
    """Put the choices of a code list in its own order, years from the latest, names by count; "Not stated" last."""
    if code_list := facet.code_list:
        ordered = sorted(choices, key=lambda choice: (code_list.position(choice.value), choice.value))
    elif facet.newest_first:
        ordered = sorted(choices, key=lambda choice: choice.value, reverse=True)
    else:
        ordered = sorted(choices, key=lambda choice: (-choice.count, choice.label.casefold(), choice.value))
    return sorted(ordered, key=lambda choice: choice.value == NOT_STATED)


def values_path(facet: Facet) -> str:
    return f"/trials/filter/{facet.name}"


def _most_useful(choices: list[Choice]) -> list[Choice]:
    """Return the first ten choices, all selected ones, and "Not stated"."""
    return [
        choice
        for position, choice in enumerate(choices)
        if position < SHOWN or choice.is_selected or choice.value == NOT_STATED
    ]
