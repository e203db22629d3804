"""The population of a trial: ages, sex, and the words for them in texts."""

from functools import cache
from typing import NamedTuple

from app.demo.draw import Draw, Weighted
from app.demo.plan.subject import Subject
from app.demo.world.area import Ages, Disease

_YEARS = {"Years": 1.0, "Months": 1 / 12, "Weeks": 1 / 52, "Days": 1 / 365, "Hours": 1 / 8766}
_ADULT_FROM = 18
_OLDER_ADULT_FROM = 65
_MINORS_UP_TO = 21
_NO_LIMIT = 200


class _Band(NamedTuple):
    people: str
    minimum: Weighted[str]
    maximum: Weighted[str]


class Population(NamedTuple):
    people: str
    sex: str
    minimum_age: str
    """The age as the registry writes it, such as "6 Months"; empty if there is no limit."""
    maximum_age: str
    healthy_volunteers: bool

    @property
    def is_minor(self) -> bool:
        return _in_years(self.maximum_age, _NO_LIMIT) <= _MINORS_UP_TO

    @property
    def standard_ages(self) -> list[str]:
        """The registry's age groups that the ages overlap: under 18, 18 to 64, 65 and over."""
        youngest, oldest = _in_years(self.minimum_age, 0), _in_years(self.maximum_age, _NO_LIMIT)
        groups = []
        if youngest < _ADULT_FROM:
            groups.append("CHILD")
        if youngest < _OLDER_ADULT_FROM and oldest >= _ADULT_FROM:
            groups.append("ADULT")
        if oldest >= _OLDER_ADULT_FROM:
            groups.append("OLDER_ADULT")
        return groups


_ADULTS = _Band(
    "adults",
    Weighted(
        {"18 Years": 84, "20 Years": 4, "21 Years": 3, "19 Years": 2, "30 Years": 2, "40 Years": 2, "": 3}
    ),
    Weighted(
        {"": 45, "65 Years": 13, "75 Years": 12, "80 Years": 11, "70 Years": 8, "85 Years": 6, "60 Years": 5}
    ),
)
_OLDER = _Band(
    "older adults",
    Weighted({"50 Years": 3, "55 Years": 2, "60 Years": 4, "65 Years": 4}),
    Weighted({"": 6, "80 Years": 1, "85 Years": 2, "90 Years": 2}),
)
_CHILDREN = _Band(
    "children and adolescents",
    Weighted({"2 Years": 3, "5 Years": 2, "6 Years": 4, "8 Years": 2, "": 1}),
    Weighted({"17 Years": 6, "18 Years": 3, "16 Years": 1}),
)
_YOUNG_CHILDREN = _Band(
    "young children",
    Weighted({"1 Month": 1, "6 Months": 3, "12 Months": 2, "2 Years": 2, "": 1}),
    Weighted({"59 Months": 2, "5 Years": 3, "6 Years": 2, "36 Months": 1}),
)
_SCHOOL_CHILDREN = _Band(
    "school-age children",
    Weighted({"5 Years": 2, "6 Years": 5, "7 Years": 2, "8 Years": 1}),
    Weighted({"12 Years": 3, "14 Years": 1, "15 Years": 1, "17 Years": 2}),
)
_ADOLESCENTS = _Band(
    "adolescents",
    Weighted({"10 Years": 1, "12 Years": 4, "13 Years": 2}),
    Weighted({"17 Years": 5, "18 Years": 2, "19 Years": 1, "21 Years": 1}),
)
_FROM_TWELVE = _Band(
    "adolescents and adults",
    Weighted({"12 Years": 6, "14 Years": 1, "15 Years": 1, "16 Years": 3}),
    Weighted({"": 6, "65 Years": 2, "75 Years": 2}),
)
_ANYONE = _Band(
    "children and adults",
    Weighted({"": 3, "6 Months": 1, "1 Year": 1, "2 Years": 2, "4 Years": 1}),
    Weighted({"": 6, "65 Years": 1, "75 Years": 1, "99 Years": 1}),
)
_NEWBORNS = _Band(
    "newborn infants",
    Weighted({"": 4, "1 Hour": 1, "1 Day": 1}),
    Weighted({"3 Days": 1, "7 Days": 2, "28 Days": 4, "12 Weeks": 1}),
)
_BANDS: dict[Ages, Weighted[_Band]] = {
    "adult": Weighted({_ADULTS: 1}),
    "older": Weighted({_OLDER: 1}),
    "child": Weighted({_CHILDREN: 5, _YOUNG_CHILDREN: 2, _ADOLESCENTS: 3}),
    "school": Weighted({_SCHOOL_CHILDREN: 7, _ADOLESCENTS: 3}),
    "newborn": Weighted({_NEWBORNS: 1}),
    "any": Weighted({_ADULTS: 6, _FROM_TWELVE: 2, _ANYONE: 2, _CHILDREN: 2, _YOUNG_CHILDREN: 1}),
}
_ONE_SEX = {
    ("adults", "FEMALE"): "women",
    ("adults", "MALE"): "men",
    ("older adults", "MALE"): "older men",
    ("older adults", "FEMALE"): "older women",
    ("children and adolescents", "MALE"): "boys",
    ("young children", "MALE"): "young boys",
    ("adolescents", "MALE"): "adolescent boys",
    ("children and adults", "MALE"): "boys and men",
    ("adolescents and adults", "MALE"): "adolescent boys and men",
}


def draw_population(draw: Draw, subject: Subject) -> Population:
    disease = subject.disease
    band = draw.weighted(_BANDS[disease.ages])
    return Population(
        people=_people(band, disease, enrolls_healthy=subject.area.enrolls_healthy),
        sex=disease.sex,
        minimum_age=draw.weighted(band.minimum),
        maximum_age=draw.weighted(band.maximum),
        healthy_volunteers=subject.area.enrolls_healthy or draw.chance(0.05),
    )


def _people(band: _Band, disease: Disease, *, enrolls_healthy: bool) -> str:
    people = disease.people or _ONE_SEX.get((band.people, disease.sex), band.people)
    return f"healthy {people}" if enrolls_healthy else people


@cache
def _in_years(age: str, unlimited: float) -> float:
    if not age:
        return unlimited
    number, unit = age.split()
    return int(number) * _YEARS[unit if unit.endswith("s") else f"{unit}s"]
