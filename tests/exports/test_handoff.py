import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exports.handoff import DISCLAIMER, NO_CONTACT, SYNTHETIC, handoff_card
from app.reading.criteria import read_criteria
from app.record.trial import (
    Contact,
    Dates,
    Design,
    Eligibility,
    Intervention,
    Location,
    PartialDate,
    TrialRecord,
)
from app.registries.ctgov.normalize import normalize
from tests.support.reference_data import reference_file

URL = "https://trialmark.example/trials/NCT00000001"
SEEN_ONLY_AS_JOINERS = "\u200c\u200d"


def trial(**fields: Any) -> TrialRecord:
    record = TrialRecord(
        registry="ctgov",
        registry_id="NCT00000001",
        registry_url="https://clinicaltrials.gov/study/NCT00000001",
        brief_title="A trial",
    )
    return replace(record, **fields)


def card_of(record: TrialRecord) -> str:
    card = handoff_card(
        record,
        read_criteria(record.eligibility.criteria),
        url=URL,
        registry_label="ClinicalTrials.gov",
        retrieved="20 Nov 2026",
    )
    assert len(card) < 1_200
    return card


def lines_of(record: TrialRecord) -> list[str]:
    return card_of(record).split("\n")


def with_criteria(text: str) -> TrialRecord:
    return trial(eligibility=Eligibility(criteria=text))


def site(facility: str, *, status: str | None = "recruiting", email: str | None = None) -> Location:
    contacts = (Contact(name=f"Dr {facility}", email=email),) if email else ()
    return Location(facility=facility, city="Lyon", country="France", status=status, contacts=contacts)


def real_records() -> Iterator[TrialRecord]:
    with gzip.open(reference_file("data/ctgov.ndjson.gz"), "rt") as studies:
        yield from (normalize(json.loads(study)) for study in studies)
    with reference_file("data/seeds.ndjson").open() as studies:
        yield from (normalize(json.loads(study)) for study in studies)


def test_the_card_reads_as_a_note_to_a_colleague() -> None:
    record = trial(
        brief_title="Aspirin for Migraine",
        status="recruiting",
        dates=Dates(last_update_posted=PartialDate("2025-07-03")),
        design=Design(study_type="interventional", phases=("phase2", "phase3")),
        conditions=("Migraine", "Headache"),
        interventions=(Intervention("Aspirin", "drug"), Intervention("Placebo", "drug")),
        eligibility=Eligibility(
            criteria="Inclusion Criteria:\n\n* migraine for \\>2 years\n* consent\n\nExclusion Criteria:\n\n* ulcer",
            minimum_age="18 Years",
            maximum_age="65 Years",
            sex="all",
        ),
        locations=(
            Location(
                facility="City Hospital",
                city="Lyon",
                country="France",
                status="recruiting",
                contacts=(
                    Contact(name="Jane Doe", phone="+33 1", phone_extension="12", email="j@example.org"),
                ),
            ),
            site("Other"),
        ),
        release="2026-11-18",
    )
    assert card_of(record) == (
        "Aspirin for Migraine\n"
        "NCT00000001 (ClinicalTrials.gov)\n"
        "Status: Recruiting, updated 3 Jul 2025\n"
        "\n"
        "Study: Phase 2/Phase 3, interventional\n"
        "Conditions: Migraine; Headache\n"
        "Interventions: Aspirin (drug); Placebo (drug)\n"
        "Ages: 18 to 65 years; sex: all\n"
        "\n"
        "Inclusion criteria:\n"
        "- migraine for >2 years\n"
        "- consent\n"
        "Exclusion criteria:\n"
        "- ulcer\n"
        "\n"
        "Site: City Hospital, Lyon, France (recruiting), and 1 more site\n"
        "Contact: Jane Doe, +33 1 ext. 12, j@example.org\n"
        "\n"
        f"{URL}\n"
        "Source: ClinicalTrials.gov, data of 18 Nov 2026, retrieved 20 Nov 2026. "
        "For information only; not medical advice."
    )


