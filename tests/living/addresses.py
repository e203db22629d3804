"""Draws addresses of every kind that the application answers, with known and unknown names of the small world."""

from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import quote, urlencode

from app.index.facets import FACETS
from app.record.code_lists import NOT_STATED
from app.search.counts.sort import SORTS
from app.text.slugs import slug_of
from tests.living import world

Parameters = list[tuple[str, str]]

_NAMES = [name for disease in world.DISEASES for name in (disease.term[1], *disease.names)]
_CONDITIONS = [*_NAMES, *world.UNMAPPED, "Rare thing 7", "Asthna", "D001249", "no such disease", NOT_STATED]
_OPEN: dict[str, Sequence[str]] = {
    "condition": _CONDITIONS,
    "sponsor": [*world.SPONSORS, "hospital-5", "no such sponsor", NOT_STATED],
    "country": [*world.COUNTRIES, "Nowhere", NOT_STATED],
    "start_year": ["2024", "1999", "1850", NOT_STATED],
}
_CLOSED: dict[str, Sequence[str]] = {
    facet.name: [*(term.value for term in facet.code_list), "shiny-new", NOT_STATED]
    for facet in FACETS
    if facet.code_list
}
_WORDS = [
    *_NAMES,
    *world.WORDS,
    *world.DRUGS,
    *world.ACRONYMS,
    "asth*",
    "gou* OR asthma",
    '"acute myeloid"',
    "asthma -placebo",
    "(gout OR AML) AND NOT aspirin",
    "FBD",
    "NCT01000003",
    "org-1000003",
    "placbo",
    "asthma AND",
    "*",
    "\u202e",
]
_TYPED = [
    "as",
    "asth",
    "gout",
    "FBD",
    "foo",
    "NCT0100",
    "NCT9",
    "hop",
    "univ",
    "placbo",
    "a",
    "",
    "日本",
    "c* OR x",
    "cis",
]
_WITH_UNLISTED = 0.25
"""Share of lists that include trials that the registry no longer lists."""
_UNKNOWN_IDS = ("NCT00000001", "nct1000003", "NCT99999999", "EUCTR2004-000001-01", "x")


def _list(random: Random) -> Parameters:
    """Draw a list with one to three filters of any kind, in any order of results."""
    makers = random.sample(_FILTERS, random.choice((1, 1, 2, 3)))
    parameters = [pair for maker in makers for pair in maker(random)]
    if random.random() < 0.3:
        parameters.append(("sort", random.choice(SORTS).name))
    if random.random() < 0.3:
        parameters.append(("per_page", random.choice(("10", "1", "3", "100", "0", "x"))))
    if random.random() < 0.3:
        parameters.append(("page", random.choice(("1", "2", "3", "40"))))
    return parameters


def _condition(random: Random) -> Parameters:
    named = [("condition", name) for name in random.sample(_CONDITIONS, random.choice((1, 1, 2)))]
    return [*named, *_match(random)]


def _all_conditions(random: Random) -> Parameters:
    return [*(("condition_all", name) for name in random.sample(_CONDITIONS, 2)), *_match(random)]


def _match(random: Random) -> Parameters:
    return random.choice(([], [("condition_match", "exact")], [("condition_match", "related")]))


def _words(random: Random) -> Parameters:
    return [("q", random.choice(_WORDS))]


def _any_facet(random: Random) -> Parameters:
    return _facet_value(random, random.choice(FACETS).name)


def _facet_value(random: Random, name: str) -> Parameters:
    """Draw a value that a trial may have; for a closed list a known one, as others would be refused."""
    return [(name, random.choice(_OPEN.get(name) or _CLOSED[name]))]


_FILTERS: Sequence[Callable[[Random], Parameters]] = (_condition, _all_conditions, _words, _any_facet)


def _address(path: str, parameters: Parameters = []) -> str:  # noqa: B006  it is only read
    return f"{path}?{urlencode(parameters)}" if parameters else path


