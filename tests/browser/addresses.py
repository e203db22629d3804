"""One address for each kind of page, for the checks that every page must pass."""

from tests.browser.server import Site

_FIXED = {
    "home": "/",
    "list": "/trials",
    "filtered list": "/trials?status=recruiting&intervention_type=drug",
    "empty list": "/trials?condition=no-such-disease&status=recruiting",
    "values": "/trials/filter/condition",
    "disease list": "/trials?condition=asthma&condition_match=related",
    "conditions": "/conditions",
    "condition": "/conditions/asthma",
    "suggestions": "/trials/suggest?q=asthma",
    "about the data": "/about/data",
    "not found": "/trials/NCT99999999",
    "bad request": "/trials?status=banana",
}
_TRIALS = ("most said", "most sites", "least said")
PAGES = (*_FIXED, *_TRIALS)
STATUS = {"not found": 404, "bad request": 400}


def address(site: Site, page: str) -> str:
    return _FIXED.get(page) or site.varied[page]
