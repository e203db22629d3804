"""Reads the people and places of a study: sponsors, responsible party, contacts and sites."""

from app.record.trial import Contact, Location, Organization, ResponsibleParty
from app.registries.ctgov.document import Node, enum, node, nodes, real, text


def read_organization(organization: Node, name_key: str) -> Organization | None:
    name = text(organization, name_key)
    return Organization(name, enum(organization, "class")) if name else None


def read_responsible_party(party: Node) -> ResponsibleParty | None:
    if not party:
        return None
    return ResponsibleParty(
        type=enum(party, "type"),
        name=text(party, "investigatorFullName"),
        title=text(party, "investigatorTitle"),
        affiliation=text(party, "investigatorAffiliation"),
        former_name=text(party, "oldNameTitle"),
        former_organization=text(party, "oldOrganization"),
    )


def read_contact(contact: Node) -> Contact:
    return Contact(
        name=text(contact, "name"),
        role=enum(contact, "role"),
        phone=text(contact, "phone"),
        phone_extension=text(contact, "phoneExt"),
        email=text(contact, "email"),
        affiliation=text(contact, "affiliation"),
    )


def read_location(location: Node) -> Location:
    point = node(location, "geoPoint")
    return Location(
        facility=text(location, "facility"),
        status=enum(location, "status"),
        city=text(location, "city"),
        state=text(location, "state"),
        postal_code=text(location, "zip"),
        country=text(location, "country"),
        latitude=real(point, "lat"),
        longitude=real(point, "lon"),
        contacts=tuple(read_contact(item) for item in nodes(location, "contacts")),
    )
