r"""Therapeutic areas: what a trial treats, with what, how that is measured and who may join. One file each in areas/.

Texts in an area are templates. They may name {disease} (or {Disease} to open a sentence), {agent} (what is
tested), {people}, {link}, {patients} (people, link and disease together), {weeks} and {months} (how long a
participant is followed). They keep the registry's Markdown escapes, such as `\>=` and `10\^9/L`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from app.demo.draw import Weighted

Item = str | tuple[str, ...]
"""One eligibility criterion. One with sub-items is a tuple: the lead-in, then the sub-items."""

Ages = Literal["adult", "older", "any", "school", "child", "newborn"]


@dataclass(frozen=True, slots=True, eq=False)
class Disease:
    name: str
    """As it stands inside a sentence."""
    heading: str
    """As MeSH has it, in MeSH's inverted word order."""
    short: str = ""
    also: tuple[str, ...] = ()
    sex: Literal["ALL", "FEMALE", "MALE"] = "ALL"
    ages: Ages = "adult"
    people: str = ""
    """Who has it, where the ages do not say it: pregnant women."""
    link: str = "with"
    """How people and disease join: adults *with* asthma, adults *after* stroke."""
    genes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DrugClass:
    """A class of drugs, and how an invented member of it is named (stem) and given."""

    label: str
    stem: str
    doses: tuple[str, ...]
    route: str = "by mouth"
    rhythm: str = "once daily"
    kind: Literal["DRUG", "BIOLOGICAL"] = "DRUG"
    heading: str = ""
    """The class's MeSH heading, when it has one."""
    treats: tuple[str, ...] = ()
    """The diseases it is for; empty when it is for all of its area."""


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """Something a trial measures, with a plausible value for the results section (a share, for a count)."""

    measure: str
    description: str
    unit: str
    typical: float
    summary: Literal["mean", "count", "median"] = "mean"
    time_frame: str = "Baseline and week {weeks}"


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A therapeutic area. All its parts fit all its diseases, so that any combination reads true."""

    name: str
    weight: float
    diseases: tuple[Disease, ...]
    """The commonest first: earlier ones are drawn more often."""
    drug_classes: tuple[DrugClass, ...]
    care: Mapping[str, tuple[str, ...]]
    """Interventions that are not drugs, by the registry's intervention type. Names that need no article."""
    endpoints: tuple[Endpoint, ...]
    """The first three can be a primary outcome."""
    background: tuple[str, ...]
    inclusion: tuple[Item, ...]
    exclusion: tuple[Item, ...]
    modifiers: tuple[str, ...]
    """What can stand before any of the diseases."""
    settings: tuple[str, ...]
    """What can stand after any of them."""
    keywords: tuple[str, ...]
    gene_link: str = "-related"
    usual_care: str = "usual care"
    standard_treatment: str = ""
    """What a new medicine is compared with, where that is not usual care."""
    enrolls_healthy: bool = False
    purpose: str = "TREATMENT"


@cache
def areas() -> Weighted[Area]:
    """Return the areas, each as likely as its file says."""
    found = [_read(path) for path in sorted(Path(__file__).with_name("areas").glob("*.toml"))]
    return Weighted({area: area.weight for area in found})


@cache
def drug_classes_for(area: Area, disease: Disease) -> tuple[DrugClass, ...]:
    return tuple(found for found in area.drug_classes if not found.treats or disease.name in found.treats)


def _read(path: Path) -> Area:
    with path.open("rb") as file:
        entry = _frozen(tomllib.load(file))
    entry["diseases"] = tuple(Disease(**part) for part in entry["diseases"])
    entry["drug_classes"] = tuple(DrugClass(**part) for part in entry["drug_classes"])
    entry["endpoints"] = tuple(Endpoint(**part) for part in entry["endpoints"])
    return Area(**entry)


def _frozen(value: Any) -> Any:
    """Turn the lists of a parsed file into tuples."""
    if isinstance(value, dict):
        return {key: _frozen(part) for key, part in value.items()}
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
