"""The bar above the list: how the reader's words were understood, and links that change it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.conditions.meaning import AS_STATED, BY_NAME, CLOSEST, ConditionMeaning
from app.search.find import Search
from app.search.query import EXACT, NARROWER, RELATED, TrialQuery

_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Switch:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Expansion:
    asked: str
    """The reader's own words; empty where they are the name itself."""
    meant: str
    url: str
    """Address of the condition's page; empty for plain words."""
    details: tuple[str, ...]
    switches: tuple[Switch, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    expansions: tuple[Expansion, ...]
    together: Switch | None
    """For several conditions, a link that switches between all of them and any of them; else None."""
    vocabulary: str
    """The source that the conditions were read by; empty where the query names no condition."""


def what_was_meant(search: Search, vocabulary: str) -> Meant:
    """Explain how the search was understood; `vocabulary` is the MeSH that is loaded, or empty."""
    return Meant(_expansions(search), _together(search.query), _vocabulary(search, vocabulary))


def _expansions(search: Search) -> tuple[Expansion, ...]:
    conditions = list(_conditions(search))
    switches = tuple(_match_switches(search))
    if len(conditions) == 1:
        conditions = [replace(one, switches=(*switches, *one.switches)) for one in conditions]
    elif conditions and switches:
        conditions.append(Expansion("", "Each of them", "", (), switches))
    return (*conditions, *_words(search))


def _conditions(search: Search) -> Iterator[Expansion]:
    for meaning in search.meanings.values():
        is_known = meaning.slug in search.conditions.postings
        yield Expansion(
            asked=meaning.asked if _differs(meaning) else "",
            meant=search.conditions.label(meaning.slug) if is_known else meaning.label,
            url="" if meaning.manner == AS_STATED else f"/conditions/{meaning.slug}",
            details=tuple(_details(search, meaning)),
            switches=tuple(
                Switch(
                    f"{meaning.asked} as {other.label}",
                    _with_other_condition(search, meaning.slug, other.slug),
                )
                for other in meaning.others
            ),
        )


def _differs(meaning: ConditionMeaning) -> bool:
    return meaning.manner not in {BY_NAME, AS_STATED}


def _details(search: Search, meaning: ConditionMeaning) -> Iterator[str]:
    if meaning.manner == CLOSEST:
        yield "the closest condition in the vocabulary"
    match = search.query.condition_match
    narrower = len(search.conditions.narrower(meaning.slug))
    if match == EXACT:
        yield "without narrower conditions"
    elif narrower:
        yield f"+ {narrower:,} narrower"
    broader = len(search.conditions.broader(meaning.slug)) if match == RELATED else 0
    if broader:
        yield f"+ {broader:,} broader, listed last"


def _match_switches(search: Search) -> Iterator[Switch]:
    """Yield links to the other ways of matching; each applies to all conditions of the search."""
    query, slugs = search.query, [meaning.slug for meaning in search.meanings.values()]
    narrower = sum(len(search.conditions.narrower(slug)) for slug in slugs)
    as_usual = query.with_condition_match(NARROWER).url()
    if query.condition_match == EXACT and narrower:
        yield Switch(f"With {narrower:,} narrower", as_usual)
    if query.condition_match == RELATED:
        yield Switch("Without broader", as_usual)
    if query.condition_match != EXACT and narrower:
        yield Switch("Without narrower", query.with_condition_match(EXACT).url())
    if query.condition_match != RELATED and any(search.conditions.broader(slug) for slug in slugs):
        yield Switch("Also broader", query.with_condition_match(RELATED).url())


def _with_other_condition(search: Search, slug: str, other: str) -> str:
    query = search.query
    if slug in query.condition_all:
        chosen = [other if value == slug else value for value in query.condition_all]
        return query.with_condition_all(chosen).url()
    values = [other if value == slug else value for value in query.values("condition")]
    return query.with_values("condition", values).url()


def _words(search: Search) -> Iterator[Expansion]:
    if not search.query.q:
        return
    meaning = search.text_meaning
    for widened in meaning.widened:
        shown = ", ".join(widened.names[:_MOST_NAMES])
        more = len(widened.names) - _MOST_NAMES
        yield Expansion(
            asked=widened.written,
            meant=widened.label,
            url="",
            details=(f"also searched for: {shown}" + (f" and {more:,} more names" if more > 0 else ""),),
            switches=(
                Switch(
                    f"Only “{widened.written}”",
                    search.query.with_q(meaning.without_widening(widened)).url(),
                ),
            ),
        )


def _vocabulary(search: Search, loaded: str) -> str:
    if not search.meanings:
        return ""
    return f"from {loaded}" if loaded else "from the registry's own indexing: no MeSH is loaded"


def _together(query: TrialQuery) -> Switch | None:
    if len(query.values("condition")) > 1:
        wanted = query.with_condition_all((*query.condition_all, *query.values("condition")))
        return Switch("Only trials with all of them", wanted.with_values("condition", ()).url())
    if len(query.condition_all) > 1:
        return Switch(
            "Trials with any of them",
            query.with_condition_all(()).with_values("condition", query.conditions).url(),
        )
    return None
