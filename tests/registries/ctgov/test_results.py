from typing import Any

import pytest

from app.record.results import (
    AdverseEvent,
    AtRisk,
    Category,
    Count,
    Denominator,
    EventCount,
    FlowCount,
    FlowStep,
    Interval,
    Measurement,
    OutcomeMeasure,
    Results,
)
from app.record.trial import RecordError
from app.registries.ctgov.results import read_results


def read(**modules: Any) -> Results:
    results = read_results({"resultsSection": modules})
    assert results is not None
    return results


def read_outcome(**measure: Any) -> OutcomeMeasure:
    (outcome,) = read(outcomeMeasuresModule={"outcomeMeasures": [measure]}).outcome_measures
    return outcome


@pytest.mark.parametrize("document", [{}, {"resultsSection": None}, {"resultsSection": {}}])
def test_a_record_without_results_has_none(document: dict[str, Any]) -> None:
    assert read_results(document) is None


def test_what_the_results_leave_out_is_missing_not_empty() -> None:
    results = read(outcomeMeasuresModule={"outcomeMeasures": []})
    assert results == Results()


def test_a_milestone_keeps_its_counts_as_written() -> None:
    counts = [{"groupId": "FG000", "numSubjects": "012", "numUnits": "24", "comment": "Both eyes"}]
    period = {"title": "Overall Study", "milestones": [{"type": "STARTED", "achievements": counts}]}
    flow = read(participantFlowModule={"periods": [period]}).participant_flow
    assert flow is not None
    assert flow.periods[0].milestones == (
        FlowStep("STARTED", counts=(FlowCount("FG000", "012", "24", "Both eyes"),)),
    )


def test_a_reason_for_leaving_is_a_step_like_a_milestone() -> None:
    reason = {
        "type": "Death",
        "comment": "In an accident",
        "reasons": [{"groupId": "FG000", "numSubjects": "1"}],
    }
    flow = read(participantFlowModule={"periods": [{"dropWithdraws": [reason]}]}).participant_flow
    assert flow is not None
    assert flow.periods[0].withdrawals == (FlowStep("Death", "In an accident", (FlowCount("FG000", "1"),)),)


def test_a_measurement_keeps_its_precision() -> None:
    measurement = {"groupId": "OG000", "value": "0.740", "lowerLimit": "NA", "upperLimit": "1.10"}
    outcome = read_outcome(classes=[{"categories": [{"title": "Left", "measurements": [measurement]}]}])
    assert outcome.classes[0].categories == (
        Category("Left", (Measurement("OG000", "0.740", lower_limit="NA", upper_limit="1.10"),)),
    )


def test_denominators_are_read_at_every_level() -> None:
    denominators = [{"units": "Participants", "counts": [{"groupId": "OG000", "value": "77"}]}]
    expected = (Denominator("Participants", (Count("OG000", "77"),)),)
    outcome = read_outcome(denoms=denominators, classes=[{"denoms": denominators}])
    assert (outcome.denominators, outcome.classes[0].denominators) == (expected, expected)
    baseline = read(
        baselineCharacteristicsModule={"denoms": denominators, "measures": [{"denoms": denominators}]}
    )
    assert baseline.baseline is not None
    assert (baseline.baseline.denominators, baseline.baseline.measures[0].denominators) == (
        expected,
        expected,
    )


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Standard Deviation", "standard-deviation"),
        ("Inter-Quartile Range", "inter-quartile-range"),
        ("97.5% Confidence Interval", "confidence-975"),
        ("84% Confidence Interval", "84% Confidence Interval"),
    ],
)
def test_the_dispersion_of_an_outcome_is_known_by_its_words(written: str, read_as: str) -> None:
    assert read_outcome(dispersionType=written).dispersion == read_as


def test_the_dispersion_of_a_baseline_measure_is_an_enum() -> None:
    baseline = read(baselineCharacteristicsModule={"measures": [{"dispersionType": "FULL_RANGE"}]}).baseline
    assert baseline is not None
    assert baseline.measures[0].dispersion == "full-range"


def test_an_anticipated_date_keeps_its_precision() -> None:
    outcome = read_outcome(reportingStatus="NOT_POSTED", anticipatedPostingDate="2026-03")
    assert (outcome.reporting_status, outcome.anticipated_posting_date) == ("not-posted", "2026-03")


def test_an_analysis_keeps_its_interval_with_its_sides() -> None:
    analysis = {
        "groupIds": ["OG000", "OG001"],
        "pValue": "<0.0001",
        "ciPctValue": "95",
        "ciNumSides": "TWO_SIDED",
        "ciLowerLimit": "0.61",
        "ciUpperLimit": "0.90",
    }
    (read_analysis,) = read_outcome(analyses=[analysis]).analyses
    assert read_analysis.p_value == "<0.0001"
    assert read_analysis.group_ids == ("OG000", "OG001")
    assert read_analysis.interval == Interval("95", "two-sided", "0.61", "0.90")


def test_event_groups_tell_no_deaths_from_no_word_on_deaths() -> None:
    groups = [
        {"id": "EG000", "deathsNumAffected": 0, "deathsNumAtRisk": 20},
        {"id": "EG001", "seriousNumAffected": 3, "seriousNumAtRisk": 20},
    ]
    events = read(adverseEventsModule={"eventGroups": groups}).adverse_events
    assert events is not None
    assert [group.deaths for group in events.groups] == [AtRisk(0, 20), AtRisk()]
    assert [group.serious for group in events.groups] == [AtRisk(), AtRisk(3, 20)]


def test_an_adverse_event_counts_participants_and_events() -> None:
    stats = [{"groupId": "EG000", "numEvents": 4, "numAffected": 3, "numAtRisk": 102}]
    event = {
        "term": "Pneumonia",
        "organSystem": "Infections",
        "assessmentType": "SYSTEMATIC_ASSESSMENT",
        "stats": stats,
    }
    events = read(adverseEventsModule={"seriousEvents": [event], "otherEvents": [event]}).adverse_events
    expected = AdverseEvent(
        "Pneumonia",
        "Infections",
        assessment="systematic-assessment",
        counts=(EventCount(affected=3, at_risk=102, group_id="EG000", events=4),),
    )
    assert events is not None
    assert (events.serious, events.other) == ((expected,), (expected,))


def test_limitations_agreement_and_contact_are_read() -> None:
    more = read(
        moreInfoModule={
            "limitationsAndCaveats": {"description": "Few took part."},
            "certainAgreement": {"piSponsorEmployee": False, "restrictionType": "LTE60"},
            "pointOfContact": {"title": "Study Director", "phone": "+1 555 0100", "phoneExt": "7"},
        }
    ).more_information
    assert more is not None
    assert more.limitations == "Few took part."
    assert (more.agreement.are_investigators_employees, more.agreement.restriction) == (False, "lte60")
    assert (more.contact.title, more.contact.phone_extension) == ("Study Director", "7")


@pytest.mark.parametrize(
    ("modules", "reason"),
    [
        ({"participantFlowModule": []}, "participantFlowModule: expected an object, found a list"),
        (
            {"outcomeMeasuresModule": {"outcomeMeasures": ["x"]}},
            "outcomeMeasures: expected a list of objects",
        ),
        (
            {"adverseEventsModule": {"eventGroups": [{"deathsNumAffected": "2"}]}},
            "deathsNumAffected: expected a whole",
        ),
        ({"adverseEventsModule": {"frequencyThreshold": 5}}, "frequencyThreshold: expected text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(modules: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        read(**modules)
