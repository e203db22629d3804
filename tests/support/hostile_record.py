"""A record that tries to do harm in every field that holds words."""

from copy import deepcopy
from typing import Any

from tests.every_field import STUDY

REGISTRY_ID = "NCT00000666"
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN = DIRECTIONS + "\u200b\u2060\ufeff\ufff9\U000e0041\x00\x07\x1b\x7f\x85\u2028\u2029"
"""Characters that no answer may hold, except the document as received."""
PAYLOAD = (
    f" {DIRECTIONS}"
    '</title></script></pre><script>alert(1)</script><img src=x onerror=alert(1)>"\' onmouseover="alert(1)" '
    "{{ 7*7 }} ${7*7} <!-- ]]> [click](javascript:alert(1)) ![x](https://images.example/x.png) "
    "[here](https://registry.example@evil.example/) <javascript:alert(1)> "
    "\r\nER  - \r\nTY  - JOUR\r\n}, }\n@misc{evil, title={x}}\n"
    "a\u200bb\u2060c\ufeffd\ufff9e\U000e0041f\x00g\x07h\x1b[2Ji\x7fj\x85k\u2028l\u2029m מחקר קליני"
)
_LINKS = ("url", "link")
_KEPT = {"nctId", "nctIdAliases", "versionHolder"}
"""Fields that stay: without an id there is no trial, and the release is checked elsewhere."""
_HOSTILE = {
    "email": f"ann@example.org?bcc=evil@evil.example{PAYLOAD}",
    "phone": f"1-800-CANCER, +1 555 0100{PAYLOAD}",
    "filename": "../../../evil.example/a.pdf",
    "pmid": "1/../../evil",
}


def hostile_study(
    link: str = "https://registry.example@evil.example/", *, in_lists: bool = True
) -> dict[str, Any]:
    """Make the record; `in_lists` puts the payload also into codes and dates, which the registry takes from lists."""
    study: dict[str, Any] = _hostile("", deepcopy(STUDY), link, in_lists)
    study["protocolSection"]["identificationModule"] |= {
        "nctId": REGISTRY_ID,
        "nctIdAliases": ["NCT00000667"],
    }
    study["hasResults"] = True
    study["resultsSection"] = _results()
    return study


def _hostile(key: str, value: Any, link: str, in_lists: bool) -> Any:
    match value:
        case dict():
            return {name: _hostile(name, inner, link, in_lists) for name, inner in value.items()}
        case list():
            return [_hostile(key, inner, link, in_lists) for inner in value]
        case str() if key in _KEPT:
            return value
        case str() if key in _LINKS:
            return link
        case str() if key in _HOSTILE:
            return _HOSTILE[key]
        case str() if in_lists or not _is_code(value):
            return value + PAYLOAD
        case _:
            return value


def _is_code(value: str) -> bool:
    return value.isupper() or value[:4].isdigit()


def _results() -> dict[str, Any]:
    words = f"Words{PAYLOAD}"
    group = {"id": "BG000", "title": words, "description": words}
    cell = {"groupId": "BG000", "value": words, "spread": words, "comment": words}
    measure = {"title": words, "description": words, "unitOfMeasure": words, "paramType": "MEAN"}
    return {
        "participantFlowModule": {
            "preAssignmentDetails": words,
            "groups": [group],
            "periods": [{"title": words, "milestones": [{"type": words, "achievements": [cell]}]}],
        },
        "baselineCharacteristicsModule": {
            "populationDescription": words,
            "groups": [group],
            "measures": [
                measure
                | {"classes": [{"title": words, "categories": [{"title": words, "measurements": [cell]}]}]}
            ],
        },
        "outcomeMeasuresModule": {
            "outcomeMeasures": [
                measure
                | {
                    "type": "PRIMARY",
                    "timeFrame": words,
                    "groups": [group],
                    "classes": [{"title": words, "categories": [{"title": words, "measurements": [cell]}]}],
                }
            ]
        },
        "adverseEventsModule": {
            "description": words,
            "eventGroups": [{"id": "EG000", "title": words, "description": words}],
            "seriousEvents": [
                {"term": words, "organSystem": words, "stats": [{"groupId": "EG000", "numAffected": 1}]}
            ],
        },
        "moreInfoModule": {
            "limitationsAndCaveats": {"description": words},
            "pointOfContact": {
                "title": words,
                "organization": words,
                "email": _HOSTILE["email"],
                "phone": "555 0100, 555 0101",
            },
        },
    }