def test_what_the_record_does_not_say_is_not_stated() -> None:
    assert lines_of(trial(brief_title=None)) == [
        "Title: Not stated",
        "NCT00000001 (ClinicalTrials.gov)",
        "Status: Not stated, update date not stated",
        "",
        "Study: Not stated; phase: Not stated",
        "Conditions: Not stated",
        "Interventions: Not stated",
        "Ages: Not stated; sex: Not stated",
        "",
        "Criteria: Not stated",
        "",
        "Site: Not stated",
        f"Contact: {NO_CONTACT}",
        "",
        URL,
        f"Source: ClinicalTrials.gov, retrieved 20 Nov 2026. {DISCLAIMER}",
    ]


def test_a_synthetic_record_says_so_in_the_first_line_and_names_no_registry() -> None:
    card = card_of(trial(is_synthetic=True))
    assert card.startswith(SYNTHETIC + "\n")
    assert "NCT00000001 (synthetic)" in card
    assert "ClinicalTrials.gov" not in card


def test_an_unknown_status_comes_with_the_last_known_one() -> None:
    record = trial(
        status="unknown",
        last_known_status="recruiting",
        dates=Dates(last_update_posted=PartialDate("2021-01")),
    )
    assert "Status: Unknown status (last known: Recruiting), updated Jan 2021" in lines_of(record)


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (Design(study_type="interventional", phases=("early-phase1",)), "Early phase 1, interventional"),
        (Design(study_type="interventional", phases=("na",)), "Interventional; phase: Not applicable"),
        (Design(study_type="interventional"), "Interventional; phase: Not stated"),
        (Design(study_type="observational"), "Observational"),
        (Design(study_type="expanded-access"), "Expanded access"),
    ],
)
def test_phase_is_told_where_a_study_can_have_one(design: Design, words: str) -> None:
    assert f"Study: {words}" in lines_of(trial(design=design))


def test_the_site_is_the_first_recruiting_one_that_can_be_reached() -> None:
    sites = (
        site("Closed", status="completed", email="closed@example.org"),
        site("Silent"),
        site("Open", email="open@example.org"),
    )
    assert lines_of(trial(locations=sites))[-5:-3] == [
        "Site: Open, Lyon, France (recruiting), and 2 more sites",
        "Contact: Dr Open, open@example.org",
    ]


def test_the_first_recruiting_site_is_named_with_the_study_contact_where_no_site_has_one() -> None:
    record = trial(
        locations=(site("Closed", status="completed"), site("Silent")),
        central_contacts=(Contact(name="Study office", phone="555"),),
    )
    assert lines_of(record)[-5:-3] == [
        "Site: Silent, Lyon, France (recruiting), and 1 more site",
        "Study contact: Study office, 555",
    ]


def test_without_a_recruiting_site_the_first_one_is_named_with_its_status() -> None:
    record = trial(locations=(site("First", status="not-yet-recruiting"), site("Second", status=None)))
    assert lines_of(record)[-5:-3] == [
        "Site: First, Lyon, France (not yet recruiting), and 1 more site",
        f"Contact: {NO_CONTACT}",
    ]


def test_a_name_without_phone_or_email_is_not_passed_off_as_a_way_to_reach_someone() -> None:
    investigator = Contact(name="Ann Lee", role="principal-investigator")
    card = card_of(trial(locations=(Location(facility="Clinic", contacts=(investigator,)),)))
    assert "Contact: Ann Lee, no phone or e-mail in the registry" in card


def test_a_phone_or_email_is_left_out_rather_than_cut() -> None:
    contact = Contact(name="Ann Lee", phone="1" * 101, email="ann@example.org")
    assert "Study contact: Ann Lee, ann@example.org" in lines_of(trial(central_contacts=(contact,)))
    contact = Contact(name="Ann Lee", phone="1" * 101)
    assert "Study contact: Ann Lee, phone or e-mail in the registry" in lines_of(
        trial(central_contacts=(contact,))
    )


def test_criteria_that_do_not_fit_are_counted() -> None:
    criteria = "\n".join(f"* criterion {number} of a long list of criteria" for number in range(40))
    card = card_of(with_criteria(f"Inclusion Criteria:\n\n{criteria}\n\nExclusion Criteria:\n\n{criteria}"))
    blocks = re.findall(r"criteria:\n((?:- .+\n)+)and (\d+) more criteria", card)
    assert len(blocks) == 2
    for shown, more in blocks:
        assert shown.count("- criterion") + int(more) == 40
        assert shown.count("- criterion") > 5


