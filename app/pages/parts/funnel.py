"""Help with a list that is empty or too long: which filter left no trials, corrected names, and ways to narrow."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import log2

from sqlmodel import Session

from app.index.facets import FACETS, Facet, joined
from app.pages.parts.facet_panels import ChoiceLink, FacetPanel
from app.record.code_lists import NOT_STATED
from app.search.find import Search
from app.search.query import TrialQuery
from app.search.suggest.offers import suggest
from app.search.suggest.spelling import corrected

MANY = 200
"""A list of at least this many trials is worth narrowing."""
_SPLITS = 3
_CHOICES_OF_A_SPLIT = 3
_MOST_SUGGESTIONS = 4
_MOST_WORDS = 8
"""A text with more words was pasted rather than typed, so it is not corrected."""


@dataclass(frozen=True, slots=True)
class Step:
    """One filter of a search without results: the trials left after it, and the trials if only it is dropped."""

    label: str
    left: int
    without: int
    without_url: str


@dataclass(frozen=True, slots=True)
class DidYouMean:
    label: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Split:
    """A filter that would divide a long list well, with its most frequent choices."""

    label: str
    choices: tuple[ChoiceLink, ...]


def steps(search: Search) -> tuple[Step, ...]:
    """Return the funnel of a search that found nothing, filter by filter in their order."""
    return tuple(_steps(search))


def _steps(search: Search) -> Iterator[Step]:
    query, trials = search.query, search.everything
    if query.q:
        trials = trials & search.text_trials
        without = len(search.trials_without_words)
        yield Step(f"“{query.q[:60]}”", len(trials), without, query.with_q("").url())
    for facet in FACETS:
        if values := query.values(facet.name):
            trials = trials & search.trials_of(facet)
            words = joined([search.label(facet, value) for value in values])
            without_it = query.with_values(facet.name, ())
            yield Step(
                f"{facet.label}: {words}", len(trials), len(search.trials_without(facet)), without_it.url()
            )
    for slug in query.condition_all:
        trials = trials & search.conditions.trials(slug)
        others = query.with_condition_all(value for value in query.condition_all if value != slug)
        yield Step(
            f"Condition: {search.condition_label(slug)}",
            len(trials),
            len(search.trials_without_condition(slug)),
            others.url(),
        )


def did_you_mean(session: Session, search: Search) -> tuple[DidYouMean, ...]:
    """Suggest similar searches that find trials, for a search that names something no trial has."""
    near = ((label, search.alike(query)) for label, query in _similar_searches(session, search))
    found = (DidYouMean(label, one.total, one.query.url()) for label, one in near if one.total)
    return tuple(islice(found, _MOST_SUGGESTIONS))


def _similar_searches(session: Session, search: Search) -> Iterator[tuple[str, TrialQuery]]:
    query = search.query
    for facet, name in search.unknown[:_MOST_SUGGESTIONS]:
        if facet.name in {"condition", "sponsor"}:
            for offer in suggest(session, name):
                if offer.kind == facet.name and offer.query:
                    yield offer.label, _replaced(query, facet, name, offer.query.values(facet.name))
    words = query.q.split()
    if (
        words
        and len(words) <= _MOST_WORDS
        and not search.text_trials
        and (better := corrected(session, words))
    ):
        yield " ".join(better), query.with_q(" ".join(better))


def _replaced(query: TrialQuery, facet: Facet, name: str, values: tuple[str, ...]) -> TrialQuery:
    if facet.name == "condition" and name in query.condition_all:
        others = (value for value in query.condition_all if value != name)
        return query.with_condition_all((*others, *values))
    others = (value for value in query.values(facet.name) if value != name)
    return query.with_values(facet.name, (*others, *values))


def splits(search: Search, panels: tuple[FacetPanel, ...]) -> tuple[Split, ...]:
    """Return the three closed filters, not used yet, whose choices divide the list most evenly."""
    if search.total < MANY:
        return ()
    closed = {facet.name for facet in FACETS if not facet.is_open and not search.query.values(facet.name)}
    best = sorted((panel for panel in panels if panel.name in closed), key=_evenness, reverse=True)
    return tuple(Split(panel.label, _foremost(panel)) for panel in best[:_SPLITS])


def _evenness(panel: FacetPanel) -> float:
    """Return the entropy of the choices' counts, in bits."""
    counts = [choice.count for choice in panel.choices if choice.count]
    return -sum(count / sum(counts) * log2(count / sum(counts)) for count in counts)


def _foremost(panel: FacetPanel) -> tuple[ChoiceLink, ...]:
    stated = [choice for choice in panel.choices if choice.value != NOT_STATED]
    return tuple(sorted(stated, key=lambda choice: -choice.count)[:_CHOICES_OF_A_SPLIT])
