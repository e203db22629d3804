"""Limitations of the results, restrictions on publishing them, and the contact for questions."""

from dataclasses import dataclass

from app.pages.trial.results.table import Statement, lines, statements
from app.pages.trial.sites import ContactLine
from app.record.results import Agreement, MoreInformation, PointOfContact
from app.record.results_code_lists import AGREEMENT_RESTRICTION
from app.text.links import mail_link, phone_link


@dataclass(frozen=True, slots=True)
class MorePart:
    statements: tuple[Statement, ...]
    contacts: tuple[ContactLine, ...]
    """At most one contact."""


def more_information(more: MoreInformation) -> MorePart:
    return MorePart(
        statements=(*statements(("Limitations", more.limitations)), *_agreement(more.agreement)),
        contacts=(_contact(more.contact),) if more.contact != PointOfContact() else (),
    )


def _agreement(agreement: Agreement) -> tuple[Statement, ...]:
    restriction = AGREEMENT_RESTRICTION.label(agreement.restriction) if agreement.restriction else None
    restricted = Statement(
        "How publishing is restricted", (restriction,) if restriction else (), agreement.details or ""
    )
    return (
        *lines(
            "Investigators are all employed by the sponsor", _yes_no(agreement.are_investigators_employees)
        ),
        *lines("Investigators are restricted in publishing", _yes_no(agreement.is_restrictive)),
        *((restricted,) if restricted.lines or restricted.prose else ()),
    )


def _contact(contact: PointOfContact) -> ContactLine:
    extension = f"ext. {contact.phone_extension}" if contact.phone_extension else ""
    phone = contact.phone or ""
    return ContactLine(
        name=contact.title or contact.organization or "Name not stated",
        detail=(contact.organization or "") if contact.title else "",
        phone=" ".join(filter(None, (phone, extension))),
        phone_link=phone_link(phone),
        email=contact.email or "",
        email_link=mail_link(contact.email),
    )


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else ("No", "Yes")[value]