def _trial_id(random: Random) -> str:
    is_known = random.random() < 0.8
    return world.registry_id_of(random.randrange(150)) if is_known else random.choice(_UNKNOWN_IDS)


def _condition_slug(random: Random) -> str:
    name = random.choice(_CONDITIONS)
    return slug_of(name) if random.random() < 0.8 else quote(name, safe="")


KINDS: dict[str, Callable[[Random], str]] = {
    "home": lambda _: "/",
    "everything": lambda random: _address(
        "/trials", random.choice(([], [("page", "2")], [("per_page", "10")]))
    ),
    "an order": lambda random: _address(
        "/trials", [("sort", random.choice(SORTS).name), ("page", random.choice("12"))]
    ),
    **{
        f"by {facet.name}": lambda random, name=facet.name: _address("/trials", _facet_value(random, name))  # type: ignore[misc]
        for facet in FACETS
    },
    "by condition, otherwise matched": lambda random: _address("/trials", _condition(random)),
    "by conditions together": lambda random: _address("/trials", _all_conditions(random)),
    "words": lambda random: _address("/trials", _words(random)),
    "words by an order": lambda random: _address(
        "/trials", [*_words(random), ("sort", random.choice(SORTS).name), ("per_page", "10")]
    ),
    "filters": lambda random: _address("/trials", _list(random)),
    "a wrong filter": lambda random: _address("/trials", [*_list(random), ("status", "no-such")]),
    "values": lambda random: f"/trials/filter/{random.choice(FACETS).name}",
    "values of a list": lambda random: _address(
        f"/trials/filter/{random.choice(FACETS).name}", _list(random)
    ),
    "values within": lambda random: _address(
        f"/trials/filter/{random.choice(sorted(_OPEN))}",
        [("within", random.choice(("a", "foo", "20", "zzz")))],
    ),
    "suggestions": lambda random: _address("/trials/suggest", [("q", random.choice(_TYPED))]),
    "suggestions of a name": lambda random: _address(
        "/trials/suggest", [("q", random.choice([*_WORDS, *_CONDITIONS])[: random.randint(2, 30)])]
    ),
    "conditions": lambda _: "/conditions",
    "conditions found": lambda random: _address(
        "/conditions", [("q", random.choice([*_TYPED, *_CONDITIONS]))]
    ),
    "a condition": lambda random: f"/conditions/{_condition_slug(random)}",
    "a trial": lambda random: f"/trials/{_trial_id(random)}",
    "a document": lambda random: f"/trials/{_trial_id(random)}.json",
    "a citation": lambda random: f"/trials/{_trial_id(random)}.{random.choice(('ris', 'bib'))}",
    "criteria": lambda random: f"/trials/{_trial_id(random)}/criteria.txt",
    "the registry's address": lambda random: f"/{random.choice(('study', 'ct2/show'))}/{_trial_id(random)}",
    "the data": lambda _: "/about/data",
    "the API": lambda random: _address("/api/v1/trials", _list(random)),
    "the API, everything": lambda _: "/api/v1/trials?per_page=100",
    "the machines' pages": lambda random: random.choice(("/healthz", "/readyz", "/robots.txt")),
    "no page": lambda random: random.choice(("/no/such/page", "/trials/filter/nothing", "/api/v1/nothing")),
}


def some_addresses(random: Random, most: int) -> list[str]:
    """Draw so many addresses, each of another kind; all kinds occur where the number allows it."""
    kinds = random.sample(sorted(KINDS), min(most, len(KINDS)))
    kinds += random.choices(sorted(KINDS), k=max(0, most - len(KINDS)))
    return [_some_with_unlisted(KINDS[kind](random), random) for kind in kinds]


def _some_with_unlisted(address: str, random: Random) -> str:
    path, _, parameters = address.partition("?")
    is_list = path in {"/trials", "/api/v1/trials"} or path.startswith("/trials/filter/")
    if not is_list or random.random() > _WITH_UNLISTED:
        return address
    return f"{path}?{parameters}&unlisted=yes" if parameters else f"{path}?unlisted=yes"
