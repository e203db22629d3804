from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reading.notes import TrustNote, last_day, trust_notes
from app.record.trial import (
    Dates,
    Design,
    Location,
    Oversight,
    PartialDate,
    ResultsSubmission,
    SubmissionEvent,
    TrialRecord,
)
from app.registries.ctgov.normalize import normalize
from tests.conftest import TODAY
from tests.reading.strategies import DATES, PARTIAL_DATES
from tests.support.reference_data import reference_file


def trial(status: str | None = "recruiting", /, **fields: Any) -> TrialRecord:
    """Make an up-to-date trial; keywords that name a date take "text" or "text kind"."""
    written = {"last_update_posted": "2026-09-01", "verified": "2026-09", "start": "2025-01-15 actual"}
    written |= {name: fields.pop(name) for name in list(fields) if name in Dates.__dataclass_fields__}
    dates = Dates(**{name: partial(text) for name, text in written.items() if text})
    return TrialRecord(
        registry="ctgov",
        registry_id="NCT00000001",
        registry_url="https://example.org",
        **({"status": status, "dates": dates, "why_stopped": None} | fields),
    )


def partial(text: str) -> PartialDate:
    words, _, kind = text.partition(" ")
    return PartialDate(words, kind or None)  # type: ignore[arg-type]  # the tests write only the two kinds


def only_note(record: TrialRecord) -> TrustNote:
    (note,) = trust_notes(record, TODAY)
    return note


def kinds(record: TrialRecord, today: date = TODAY) -> list[str]:
    return [note.kind for note in trust_notes(record, today)]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2024-02-03", date(2024, 2, 3)),
        ("2024-02", date(2024, 2, 29)),
        ("2023-12", date(2023, 12, 31)),
        ("2023", date(2023, 12, 31)),
        ("9999", date(9999, 12, 31)),
        ("2023-13", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_partial_date_ends_with_its_period(text: str | None, last: date | None) -> None:
    assert last_day(text) == last


@pytest.mark.parametrize(
    "record",
    [
        trial(),
        trial(None),
        trial("completed", primary_completion="2020-01-01 actual"),
        trial(primary_completion="2027-01 estimated", completion="2028-01 estimated"),
        trial("not-yet-recruiting", start="2026-08 estimated"),
        trial("active-not-recruiting", primary_completion="2020-01 actual", completion="2027-01 estimated"),
        trial("terminated", why_stopped="Low enrollment"),
    ],
)
def test_a_clean_record_has_no_notes(record: TrialRecord) -> None:
    assert trust_notes(record, TODAY) == ()


def test_a_record_that_states_nothing_has_no_notes() -> None:
    for status in ("recruiting", "not-yet-recruiting", "active-not-recruiting", "completed"):
        assert kinds(trial(status, last_update_posted=None, verified=None, start=None)) == []


def test_recruiting_past_primary_completion_names_the_status_and_the_date() -> None:
    note = only_note(trial(primary_completion="2025-01-01 estimated"))
    assert (note.kind, note.heading) == ("recruiting-past-completion", "Possibly out of date")
    assert note.text == (
        "The status may be out of date: it says “Recruiting”, "
        "but primary completion was planned for 1 Jan 2025 (22 months ago)."
    )
    assert [(found.place, found.anchor, found.text) for found in note.evidence] == [
        ("Status", "#status", "Recruiting"),
        ("Primary completion", "#dates", "1 Jan 2025, planned, 22 months ago"),
    ]


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        ("recruiting", {"primary_completion": "2026-10-20"}, ["recruiting-past-completion"]),
        ("recruiting", {"primary_completion": "2026-10-21"}, []),
        ("recruiting", {"primary_completion": "2026-09"}, ["recruiting-past-completion"]),
        ("recruiting", {"primary_completion": "2026-10"}, []),
        ("recruiting", {"primary_completion": "2026-11"}, []),
        ("recruiting", {"primary_completion": "2025"}, ["recruiting-past-completion"]),
        ("recruiting", {"primary_completion": "2026"}, []),
        ("recruiting", {"completion": "2026-01"}, ["recruiting-past-completion"]),
        ("enrolling-by-invitation", {"primary_completion": "2026-01"}, ["recruiting-past-completion"]),
        ("available", {"completion": "2026-01"}, ["recruiting-past-completion"]),
        ("not-yet-recruiting", {"start": "2026-05-20 estimated"}, ["not-yet-recruiting-past-start"]),
        ("not-yet-recruiting", {"start": "2026-06-20 estimated"}, []),
        ("recruiting", {"start": "2020-01 actual"}, []),
        ("active-not-recruiting", {"primary_completion": "2026-01 actual"}, []),
        ("active-not-recruiting", {"primary_completion": "2026-01"}, []),
        (
            "active-not-recruiting",
            {"primary_completion": "2026-01 estimated", "completion": "2027-01 estimated"},
            ["active-past-completion"],
        ),
        ("active-not-recruiting", {"completion": "2026-01 actual"}, ["active-past-completion"]),
        ("suspended", {"primary_completion": "2026-01", "why_stopped": "Funding"}, []),
        ("no-longer-available", {"completion": "2020-01"}, []),
    ],
)
def test_dates_that_the_status_contradicts(status: str, fields: dict[str, str], expected: list[str]) -> None:
    assert kinds(trial(status, **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"last_update_posted": "2024-11-20", "verified": "2024-11"}, ["not-updated"]),
        ({"last_update_posted": "2024-11-21", "verified": "2024-11"}, []),
        ({"last_update_posted": "2022-01-01", "verified": None}, ["not-updated"]),
        ({"last_update_posted": "2026-01-01", "verified": "2024-03"}, ["not-verified"]),
        ({"last_update_posted": None, "verified": "2024-03"}, ["not-verified"]),
    ],
)
def test_a_live_record_that_nobody_tends(fields: dict[str, str | None], expected: list[str]) -> None:
    for status in ("recruiting", "not-yet-recruiting", "active-not-recruiting"):
        assert kinds(trial(status, start=None, **fields)) == expected
    assert kinds(trial("completed", **fields)) == []


