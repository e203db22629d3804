"""/conditions: the top of the condition tree, and the search for a condition by any of its names."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.conditions.names.same_name import key_of
from app.pages.parts.frame import Frame, frame
from app.search.condition_tree import MOST_FOUND, ConditionTree, Counted, FoundCondition, TopLevel
from app.search.query import TrialQuery
from app.text.visible import visible_words
from app.text.wording import counted
from app.web.state import Data, State

_LONGEST = 100

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ListedCondition:
    label: str
    url: str
    count: int
    also: str = ""
    """Another name by which the condition was found; empty where the label has the reader's words too."""


@dataclass(frozen=True, slots=True)
class Branch:
    top: ListedCondition
    narrower: tuple[ListedCondition, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    frame: Frame
    heading: str
    vocabulary: str
    """A sentence on where the conditions and their hierarchy come from."""
    words: str
    """The words that the reader searches for."""
    words_url: str
    """Address of a search of all trials for the words."""
    summary: str
    """A sentence on what was found; empty without a search."""
    found: tuple[ListedCondition, ...]
    branches: tuple[Branch, ...]
    without_concept: str
    """A sentence that counts the conditions outside the hierarchy; empty where there are none."""


@router.api_route("/conditions", methods=["GET", "HEAD"])
def conditions(request: Request, state: State, data: Data, q: Annotated[str, Query()] = "") -> Response:
    words = visible_words(q, _LONGEST)
    tree = ConditionTree(data.session, data.catalogue)
    summary, found = _search(tree, words) if words else ("", ())
    page = Conditions(
        frame=frame(
            request,
            state,
            data.freshness,
            f"Conditions with “{words}”" if words else "Conditions",
            description="Browse clinical trials by disease, from the broad to the narrow.",
            is_indexed=not words,
        ),
        heading="Conditions",
        vocabulary=_vocabulary(tree),
        words=words,
        words_url=TrialQuery(q=words).url(),
        summary=summary,
        found=found,
        branches=() if words else tuple(_branch(top) for top in tree.top_levels()),
        without_concept="" if words else _without_concept(tree),
    )
    return state.renderer.page(request, "conditions.html", page, edition=data.edition)


def condition_link(condition: Counted, also: str = "") -> ListedCondition:
    return ListedCondition(condition.label, condition_path(condition.slug), condition.count, also)


def condition_path(slug: str) -> str:
    return f"/conditions/{slug}"


def _search(tree: ConditionTree, words: str) -> tuple[str, tuple[ListedCondition, ...]]:
    """Return a sentence on what was found, and links to the conditions with the words, else to the closest."""
    found = tree.find(words)
    if found:
        links = tuple(condition_link(each.condition, _also(each, words)) for each in found[:MOST_FOUND])
        return _found_words(len(found), words), links
    closest = tuple(map(condition_link, tree.closest(words)))
    hint = "The closest:" if closest else "Check the spelling, or search all trials for the words."
    return f"No condition with trials is called “{words}”. {hint}", closest


def _found_words(found: int, words: str) -> str:
    sentence = f"{counted(found, 'condition')} with “{words}” in a name"
    return f"{sentence}; the first {MOST_FOUND} are shown." if found > MOST_FOUND else f"{sentence}."


def _also(found: FoundCondition, words: str) -> str:
    """Return the name that was found, or an empty text where the label has the words too."""
    label = f" {key_of(found.condition.label)}"
    is_in_label = all(f" {word}" in label for word in key_of(words).split())
    return "" if is_in_label or key_of(found.name) == label.strip() else found.name


def _branch(top: TopLevel) -> Branch:
    return Branch(condition_link(top.condition), tuple(map(condition_link, top.narrower)))


def _vocabulary(tree: ConditionTree) -> str:
    if tree.vocabulary:
        return (
            f"Conditions and their hierarchy come from {tree.vocabulary}, the thesaurus of the "
            "U.S. National Library of Medicine. Each number includes the trials of narrower conditions."
        )
    return (
        "Conditions come from the indexing of the records themselves. "
        "Each number includes the trials of narrower conditions that the records name."
    )


def _without_concept(tree: ConditionTree) -> str:
    number = tree.without_concept
    if not number:
        return ""
    are = "1 more condition is" if number == 1 else f"{number:,} more conditions are"
    return f"{are} not in this hierarchy, because the words in the records match none of its concepts."