def test_short_exclusions_leave_their_room_to_the_inclusions() -> None:
    criteria = "\n".join(f"* criterion {number} of a long list of criteria" for number in range(40))
    card = card_of(with_criteria(f"Inclusion Criteria:\n\n{criteria}\n\nExclusion Criteria:\n\n* ulcer"))
    assert "Exclusion criteria:\n- ulcer\n\n" in card
    assert len(card) > 1_100


@pytest.mark.parametrize("first", ["x" * length for length in range(1, 10)])
def test_a_first_criterion_that_alone_is_too_long_ends_on_a_whole_word(first: str) -> None:
    words = " ".join(f"word{number:04}" for number in range(300))
    card = card_of(with_criteria(f"Inclusion Criteria:\n\n* {first} {words}\n* consent"))
    assert re.search(rf"\n- {first} (word\d{{4}} )+word\d{{4}}\.\.\.\nand 1 more criterion\n", card)


def test_a_cut_text_does_not_end_on_a_number_whose_unit_is_left_behind() -> None:
    text = "Platelets before the first infusion of at least " + "100 x 10^9/L " * 100
    card = card_of(with_criteria(f"Inclusion Criteria:\n\n* {text}"))
    assert "- Platelets before the first infusion of at least...\n" in card


def test_a_text_without_criteria_headings_keeps_its_items_apart() -> None:
    card = card_of(with_criteria("* Adults with asthma\n* Able to\nconsent\n\nNo smokers"))
    assert "\nCriteria:\n- Adults with asthma\n- Able to consent\n- No smokers\n" in card


def test_nested_criteria_stay_with_the_one_they_belong_to() -> None:
    card = card_of(with_criteria("Inclusion Criteria:\n\n* One of:\n\n  * fever\n  * cough\n* consent"))
    assert "\n- One of: fever; cough\n- consent\n" in card


def test_what_stands_above_a_criterion_is_not_lost() -> None:
    """In this text the line above turns the inclusion list into its opposite."""
    card = card_of(
        with_criteria(
            "INCLUSION CRITERIA\n\nParticipants are ineligible if they:\n\n* smoke\n* drink\n\n"
            "EXCLUSION CRITERIA\n\n* none"
        )
    )
    assert "Inclusion criteria:\nParticipants are ineligible if they:\n- smoke\n- drink\n" in card


def test_each_of_several_groups_keeps_its_heading() -> None:
    card = card_of(
        with_criteria(
            "Inclusion Criteria for cases:\n\n* asthma\n\nInclusion Criteria for controls:\n\n* no asthma"
        )
    )
    assert "Inclusion Criteria for cases:\n- asthma\nInclusion Criteria for controls:\n- no asthma\n" in card


def test_no_escape_and_no_raised_digit_is_left_for_a_letter_to_lose() -> None:
    card = card_of(with_criteria("Inclusion Criteria:\n\n* ANC \\>1.5x10\\^9/L, 10⁻⁶ mol, \\[i.e.\\] m²"))
    assert "- ANC >1.5x10^9/L, 10^-6 mol, [i.e.] m^2\n" in card


def test_a_criterion_in_a_script_without_spaces_is_shortened_too() -> None:
    card = card_of(with_criteria("纳入标准:\n\n* " + "年龄大于十八岁" * 200 + "\n\n排除标准:\n\n* 妊娠"))
    assert re.search(r"\n- (年龄大于十八岁)+\w*\.\.\.\n", card)


def test_long_lists_are_shown_in_whole_names_and_counted() -> None:
    card = card_of(trial(conditions=tuple(f"Condition {number}" for number in range(100))))
    assert re.search(r"\nConditions: (Condition \d+; )+and \d+ more\n", card)


def test_a_long_title_is_shortened_at_a_word() -> None:
    first = lines_of(trial(brief_title="Evaluation " * 50))[0]
    assert first.endswith("Evaluation...")
    assert len(first) <= 200