def test_not_updated_and_not_verified_are_one_note() -> None:
    note = only_note(trial(last_update_posted="2023-11-21 actual", verified="2023-11"))
    assert note.text == (
        "The record may be out of date: it says “Recruiting”, but was last updated on 21 Nov 2023 (35 months ago)."
    )
    assert [found.place for found in note.evidence] == ["Status", "Last update posted", "Last verified"]


def test_every_reason_for_doubting_the_status_is_in_one_note() -> None:
    note = only_note(
        trial(
            "not-yet-recruiting",
            start="2023-09 estimated",
            primary_completion="2024-09 estimated",
            last_update_posted="2023-09-29",
            verified="2023-09",
        )
    )
    assert note.kind == "not-yet-recruiting-past-start"
    assert note.text == (
        "The status may be out of date: it says “Not yet recruiting”, but the start was planned for Sep 2023"
        " (37 months ago), primary completion was planned for Sep 2024 (25 months ago) and the record was last"
        " updated on 29 Sep 2023 (37 months ago)."
    )
    assert len(note.evidence) == 5


def test_an_unknown_status_says_what_was_known_last() -> None:
    note = only_note(trial("unknown", last_known_status="recruiting", verified="2019-03"))
    assert note.kind == "status-unknown"
    assert "last known as “Recruiting”" in note.text
    assert "last verified in Mar 2019 (91 months ago)" in note.text
    assert [found.place for found in note.evidence] == ["Status", "Last known status", "Last verified"]


def test_an_unknown_status_claims_nothing_of_missing_dates() -> None:
    note = only_note(trial("unknown", verified=None, last_update_posted=None, start=None))
    assert note.text == "The status may be out of date: the registry shows it as unknown."


US_DRUG_TRIAL = trial(
    "completed",
    primary_completion="2025-01-10 actual",
    design=Design(study_type="interventional", phases=("phase2",), purpose="treatment", enrollment=40),
    oversight=Oversight(is_fda_regulated_drug=True, is_fda_regulated_device=False),
    locations=(Location(country="United States"),),
)


def with_dates(record: TrialRecord, **written: str) -> TrialRecord:
    return replace(
        record, dates=replace(record.dates, **{name: partial(text) for name, text in written.items()})
    )


def test_results_that_seem_to_be_due_name_why() -> None:
    note = only_note(US_DRUG_TRIAL)
    assert (note.kind, note.heading) == ("results-overdue", "Results possibly overdue")
    assert note.text.startswith(
        "Results are possibly overdue: primary completion was on 10 Jan 2025 (22 months ago), and none were posted"
        " by 20 Nov 2026."
    )
    assert [found.place for found in note.evidence] == [
        "Status",
        "Primary completion",
        "Studies a U.S. FDA-regulated drug",
        "Results",
    ]


@pytest.mark.parametrize(
    "record",
    [
        replace(US_DRUG_TRIAL, status="terminated", why_stopped="Funding"),
        replace(US_DRUG_TRIAL, design=replace(US_DRUG_TRIAL.design, phases=("phase1", "phase2"))),
        replace(
            US_DRUG_TRIAL, locations=(), oversight=Oversight(is_fda_regulated_drug=True, is_us_export=True)
        ),
        replace(
            US_DRUG_TRIAL,
            design=replace(US_DRUG_TRIAL.design, phases=("na",)),
            oversight=Oversight(is_fda_regulated_device=True),
        ),
        with_dates(US_DRUG_TRIAL, primary_completion="2025-09 actual"),
        with_dates(US_DRUG_TRIAL, primary_completion="2017-01 actual"),
    ],
)
def test_results_are_due_a_year_and_a_month_after_primary_completion(record: TrialRecord) -> None:
    assert kinds(record) == ["results-overdue"]


