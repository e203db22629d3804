r"""Therapeutic areas: diseases, treatments, endpoints and eligibility criteria. Each area is a file in areas/.

Texts in an area are templates. They may name {disease} (or {Disease} to open a sentence), {agent} (the tested
treatment), {people}, {link}, {patients} (people, link and disease together), {weeks} and {months} (how long a
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
"""An eligibility criterion. A criterion with sub-items is a tuple: the lead-in, then the sub-items."""

Ages = Literal["adult", "older", "any", "school", "child", "newborn"]


@dataclass(frozen=True, slots=True, eq=False)
class Disease:
    name: str
    """The name as written inside a sentence."""
    heading: str
    """The MeSH heading, in MeSH's inverted word order."""
    short: str = ""
    also: tuple[str, ...] = ()
    sex: Literal["ALL", "FEMALE", "MALE"] = "ALL"
    ages: Ages = "adult"
    people: str = ""
    """The people who have the disease, if the ages do not tell: pregnant women."""
    link: str = "with"
    """The word between people and disease: adults *with* asthma, adults *after* stroke."""
    genes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DrugClass:
    """A class of drugs, with the stem for invented names and the way its drugs are given."""

    label: str
    stem: str
    doses: tuple[str, ...]
    route: str = "by mouth"
    rhythm: str = "once daily"
    kind: Literal["DRUG", "BIOLOGICAL"] = "DRUG"
    heading: str = ""
    """The class's MeSH heading, if it has one."""
    treats: tuple[str, ...] = ()
    """The names of the diseases that it treats; empty for all diseases of its area."""


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """An outcome that a trial measures, with a typical value for the results section (a share, for a count)."""

    measure: str
    description: str
    unit: str
    typical: float
    summary: Literal["mean", "count", "median"] = "mean"
    time_frame: str = "Baseline and week {weeks}"


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A therapeutic area. All parts fit all of its diseases, so that every combination makes sense."""

    name: str
    weight: float
    diseases: tuple[Disease, ...]
    """The diseases, the most common first: earlier ones are drawn more often."""
    drug_classes: tuple[DrugClass, ...]
    care: Mapping[str, tuple[str, ...]]
    """Interventions other than drugs, by the registry's intervention type. Their names need no article."""
    endpoints: tuple[Endpoint, ...]
    """The endpoints. The first three can be a primary outcome."""
    background: tuple[str, ...]
    inclusion: tuple[Item, ...]
    exclusion: tuple[Item, ...]
    modifiers: tuple[str, ...]
    """Words that can precede the name of any disease of the area."""
    settings: tuple[str, ...]
    """Words that can follow the name of any disease of the area."""
    keywords: tuple[str, ...]
    gene_link: str = "-related"
    usual_care: str = "usual care"
    standard_treatment: str = ""
    """The treatment that a new medicine is compared with, if not usual care."""
    enrolls_healthy: bool = False
    purpose: str = "TREATMENT"


@cache
def areas() -> Weighted[Area]:
    """Return all areas with the weights from their files."""
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
