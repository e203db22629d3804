"""The sponsors: a few dozen with many trials each, and about forty thousand with a few each."""

from functools import cache
from typing import NamedTuple

from app.demo.draw import Draw
from app.demo.world import coinages, places

_LARGE_COMPANIES = (
    "Verdanza Pharmaceuticals",
    "Corvessa AG",
    "Halvane Biologics",
    "Orsolix Pharma",
    "Meridonta Laboratories",
    "Quorvance Therapeutics",
    "Tanvira Pharmaceutical Co., Ltd.",
    "Zeluma Biopharma",
    "Umbralyn Medical",
    "Ostravia Life Sciences",
    "Dovemark Medical Technologies",
    "Aldervane Pharma",
    "Ravelstone Pharmaceuticals",
    "Hexarova",
    "Wyndemark Biosciences",
    "Cobaltine Pharma",
    "Pelluvia S.p.A.",
    "Juniperon Co., Ltd.",
)
_LARGE_INSTITUTIONS = (
    ("Hospitals of Valmontane", "OTHER"),
    ("University of Caldormont", "OTHER"),
    ("National Institute of Experimental Therapeutics", "NIH"),
    ("Ambermere University", "OTHER"),
    ("Oakenstrand Medical Center", "OTHER"),
    ("Sablemont University", "OTHER"),
    ("National Institute for Translational Health", "NIH"),
    ("Hazelminster University Hospital", "OTHER"),
    ("Talmarside University of Health Sciences", "OTHER"),
    ("Federal Veterans Research Service", "FED"),
    ("Lorrenmere Medical University", "OTHER"),
    ("Eskerdale Clinic", "OTHER"),
    ("Continental Cooperative Trials Organization", "NETWORK"),
    ("Harborlight Hospital", "OTHER"),
    ("Galdengate University", "OTHER"),
    ("University Health Region Fallowness", "OTHER"),
    ("Northern Pragmatic Trials Network", "NETWORK"),
    ("Ministry of Health of Ostmark Province", "OTHER_GOV"),
    ("Rowanwick Institute of Science", "OTHER"),
    ("Ivermoor National University Hospital", "OTHER"),
    ("Public Health Agency of Westmarland", "OTHER_GOV"),
    ("Farrowholt Research Foundation", "OTHER"),
)
_INSTITUTION_KINDS = (
    ("University of {}", "OTHER"),
    ("{} University Hospital", "OTHER"),
    ("{} Medical Center", "OTHER"),
    ("{} University", "OTHER"),
    ("{} General Hospital", "OTHER"),
    ("Royal {} Hospital", "OTHER"),
    ("{} Research Foundation", "OTHER"),
    ("{} School of Medicine", "OTHER"),
    ("{} Teaching Hospital", "OTHER"),
    ("{} Regional Health Authority", "OTHER_GOV"),
    ("{} Health System", "OTHER"),
    ("{} Clinical Trials Group", "NETWORK"),
)
_SMALL_COMPANIES = 9_500
_SMALL_INSTITUTIONS = 30_500
# Multiplying by a number without common factors shuffles an index, so that neighbors in rank get unlike names.
_SHUFFLE = 7_919


class DemoSponsor(NamedTuple):
    name: str
    agency_class: str
    home: places.City

    @property
    def is_company(self) -> bool:
        return self.agency_class == "INDUSTRY"


def draw_sponsor(draw: Draw, *, company: bool) -> DemoSponsor:
    if company:
        return _large_company(draw) if draw.chance(0.32) else _small_company(draw.rank(_SMALL_COMPANIES, 2.2))
    if draw.chance(0.015):
        return _individual(draw)
    if draw.chance(0.16):
        return _large_institution(draw)
    return _small_institution(draw.rank(_SMALL_INSTITUTIONS, 2.2))


def _large_company(draw: Draw) -> DemoSponsor:
    rank = draw.rank(len(_LARGE_COMPANIES), 1.4)
    return DemoSponsor(_LARGE_COMPANIES[rank], "INDUSTRY", _home(rank))


def _large_institution(draw: Draw) -> DemoSponsor:
    rank = draw.rank(len(_LARGE_INSTITUTIONS), 1.4)
    name, agency_class = _LARGE_INSTITUTIONS[rank]
    return DemoSponsor(name, agency_class, _federal_home() if agency_class in {"NIH", "FED"} else _home(rank))


def _small_company(rank: int) -> DemoSponsor:
    return DemoSponsor(coinages.company(rank * _SHUFFLE), "INDUSTRY", _home(rank))


def _small_institution(rank: int) -> DemoSponsor:
    kind, name = divmod(rank * _SHUFFLE % (len(_INSTITUTION_KINDS) * coinages.PLACES), coinages.PLACES)
    template, agency_class = _INSTITUTION_KINDS[kind]
    return DemoSponsor(template.format(coinages.place(name)), agency_class, _home(rank))


def _individual(draw: Draw) -> DemoSponsor:
    agency_class = "UNKNOWN" if draw.chance(0.05) else "INDIV"
    return DemoSponsor(f"{coinages.person(draw)}, {coinages.degree(draw)}", agency_class, draw.pick(_homes()))


def _home(rank: int) -> places.City:
    homes = _homes()
    return homes[rank * _SHUFFLE % len(homes)]


@cache
def _federal_home() -> places.City:
    return next(city for city in places.cities() if city.name == "Bethesda")


@cache
def _homes() -> tuple[places.City, ...]:
    """Return the cities, each repeated by its weight."""
    return tuple(city for city in places.cities() for _ in range(city.weight))
