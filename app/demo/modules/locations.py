"""Writes contactsLocationsModule: contacts and sites. Every contact is obviously invented."""

from typing import Any

from app.demo.draw import Draw, Weighted
from app.demo.plan import Plan
from app.demo.world import coinages, places
from app.demo.world.places import City, Hospital

_SITE_STATUSES = {
    "RECRUITING": Weighted(
        {
            "RECRUITING": 84,
            "NOT_YET_RECRUITING": 5,
            "ACTIVE_NOT_RECRUITING": 5,
            "COMPLETED": 4,
            "WITHDRAWN": 1,
            "SUSPENDED": 1,
        }
    ),
    "NOT_YET_RECRUITING": Weighted({"NOT_YET_RECRUITING": 1}),
    "ENROLLING_BY_INVITATION": Weighted({"ENROLLING_BY_INVITATION": 1}),
    "SUSPENDED": Weighted({"SUSPENDED": 1}),
    "AVAILABLE": Weighted({"AVAILABLE": 1}),
}
_OPEN_TO_CONTACT = {"RECRUITING", "NOT_YET_RECRUITING", "AVAILABLE"}
_OFFICIAL_ROLES = Weighted({"PRINCIPAL_INVESTIGATOR": 80, "STUDY_DIRECTOR": 14, "STUDY_CHAIR": 6})
_ALONE = 1
_NATIONAL_UP_TO = 12
"""The most sites of a non-industry trial that stays in its sponsor's country."""


def locations_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    module: dict[str, Any] = {}
    is_open = plan.timeline.status in _OPEN_TO_CONTACT
    if is_open and draw.chance(0.9):
        module["centralContacts"] = [_contact(draw) for _ in range(draw.between(1, 2))]
    if draw.chance(0.72):
        module["overallOfficials"] = [_official(draw, plan)]
    if plan.sites:
        statuses = _SITE_STATUSES.get(plan.timeline.status)
        has_contacts = is_open and draw.chance(0.6)
        module["locations"] = [
            _location(draw, hospital, statuses, has_contacts=has_contacts)
            for hospital in _hospitals(draw, plan)
        ]
    return module


def _hospitals(draw: Draw, plan: Plan) -> list[Hospital]:
    """Choose the sites from the sponsor's own hospital, its country or the world, ordered by place."""
    sponsor = plan.sponsor
    if sponsor.is_company:
        within = places.hospitals()
    elif plan.sites == _ALONE:
        return [Hospital(sponsor.name, sponsor.home)]
    else:
        national = places.hospitals_of(sponsor.home.country)
        within = national if plan.sites <= _NATIONAL_UP_TO else places.hospitals()
    return [within[place] for place in sorted(draw.several(range(len(within)), plan.sites))]


def _location(
    draw: Draw, hospital: Hospital, statuses: Weighted[str] | None, *, has_contacts: bool
) -> dict[str, Any]:
    city = hospital.city
    location: dict[str, Any] = {"facility": hospital.name}
    if statuses:
        status = draw.weighted(statuses)
        location["status"] = status
        if has_contacts and status in _OPEN_TO_CONTACT:
            location["contacts"] = [_contact(draw)]
    location["city"] = city.name
    if city.state:
        location["state"] = city.state
    if city.postal_code and draw.random() < 0.9:
        location["zip"] = places.postal_code(draw, city)
    location["country"] = city.country
    if draw.random() < 0.97:
        location["geoPoint"] = _geo_point(city)
    return location


def _geo_point(city: City) -> dict[str, float]:
    return {"lat": city.latitude, "lon": city.longitude}


def _contact(draw: Draw) -> dict[str, str]:
    name = coinages.person(draw)
    contact = {"name": name, "role": "CONTACT"}
    if draw.random() < 0.92:
        contact["phone"] = coinages.phone(draw)
    if draw.random() < 0.9:
        contact["email"] = coinages.email(name)
    return contact


def _official(draw: Draw, plan: Plan) -> dict[str, str]:
    return {
        "name": f"{plan.investigator}, {coinages.degree(draw)}",
        "affiliation": plan.sponsor.name,
        "role": "STUDY_DIRECTOR" if plan.sponsor.is_company else draw.weighted(_OFFICIAL_ROLES),
    }
