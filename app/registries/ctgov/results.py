"""Turns the resultsSection of a study object into Results."""

from typing import Any

from app.record.results import (
    AdverseEvent,
    AdverseEvents,
    Agreement,
    Analysis,
    AtRisk,
    Baseline,
    Category,
    Count,
    Denominator,
    EventCount,
    EventGroup,
    FlowCount,
    FlowStep,
    Group,
    Interval,
    Measure,
    MeasureClass,
    Measurement,
    MoreInformation,
    OutcomeMeasure,
    ParticipantFlow,
    Period,
    PointOfContact,
    Results,
)
from app.registries.ctgov.document import Node, enum, flag, integer, node, nodes, text, texts

# Baseline measures state the dispersion as an enum; outcome measures state it in these words, or in free text.
_DISPERSION_IN_WORDS = {
    "Not Applicable": "na",
    "Standard Deviation": "standard-deviation",
    "Standard Error": "standard-error",
    "Inter-Quartile Range": "inter-quartile-range",
    "Full Range": "full-range",
    "80% Confidence Interval": "confidence-80",
    "90% Confidence Interval": "confidence-90",
    "95% Confidence Interval": "confidence-95",
    "97.5% Confidence Interval": "confidence-975",
    "99% Confidence Interval": "confidence-99",
    "Other Confidence Interval Level": "confidence-other",
    "Geometric Coefficient of Variation": "geometric-coefficient",
}


def read_results(document: dict[str, Any]) -> Results | None:
    """Read the posted results of one study object; return None if it has none.

    Raises:
        RecordError: a field holds a value of the wrong kind.
    """
    section = node(document, "resultsSection")
    if not section:
        return None
    flow = node(section, "participantFlowModule")
    baseline = node(section, "baselineCharacteristicsModule")
    outcomes = node(section, "outcomeMeasuresModule")
    events = node(section, "adverseEventsModule")
    more = node(section, "moreInfoModule")
    return Results(
        participant_flow=_participant_flow(flow) if flow else None,
        baseline=_baseline(baseline) if baseline else None,
        outcome_measures=tuple(_outcome_measure(item) for item in nodes(outcomes, "outcomeMeasures")),
        adverse_events=_adverse_events(events) if events else None,
        more_information=_more_information(more) if more else None,
    )


def _participant_flow(flow: Node) -> ParticipantFlow:
    return ParticipantFlow(
        pre_assignment_details=text(flow, "preAssignmentDetails"),
        recruitment_details=text(flow, "recruitmentDetails"),
        units_analyzed=text(flow, "typeUnitsAnalyzed"),
        groups=_groups(flow),
        periods=tuple(
            Period(
                title=text(period, "title"),
                milestones=tuple(_step(step, "achievements") for step in nodes(period, "milestones")),
                withdrawals=tuple(_step(step, "reasons") for step in nodes(period, "dropWithdraws")),
            )
            for period in nodes(flow, "periods")
        ),
    )


def _step(step: Node, counts_key: str) -> FlowStep:
    return FlowStep(
        type=text(step, "type"),
        comment=text(step, "comment"),
        counts=tuple(
            FlowCount(
                group_id=text(count, "groupId"),
                participants=text(count, "numSubjects"),
                units=text(count, "numUnits"),
                comment=text(count, "comment"),
            )
            for count in nodes(step, counts_key)
        ),
    )


def _groups(module: Node) -> tuple[Group, ...]:
    return tuple(
        Group(id=text(group, "id"), title=text(group, "title"), description=text(group, "description"))
        for group in nodes(module, "groups")
    )


def _baseline(baseline: Node) -> Baseline:
    return Baseline(
        population=text(baseline, "populationDescription"),
        units_analyzed=text(baseline, "typeUnitsAnalyzed"),
        groups=_groups(baseline),
        denominators=_denominators(baseline),
        measures=tuple(
            Measure(**_measure(measure), dispersion=enum(measure, "dispersionType"))
            for measure in nodes(baseline, "measures")
        ),
    )


def _measure(measure: Node) -> dict[str, Any]:
    """Read the fields that baseline and outcome measures share."""
    return {
        "title": text(measure, "title"),
        "description": text(measure, "description"),
        "population": text(measure, "populationDescription"),
        "parameter": enum(measure, "paramType"),
        "unit": text(measure, "unitOfMeasure"),
        "is_percentage_calculated": flag(measure, "calculatePct"),
        "denominator_units": text(measure, "denomUnitsSelected"),
        "denominators": _denominators(measure),
        "classes": tuple(_class(item) for item in nodes(measure, "classes")),
    }


def _denominators(parent: Node) -> tuple[Denominator, ...]:
    return tuple(
        Denominator(
            units=text(denominator, "units"),
            counts=tuple(
                Count(group_id=text(count, "groupId"), value=text(count, "value"))
                for count in nodes(denominator, "counts")
            ),
        )
        for denominator in nodes(parent, "denoms")
    )


