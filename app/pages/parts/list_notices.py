"""Notices above the list, for a search that could not be used exactly as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.index.facets import Facet
from app.search.budget import MOST_WORDS
from app.search.counts.sort import RELEVANCE
from app.search.find import Search
from app.search.words.text import MOST_RANKED, Extent
from app.text.wording import counted


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A notice on trials left out because the registry no longer lists them, with a link to include them."""

    words: str
    action: str
    url: str


def left_out(search: Search) -> LeftOut | None:
    """Count the trials that the search leaves out as no longer listed; None where there are none."""
    if search.query.with_unlisted or not search.unlisted_total:
        return None
    trials = counted(search.unlisted_total, "trial")
    verb, pronoun = ("is", "it") if search.unlisted_total == 1 else ("are", "them")
    return LeftOut(
        f"{trials} that the registry no longer lists {verb} left out.",
        f"Include {pronoun}",
        search.query.including_unlisted(is_included=True).url(),
    )


def notices(search: Search) -> tuple[str, ...]:
    found = [_unknown(search, facet, value) for facet, value in search.unknown]
    if not search.query.q:
        return tuple(found)
    parsed = search.text_meaning.parsed
    if parsed.expression is None:
        found.append("There is no word to search for: use letters or digits.")
    if parsed.is_taken_as_words:
        found.append(
            "Quotation marks, parentheses, AND, OR and NOT do not fit together here: "
            "the text was taken as plain words."
        )
    if parsed.is_cut:
        found.append(f"Only the first {MOST_WORDS} words are searched for.")
    if search.query.effective_sort == RELEVANCE:
        found += _ranking_notice(search)
    return tuple(found)


def _ranking_notice(search: Search) -> Iterator[str]:
    found = counted(len(search.text_trials), "trial")
    match search.text_extent:
        case Extent.FOREMOST:
            yield (
                f"The words are in {found}. First come the {MOST_RANKED:,} newest that have them in the title, "
                "conditions, interventions or keywords, best matches first; then the others, "
                "most recently updated first."
            )
        case Extent.NONE:
            yield f"The words are in {found}, too many to put the best matches first: add a less common word."


def _unknown(search: Search, facet: Facet, value: str) -> str:
    if any(meaning.slug == value for meaning in search.meanings.values()):
        return f"“{search.condition_label(value)}” is a known condition, but no trial here has it."
    return (
        f"No trial here has the {facet.label.lower()} “{value[:100]}”. "
        "Check the spelling, or try the search box."
    )
