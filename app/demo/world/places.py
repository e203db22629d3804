"""Real cities with invented hospitals.

cities.tsv has one city per line: country, state, city, postal code, latitude, longitude, and the relative number of
its research sites.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.demo.draw import Draw
from app.demo.world import coinages

_HOSPITALS_PER_WEIGHT = 5
_HOSPITAL_KINDS = (
    "{} University Hospital",
    "{} Medical Center",
    "{} General Hospital",
    "Clinical Research Unit {}",
    "{} Teaching Hospital",
    "Saint {} Hospital",
    "{} Clinic",
    "{} Institute of Medicine",
)


class City(NamedTuple):
    country: str
    state: str
    name: str
    postal_code: str
    latitude: float
    longitude: float
    weight: int


class Hospital(NamedTuple):
    name: str
    city: City


@cache
def cities() -> tuple[City, ...]:
    lines = Path(__file__).with_name("cities.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(_city(*line.split("\t")) for line in lines)


@cache
def hospitals() -> tuple[Hospital, ...]:
    """Return every hospital, ordered by country, state and city."""
    draw = Draw("hospitals")
    return tuple(
        Hospital(draw.pick(_HOSPITAL_KINDS).format(coinages.place(draw.between(0, coinages.PLACES))), city)
        for city in cities()
        for _ in range(city.weight * _HOSPITALS_PER_WEIGHT)
    )


@cache
def hospitals_of(country: str) -> tuple[Hospital, ...]:
    return tuple(hospital for hospital in hospitals() if hospital.city.country == country)


def postal_code(draw: Draw, city: City) -> str:
    """Return the city's postal code, with random digits in place of each # in the file."""
    code = city.postal_code
    return f"{code[:-2]}{draw.between(10, 99)}" if code.endswith("##") else code


def _city(
    country: str, state: str, name: str, postal_code: str, latitude: str, longitude: str, weight: str
) -> City:
    return City(country, state, name, postal_code, float(latitude), float(longitude), int(weight))
