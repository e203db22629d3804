"""Sites of a trial by country, recruiting ones first, and the people to contact."""

from collections import defaultdict
from dataclasses import dataclass

from app.record.code_lists import NOT_STATED_LABEL, ROLE, STATUS
from app.record.trial import Contact, Location, TrialRecord
from app.text.links import mail_link, phone_link
from app.text.wording import counted

MOST_OPEN = 20
"""Up to this number all sites are shown at once; more are folded by country."""


@dataclass(frozen=True, slots=True)
class ContactLine:
    name: str
    detail: str
    """Role and affiliation, as far as they are stated."""
    phone: str
    phone_link: str
    """The number to dial; empty where the field is not exactly one number."""
    email: str
    email_link: str
    """The mailbox to write to; empty where the field is not exactly one mailbox."""


@dataclass(frozen=True, slots=True)
class Site:
    facility: str
    place: str
    status: str
    status_label: str
    contacts: tuple[ContactLine, ...]


@dataclass(frozen=True, slots=True)
class Country:
    name: str
    count: str
    is_open: bool
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Sites:
    summary: str
    can_filter: bool
    wanted: str
    """The words that the reader looks for among the sites."""
    found: str
    """A sentence with the number of sites found; empty while nothing is looked for."""
    countries: tuple[Country, ...]
    contacts: tuple[ContactLine, ...]
    """The contacts of the whole study; single sites have their own."""
    has_contact: bool
    officials: tuple[ContactLine, ...]


def sites_of(record: TrialRecord, wanted: str = "") -> Sites:
    """Group the sites by country; with `wanted`, only those whose facility or place contains each of its words."""
    found = [location for location in record.locations if _holds(location, wanted)]
    by_country: dict[str, list[Location]] = defaultdict(list)
    for location in found:
        by_country[location.country or "Country not stated"].append(location)
    names = sorted(by_country, key=lambda name: (-len(by_country[name]), name))
    is_open = len(found) <= MOST_OPEN
    return Sites(
        summary=_summary(record),
        can_filter=len(record.locations) > MOST_OPEN,
        wanted=wanted,
        found=f"{counted(len(found), 'site')} with “{wanted}”." if wanted else "",
        countries=tuple(_country(name, by_country[name], is_open) for name in names),
        contacts=tuple(_contact_line(contact) for contact in record.central_contacts),
        has_contact=bool(record.central_contacts) or any(location.contacts for location in record.locations),
        officials=tuple(_contact_line(official) for official in record.officials),
    )


def _holds(location: Location, wanted: str) -> bool:
    place = (location.facility, location.city, location.state, location.postal_code, location.country)
    text = " ".join(filter(None, place)).casefold()
    return all(word in text for word in wanted.casefold().split())


def _summary(record: TrialRecord) -> str:
    if not record.locations:
        return "No sites listed in the registry."
    countries = len({location.country for location in record.locations if location.country})
    recruiting = sum(location.status == "recruiting" for location in record.locations)
    words = counted(len(record.locations), "site")
    if countries > 1:
        words += f" in {counted(countries, 'country', 'countries')}"
    return f"{words}, {recruiting:,} recruiting." if recruiting else f"{words}."


def _country(name: str, locations: list[Location], is_open: bool) -> Country:
    recruiting = sum(location.status == "recruiting" for location in locations)
    count = counted(len(locations), "site") + (f", {recruiting:,} recruiting" if recruiting else "")
    ordered = sorted(locations, key=_recruiting_first)
    return Country(name, count, is_open, tuple(_site(location) for location in ordered))


def _recruiting_first(location: Location) -> tuple[int, str, str, str]:
    position = STATUS.position(location.status) if location.status else 99
    return (position, location.state or "", location.city or "", location.facility or "")


def _site(location: Location) -> Site:
    place = (location.city, location.state, location.postal_code, location.country)
    return Site(
        facility=location.facility or "Facility not stated",
        place=", ".join(filter(None, place)),
        status=location.status or "not-stated",
        status_label=STATUS.label(location.status)
        if location.status
        else f"Status {NOT_STATED_LABEL.lower()}",
        contacts=tuple(_contact_line(contact) for contact in location.contacts),
    )


def _contact_line(contact: Contact) -> ContactLine:
    extension = f" ext. {contact.phone_extension}" if contact.phone_extension else ""
    role = ROLE.label(contact.role) if contact.role and contact.role != "contact" else ""
    phone = contact.phone or ""
    return ContactLine(
        name=contact.name or "Name not stated",
        detail=", ".join(filter(None, (role, contact.affiliation))),
        phone=(phone + extension).strip(),
        phone_link=phone_link(phone),
        email=contact.email or "",
        email_link=mail_link(contact.email),
    )