HOSTILE = st.lists(
    st.sampled_from(
        [
            *(
                "word ",
                " ",
                "\n",
                "\r\n\r\n",
                "* ",
                "1. ",
                "Inclusion Criteria:\n",
                "\nExclusion Criteria:\n",
            ),
            *("x" * 300, "wort\u00ad", "שלום", "\u202e", "\u200f", "\u061c", "\u2066", "\ufeff", "\u200b"),
            *("😭", "👩\u200d👧", "10⁹/L", "\\>", "\\", "**", "\x00", "\x1b", "\u2028", "\ud800", "入选标准"),
            *("</script>", "{}", "%", "&amp;", "lorem ipsum dolor sit amet " * 30, "100 mg/m^2; "),
        ]
    )
    | st.text(max_size=20),
    max_size=12,
).map("".join)
MAYBE = st.none() | HOSTILE
CONTACTS = st.lists(
    st.builds(Contact, name=MAYBE, phone=MAYBE, phone_extension=MAYBE, email=MAYBE), max_size=3
)
STATUSES = st.none() | st.sampled_from(["recruiting", "completed"]) | HOSTILE
RECORDS = st.builds(
    TrialRecord,
    registry=st.just("ctgov"),
    registry_id=st.just("NCT00000001"),
    registry_url=st.just("https://clinicaltrials.gov/study/NCT00000001"),
    is_synthetic=st.booleans(),
    brief_title=MAYBE,
    official_title=MAYBE,
    status=STATUSES,
    last_known_status=STATUSES,
    release=MAYBE,
    dates=st.builds(Dates, last_update_posted=st.none() | st.builds(PartialDate, HOSTILE)),
    design=st.builds(
        Design,
        study_type=st.none() | st.sampled_from(["interventional", "observational"]) | HOSTILE,
        phases=st.lists(HOSTILE, max_size=3).map(tuple),
    ),
    conditions=st.lists(HOSTILE, max_size=8).map(tuple),
    interventions=st.lists(st.builds(Intervention, name=MAYBE, type=MAYBE), max_size=8).map(tuple),
    eligibility=st.builds(Eligibility, criteria=MAYBE, minimum_age=MAYBE, maximum_age=MAYBE, sex=MAYBE),
    locations=st.lists(
        st.builds(
            Location,
            facility=MAYBE,
            status=STATUSES,
            city=MAYBE,
            country=MAYBE,
            contacts=CONTACTS.map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    central_contacts=CONTACTS.map(tuple),
)


def check_card(record: TrialRecord) -> None:
    card = card_of(record)
    lines = card.split("\n")
    assert lines[0].strip()
    assert (lines[0] == SYNTHETIC) == record.is_synthetic
    assert any(line.startswith("NCT") and line.endswith(")") for line in lines[:3])
    assert any(line.startswith("Status: ") for line in lines[:4])
    assert lines[-2] == URL
    assert lines[-1].endswith(f", retrieved 20 Nov 2026. {DISCLAIMER}")
    assert "\n\n\n" not in card
    assert all(line == line.strip() for line in lines)
    for character in set(card) - {"\n"} - set(SEEN_ONLY_AS_JOINERS):
        assert category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"), f"U+{ord(character):04X}"


@settings(deadline=None, max_examples=150)
@given(RECORDS)
def test_any_record_makes_a_short_clean_card_with_what_must_be_there(record: TrialRecord) -> None:
    check_card(record)


def check_words(record: TrialRecord) -> None:
    """Require that a criterion is whole, or ends with a whole word and an ellipsis."""
    between_words = re.compile(r"[\s;,:()/.\\*-]+")
    known = set(between_words.split(record.eligibility.criteria or ""))
    for line in lines_of(record):
        if line.startswith("- ") and line.endswith("..."):
            words = between_words.split(line)
            assert words[-2] in known, line


def test_every_real_record_makes_a_short_clean_card_that_leaves_no_fact_out() -> None:
    labels = ("Study: ", "Conditions: ", "Interventions: ", "Ages: ", "Site: ")
    for record in real_records():
        check_card(record)
        check_words(record)
        card = card_of(record)
        assert all(f"\n{label}" in card for label in labels)
        assert re.search(r"\n(Contact|Study contact): \S", card)
        assert re.search(r"\n(Inclusion criteria|Exclusion criteria|Criteria):", card)
        assert not re.search(r"\\[!-/:-@\[-`{-~]", card), "no Markdown escape"