def _class(item: Node) -> MeasureClass:
    return MeasureClass(
        title=text(item, "title"),
        denominators=_denominators(item),
        categories=tuple(
            Category(
                title=text(category, "title"),
                measurements=tuple(_measurement(one) for one in nodes(category, "measurements")),
            )
            for category in nodes(item, "categories")
        ),
    )


def _measurement(measurement: Node) -> Measurement:
    return Measurement(
        group_id=text(measurement, "groupId"),
        value=text(measurement, "value"),
        spread=text(measurement, "spread"),
        lower_limit=text(measurement, "lowerLimit"),
        upper_limit=text(measurement, "upperLimit"),
        comment=text(measurement, "comment"),
    )


def _outcome_measure(measure: Node) -> OutcomeMeasure:
    dispersion = text(measure, "dispersionType")
    return OutcomeMeasure(
        **_measure(measure),
        dispersion=_DISPERSION_IN_WORDS.get(dispersion, dispersion) if dispersion else None,
        type=enum(measure, "type"),
        time_frame=text(measure, "timeFrame"),
        reporting_status=enum(measure, "reportingStatus"),
        anticipated_posting_date=text(measure, "anticipatedPostingDate"),
        units_analyzed=text(measure, "typeUnitsAnalyzed"),
        groups=_groups(measure),
        analyses=tuple(_analysis(analysis) for analysis in nodes(measure, "analyses")),
    )


def _analysis(analysis: Node) -> Analysis:
    return Analysis(
        group_ids=texts(analysis, "groupIds"),
        group_description=text(analysis, "groupDescription"),
        test_type=enum(analysis, "nonInferiorityType"),
        is_non_inferiority_tested=flag(analysis, "testedNonInferiority"),
        test_comment=text(analysis, "nonInferiorityComment"),
        p_value=text(analysis, "pValue"),
        p_value_comment=text(analysis, "pValueComment"),
        method=text(analysis, "statisticalMethod"),
        method_comment=text(analysis, "statisticalComment"),
        parameter=text(analysis, "paramType"),
        value=text(analysis, "paramValue"),
        interval=Interval(
            level=text(analysis, "ciPctValue"),
            sides=enum(analysis, "ciNumSides"),
            lower_limit=text(analysis, "ciLowerLimit"),
            upper_limit=text(analysis, "ciUpperLimit"),
            lower_limit_comment=text(analysis, "ciLowerLimitComment"),
            upper_limit_comment=text(analysis, "ciUpperLimitComment"),
        ),
        dispersion=enum(analysis, "dispersionType"),
        dispersion_value=text(analysis, "dispersionValue"),
        estimate_comment=text(analysis, "estimateComment"),
        other_description=text(analysis, "otherAnalysisDescription"),
    )


def _adverse_events(events: Node) -> AdverseEvents:
    return AdverseEvents(
        frequency_threshold=text(events, "frequencyThreshold"),
        time_frame=text(events, "timeFrame"),
        description=text(events, "description"),
        mortality_comment=text(events, "allCauseMortalityComment"),
        groups=tuple(_event_group(group) for group in nodes(events, "eventGroups")),
        serious=tuple(_event(event) for event in nodes(events, "seriousEvents")),
        other=tuple(_event(event) for event in nodes(events, "otherEvents")),
    )


def _event_group(group: Node) -> EventGroup:
    return EventGroup(
        id=text(group, "id"),
        title=text(group, "title"),
        description=text(group, "description"),
        deaths=AtRisk(integer(group, "deathsNumAffected"), integer(group, "deathsNumAtRisk")),
        serious=AtRisk(integer(group, "seriousNumAffected"), integer(group, "seriousNumAtRisk")),
        other=AtRisk(integer(group, "otherNumAffected"), integer(group, "otherNumAtRisk")),
    )


def _event(event: Node) -> AdverseEvent:
    return AdverseEvent(
        term=text(event, "term"),
        organ_system=text(event, "organSystem"),
        source_vocabulary=text(event, "sourceVocabulary"),
        assessment=enum(event, "assessmentType"),
        notes=text(event, "notes"),
        counts=tuple(
            EventCount(
                affected=integer(count, "numAffected"),
                at_risk=integer(count, "numAtRisk"),
                group_id=text(count, "groupId"),
                events=integer(count, "numEvents"),
            )
            for count in nodes(event, "stats")
        ),
    )


def _more_information(more: Node) -> MoreInformation:
    agreement = node(more, "certainAgreement")
    contact = node(more, "pointOfContact")
    return MoreInformation(
        limitations=text(node(more, "limitationsAndCaveats"), "description"),
        agreement=Agreement(
            are_investigators_employees=flag(agreement, "piSponsorEmployee"),
            is_restrictive=flag(agreement, "restrictiveAgreement"),
            restriction=enum(agreement, "restrictionType"),
            details=text(agreement, "otherDetails"),
        ),
        contact=PointOfContact(
            title=text(contact, "title"),
            organization=text(contact, "organization"),
            email=text(contact, "email"),
            phone=text(contact, "phone"),
            phone_extension=text(contact, "phoneExt"),
        ),
    )
