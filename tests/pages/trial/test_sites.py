"""Sites by country, and their contacts."""

from app.pages.trial.sites import MOST_OPEN, Sites, sites_of
from app.record.trial import Contact, Location, TrialRecord


def sites(*locations: Location, contacts: tuple[Contact, ...] = ()) -> Sites:
    return sites_of(
        TrialRecord(
            "ctgov", "NCT00000001", "https://example.org/", locations=locations, central_contacts=contacts
        )
    )


def test_without_sites_the_summary_says_so() -> None:
    assert sites().summary == "No sites listed in the registry."
    assert sites().countries == ()


def test_the_summary_counts_sites_countries_and_those_recruiting() -> None:
    france, peru = Location(country="France", status="recruiting"), Location(country="Peru")
    assert sites(france).summary == "1 site, 1 recruiting."
    assert sites(peru, peru).summary == "2 sites."
    assert sites(france, france, peru).summary == "3 sites in 2 countries, 2 recruiting."


def test_an_unknown_country_is_no_country_to_count() -> None:
    found = sites(Location(country="France"), Location())
    assert found.summary == "2 sites."
    assert {country.name for country in found.countries} == {"Country not stated", "France"}


def test_countries_come_by_their_number_of_sites_then_by_name() -> None:
    names = ["Peru", "France", "Chad", "France"]
    found = sites(*(Location(country=name) for name in names))
    assert [(country.name, country.count) for country in found.countries] == [
        ("France", "2 sites"),
        ("Chad", "1 site"),
        ("Peru", "1 site"),
    ]


def test_recruiting_sites_come_first_and_those_without_a_status_last() -> None:
    statuses = [None, "completed", "withdrawn", "recruiting", "not-yet-recruiting"]
    (country,) = sites(*(Location(country="France", status=status) for status in statuses)).countries
    assert [site.status_label for site in country.sites] == [
        "Recruiting",
        "Not yet recruiting",
        "Completed",
        "Withdrawn",
        "Status not stated",
    ]
    assert country.count == "5 sites, 1 recruiting"


def test_many_sites_are_folded() -> None:
    few, many = ([Location(country="France")] * count for count in (MOST_OPEN, MOST_OPEN + 1))
    assert [country.is_open for country in sites(*few).countries] == [True]
    assert [country.is_open for country in sites(*many).countries] == [False]


def test_a_place_is_made_of_what_is_stated() -> None:
    whole = Location("Hospital", city="Lyon", state="Rhône", postal_code="69000", country="France")
    (country,) = sites(whole, Location(country="France")).countries
    assert [(site.facility, site.place) for site in country.sites] == [
        ("Facility not stated", "France"),
        ("Hospital", "Lyon, Rhône, 69000, France"),
    ]


def test_a_contact_anywhere_is_a_contact() -> None:
    contact = Contact(
        "Ann", role="contact", phone="+33 (0)1 23", phone_extension="4", email="ann@example.org"
    )
    with_site_contact = sites(Location(contacts=(contact,)))
    assert with_site_contact.has_contact
    assert with_site_contact.contacts == ()
    assert not sites(Location()).has_contact
    (line,) = sites(contacts=(contact,)).contacts
    assert (line.name, line.detail) == ("Ann", "")
    assert (line.phone, line.phone_link, line.email) == ("+33 (0)1 23 ext. 4", "+330123", "ann@example.org")


def test_a_contact_has_its_role_and_affiliation_in_words() -> None:
    contact = Contact(role="principal-investigator", affiliation="A University")
    (line,) = sites(contacts=(contact,)).contacts
    assert (line.name, line.detail) == ("Name not stated", "Principal investigator, A University")
    assert (line.phone, line.phone_link, line.email) == ("", "", "")
