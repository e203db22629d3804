"""Invented names, assembled from the parts in coinages.toml: places and people, companies, drugs, acronyms."""

import tomllib
from pathlib import Path

from app.demo.draw import Draw

_PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    table: {name: tuple(words.split()) for name, words in lists.items()}
    for table, lists in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")).items()
}
_PLACE_FIRST, _PLACE_LAST = _PARTS["place"].values()
_COMPANY_FIRST, _COMPANY_LAST = _PARTS["company"].values()
_DRUG_FIRST, _DRUG_MIDDLE = _PARTS["drug"].values()
_ACRONYM_FIRST, _ACRONYM_LAST = _PARTS["acronym"].values()
(_GIVEN,) = _PARTS["person"].values()
_COMPANY_KINDS = (
    "Pharmaceuticals",
    "Therapeutics",
    "Biosciences",
    "Biotech Co., Ltd.",
    "Pharma GmbH",
    "Medical, Inc.",
    "Laboratories",
    "Health Technologies",
)
_DEGREES = ("MD", "PhD", "MD, PhD", "MD, MPH", "MBBS", "PharmD")

PLACES = len(_PLACE_FIRST) * len(_PLACE_LAST)
COMPANIES = len(_COMPANY_FIRST) * len(_COMPANY_LAST) * len(_COMPANY_KINDS)


def place(index: int) -> str:
    """Return the name of an invented place. There are PLACES different ones."""
    last, first = divmod(index % PLACES, len(_PLACE_FIRST))
    return _PLACE_FIRST[first] + _PLACE_LAST[last]


def company(index: int) -> str:
    """Return the name of an invented company. There are COMPANIES different ones."""
    rest, first = divmod(index % COMPANIES, len(_COMPANY_FIRST))
    kind, last = divmod(rest, len(_COMPANY_LAST))
    return f"{_COMPANY_FIRST[first]}{_COMPANY_LAST[last]} {_COMPANY_KINDS[kind]}"


def drug(draw: Draw, stem: str) -> str:
    """Return an invented drug name with the stem of its class."""
    return draw.pick(_DRUG_FIRST) + draw.pick(_DRUG_MIDDLE) + stem


def person(draw: Draw) -> str:
    return f"{draw.pick(_GIVEN)} {place(int(draw.random() * PLACES))}"


def degree(draw: Draw) -> str:
    return draw.pick(_DEGREES)


def acronym(draw: Draw) -> str:
    name = draw.pick(_ACRONYM_FIRST) + draw.pick(_ACRONYM_LAST)
    return f"{name}-{draw.between(1, 6)}" if draw.chance(0.3) else name


def phone(draw: Draw) -> str:
    """Return a phone number from the range that is reserved for fiction."""
    return f"+1 555 01{draw.between(0, 99):02}"


def email(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"
