"""The frame of every page: its title, the search box, and the source and date of the data."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request

from app.registries import REGISTRIES, Registry
from app.search.counts.freshness import Freshness
from app.text.wording import date_words
from app.web.assets import asset_url
from app.web.state import AppState

SEARCH_FORM = "search"


@dataclass(frozen=True, slots=True)
class Frame:
    title: str
    canonical: str
    """The page's canonical address; only a path while no public address is set."""
    freshness: Freshness
    q: str = ""
    form: str = SEARCH_FORM
    """The id of the form that the search box belongs to; on the list this form also has the filters."""
    description: str = ""
    is_indexed: bool = True
    open_graph: tuple[tuple[str, str], ...] = ()
    """(property, content) of the metadata for link previews, on pages that people share."""

    @property
    def source(self) -> str:
        if self.freshness.trials and self.freshness.synthetic == self.freshness.trials:
            return "Source: synthetic trials made up by Trialmark"
        known = dict(self.freshness.releases)
        sources = [registry for registry in REGISTRIES if registry.name in known] or REGISTRIES[:1]
        names = "; ".join(map(self._with_release, sources))
        fetched = f", fetched {date_words(self.freshness.fetched)}" if self.freshness.fetched else ""
        return f"Source: {names}{fetched}"

    def _with_release(self, registry: Registry) -> str:
        release = dict(self.freshness.releases).get(registry.name)
        return f"{registry.label}, data of {date_words(release)}" if release else registry.label

    @property
    def search_hint(self) -> str:
        """What can be typed into the search box."""
        number = REGISTRIES[0].id_label if len(REGISTRIES) == 1 else "registry number"
        return f"Disease, drug, sponsor or {number}"

    @property
    def synthetic_notice(self) -> str:
        synthetic, trials = self.freshness.synthetic, self.freshness.trials
        if not synthetic:
            return ""
        which = "All trials here are" if synthetic == trials else f"{synthetic:,} of the trials here are"
        return f"{which} synthetic: made up by Trialmark to show how it works. No such trial exists."


def frame(
    request: Request,
    state: AppState,
    freshness: Freshness,
    title: str,
    *,
    path: str = "",
    q: str = "",
    form: str = SEARCH_FORM,
    description: str = "",
    is_indexed: bool = True,
    open_graph: tuple[tuple[str, str], ...] = (),
) -> Frame:
    """Frame a page whose canonical address is `path`, by default the request's own."""
    canonical = state.renderer.public(path or quote(request.scope["path"]))
    if open_graph:
        open_graph += (
            ("og:image", state.renderer.public(asset_url("card.png"))),
            ("og:image:width", "1200"),
            ("og:image:height", "630"),
            ("og:image:alt", "Trialmark: clinical trials, complete and readable"),
        )
    return Frame(title, canonical, freshness, q, form, description, is_indexed, open_graph)