@pytest.mark.parametrize(
    "record",
    [
        replace(US_DRUG_TRIAL, status="active-not-recruiting"),
        replace(US_DRUG_TRIAL, has_results=True),
        replace(US_DRUG_TRIAL, are_results_waived=True),
        replace(US_DRUG_TRIAL, is_posting_delayed=True),
        replace(US_DRUG_TRIAL, release="2026-02-01"),
        replace(US_DRUG_TRIAL, results_submission=ResultsSubmission(events=(SubmissionEvent("release"),))),
        replace(US_DRUG_TRIAL, locations=(Location(country="France"),)),
        replace(US_DRUG_TRIAL, oversight=Oversight(is_fda_regulated_drug=False)),
        replace(US_DRUG_TRIAL, oversight=Oversight()),
        replace(US_DRUG_TRIAL, oversight=Oversight(is_fda_regulated_device=True, is_unapproved_device=True)),
        *(
            replace(US_DRUG_TRIAL, design=replace(US_DRUG_TRIAL.design, **change))
            for change in (
                {"phases": ("phase1",)},
                {"phases": ("early-phase1",)},
                {"phases": ()},
                {"study_type": "observational"},
                {"enrollment": 0},
            )
        ),
        with_dates(US_DRUG_TRIAL, primary_completion="2025-11 actual"),
        with_dates(US_DRUG_TRIAL, primary_completion="2025-01 estimated"),
        with_dates(US_DRUG_TRIAL, primary_completion="2025-01"),
        with_dates(US_DRUG_TRIAL, primary_completion="2016-12 actual"),
        with_dates(US_DRUG_TRIAL, delay_submitted="2025-12-01"),
        with_dates(US_DRUG_TRIAL, results_submitted="2026-01-09"),
    ],
)
def test_results_that_are_not_known_to_be_due_get_no_note(record: TrialRecord) -> None:
    assert "results-overdue" not in kinds(record)


def test_the_day_of_the_data_decides_whether_results_were_due() -> None:
    assert kinds(replace(US_DRUG_TRIAL, release="2026-03-01")) == ["results-overdue"]
    assert kinds(replace(US_DRUG_TRIAL, release="2026-02-09")) == []


@pytest.mark.parametrize("status", ["withdrawn", "terminated", "suspended"])
def test_a_stopped_trial_without_a_reason(status: str) -> None:
    note = only_note(trial(status))
    assert note.kind == "stopped-without-reason"
    assert note.evidence[1].place == "Why stopped"
    assert kinds(trial(status, why_stopped="Sponsor decision")) == []


@given(
    record=st.builds(
        TrialRecord,
        registry=st.just("ctgov"),
        registry_id=st.just("NCT00000001"),
        registry_url=st.just(""),
        status=st.sampled_from(
            [None, "recruiting", "not-yet-recruiting", "active-not-recruiting", "unknown", "completed", "new"]
        ),
        dates=st.builds(
            Dates,
            start=PARTIAL_DATES,
            primary_completion=PARTIAL_DATES,
            completion=PARTIAL_DATES,
            last_update_posted=PARTIAL_DATES,
            verified=PARTIAL_DATES,
        ),
        design=st.just(US_DRUG_TRIAL.design),
        oversight=st.just(US_DRUG_TRIAL.oversight),
        locations=st.just(US_DRUG_TRIAL.locations),
        release=st.none() | DATES,
    ),
    today=st.dates(),
)
def test_no_date_is_too_odd(record: TrialRecord, today: date) -> None:
    for note in trust_notes(record, today):
        assert note.evidence
        assert all(found.text and found.place and found.anchor.startswith("#") for found in note.evidence)


def test_the_seed_past_its_dates_is_the_only_seed_that_may_be_out_of_date() -> None:
    lines = reference_file("data/seeds.ndjson").read_bytes().splitlines()
    notes = {
        record.registry_id: trust_notes(record, TODAY) for record in map(normalize, map(orjson.loads, lines))
    }
    assert {registry_id for registry_id, found in notes.items() if found} == {"NCT06141304"}
    (note,) = notes["NCT06141304"]
    assert note.kind == "active-past-completion"
    assert [(found.place, found.text) for found in note.evidence] == [
        ("Status", "Active, not recruiting"),
        ("Primary completion", "1 Jan 2025, planned, 22 months ago"),
        ("Study completion", "1 Jul 2025, planned, 16 months ago"),
        ("Last update posted", "21 Nov 2023, 35 months ago"),
        ("Last verified", "1 Nov 2023, 36 months ago"),
    ]
