"""Writes resultsSection: short, but with every part present and numbers that add up."""

from typing import Any

from app.demo.draw import Draw
from app.demo.modules.adverse_events import adverse_events_module
from app.demo.modules.reporting import ReportedGroup, denominators, described, draw_result_groups, per_group
from app.demo.plan import Plan
from app.demo.world import coinages
from app.demo.world.area import Endpoint

_REASONS_TO_LEAVE = ("Withdrawal by Subject", "Lost to Follow-up", "Adverse Event", "Protocol Violation")
_METHODS = {"mean": "ANCOVA", "count": "Chi-squared", "median": "Log Rank"}
_EFFECTS = {
    "mean": "Mean Difference (Final Values)",
    "count": "Risk Difference (RD)",
    "median": "Hazard Ratio (HR)",
}
_REPORTED_SECONDARY = 3


def results_section(draw: Draw, plan: Plan) -> dict[str, Any]:
    groups = draw_result_groups(draw, plan)
    return {
        "participantFlowModule": _participant_flow(draw, plan, groups),
        "baselineCharacteristicsModule": _baseline(draw, plan, groups),
        "outcomeMeasuresModule": {"outcomeMeasures": _outcome_measures(draw, plan, groups)},
        "adverseEventsModule": adverse_events_module(draw, plan, groups),
        "moreInfoModule": _more_info(draw, plan),
    }


def _participant_flow(draw: Draw, plan: Plan, groups: list[ReportedGroup]) -> dict[str, Any]:
    left = [group.started - group.finished for group in groups]
    milestones = {
        "STARTED": [group.started for group in groups],
        "COMPLETED": [group.finished for group in groups],
        "NOT COMPLETED": left,
    }
    period: dict[str, Any] = {
        "title": "Overall Study",
        "milestones": [
            {"type": name, "achievements": per_group("FG", "numSubjects", counts)}
            for name, counts in milestones.items()
        ],
    }
    if any(left):
        first, second = draw.several(_REASONS_TO_LEAVE, 2)
        halves = {first: [count // 2 for count in left], second: [count - count // 2 for count in left]}
        period["dropWithdraws"] = [
            {"type": reason, "reasons": per_group("FG", "numSubjects", counts)}
            for reason, counts in halves.items()
        ]
    return {
        "recruitmentDetails": f"Participants were enrolled at {max(plan.sites, 1)} center(s).",
        "groups": described("FG", groups),
        "periods": [period],
    }


def _baseline(draw: Draw, plan: Plan, groups: list[ReportedGroup]) -> dict[str, Any]:
    counts = [group.started for group in groups]
    women = [_women(draw, plan, count) for count in counts]
    men = [count - women_count for count, women_count in zip(counts, women, strict=True)]
    total = {"id": f"BG{len(groups):03}", "title": "Total", "description": "Total of all reporting groups"}
    ages = [f"{_mean_age(plan) + draw.between(-30, 30) / 10:.1f}" for _ in (*groups, total)]
    return {
        "groups": [*described("BG", groups), total],
        "denoms": denominators("BG", [*counts, sum(counts)]),
        "measures": [
            {
                "title": "Age, Continuous",
                "paramType": "MEAN",
                "dispersionType": "STANDARD_DEVIATION",
                "unitOfMeasure": "years",
                "classes": [
                    {
                        "categories": [
                            {
                                "measurements": [
                                    measurement | {"spread": f"{draw.between(15, 140) / 10:.1f}"}
                                    for measurement in per_group("BG", "value", ages)
                                ]
                            }
                        ]
                    }
                ],
            },
            {
                "title": "Sex: Female, Male",
                "paramType": "COUNT_OF_PARTICIPANTS",
                "unitOfMeasure": "Participants",
                "classes": [
                    {
                        "categories": [
                            {
                                "title": title,
                                "measurements": per_group("BG", "value", [*values, sum(values)]),
                            }
                            for title, values in (("Female", women), ("Male", men))
                        ]
                    }
                ],
            },
        ],
    }


def _women(draw: Draw, plan: Plan, count: int) -> int:
    if plan.population.sex == "ALL":
        return int(count * (0.35 + 0.3 * draw.random()))
    return count if plan.population.sex == "FEMALE" else 0


def _mean_age(plan: Plan) -> float:
    ages = plan.population.standard_ages
    return {"CHILD": 9.0, "ADULT": 46.0, "OLDER_ADULT": 71.0}[ages[len(ages) // 2]]


def _outcome_measures(draw: Draw, plan: Plan, groups: list[ReportedGroup]) -> list[dict[str, Any]]:
    outcomes = plan.outcomes
    listed = [("PRIMARY", endpoint) for endpoint in outcomes.primary]
    listed += [("SECONDARY", endpoint) for endpoint in outcomes.secondary[:_REPORTED_SECONDARY]]
    return [_outcome_measure(draw, plan, groups, kind, endpoint) for kind, endpoint in listed]


def _outcome_measure(
    draw: Draw, plan: Plan, groups: list[ReportedGroup], kind: str, endpoint: Endpoint
) -> dict[str, Any]:
    counts = [group.finished for group in groups]
    measure: dict[str, Any] = {
        "type": kind,
        "title": endpoint.measure,
        "description": endpoint.description,
        "populationDescription": "Participants with a value at the time point.",
        "reportingStatus": "POSTED",
    }
    measure |= _summary(endpoint)
    measure["timeFrame"] = plan.fill(endpoint.time_frame)
    measure["groups"] = described("OG", groups)
    measure["denoms"] = denominators("OG", counts)
    measurements = [
        _measurement(draw, endpoint, f"OG{place:03}", count) for place, count in enumerate(counts)
    ]
    measure["classes"] = [{"categories": [{"measurements": measurements}]}]
    if plan.is_randomized and kind == "PRIMARY":
        measure["analyses"] = [_analysis(draw, endpoint)]
    return measure


def _summary(endpoint: Endpoint) -> dict[str, str]:
    if endpoint.summary == "count":
        return {"paramType": "COUNT_OF_PARTICIPANTS", "unitOfMeasure": "Participants"}
    if endpoint.summary == "median":
        return {
            "paramType": "MEDIAN",
            "dispersionType": "95% Confidence Interval",
            "unitOfMeasure": endpoint.unit,
        }
    return {"paramType": "MEAN", "dispersionType": "Standard Deviation", "unitOfMeasure": endpoint.unit}


def _measurement(draw: Draw, endpoint: Endpoint, group_id: str, count: int) -> dict[str, str]:
    value = endpoint.typical * (0.75 + 0.5 * draw.random())
    if endpoint.summary == "count":
        return {"groupId": group_id, "value": str(min(round(count * value), count))}
    if endpoint.summary == "median":
        return {
            "groupId": group_id,
            "value": f"{value:.1f}",
            "lowerLimit": f"{value * 0.8:.1f}",
            "upperLimit": f"{value * 1.3:.1f}",
        }
    return {"groupId": group_id, "value": f"{value:.2f}", "spread": f"{abs(value) * 0.6:.2f}"}


def _analysis(draw: Draw, endpoint: Endpoint) -> dict[str, Any]:
    p_value = draw.random() ** 2
    size = 0.5 + 0.5 * draw.random()
    effect = size if endpoint.summary == "median" else endpoint.typical * 0.3 * size
    margin = abs(effect) * (0.3 + p_value)
    return {
        "groupIds": ["OG000", "OG001"],
        "nonInferiorityType": "SUPERIORITY",
        "pValue": f"{p_value:.3f}" if p_value >= 0.001 else "<0.001",
        "statisticalMethod": _METHODS[endpoint.summary],
        "paramType": _EFFECTS[endpoint.summary],
        "paramValue": f"{effect:.2f}",
        "ciPctValue": "95",
        "ciNumSides": "TWO_SIDED",
        "ciLowerLimit": f"{effect - margin:.2f}",
        "ciUpperLimit": f"{effect + margin:.2f}",
    }


def _more_info(draw: Draw, plan: Plan) -> dict[str, Any]:
    agreement: dict[str, Any] = {"piSponsorEmployee": not plan.sponsor.is_company}
    if plan.sponsor.is_company:
        agreement["restrictiveAgreement"] = draw.chance(0.5)
        if agreement["restrictiveAgreement"]:
            agreement["restrictionType"] = draw.pick(("LTE60", "GT60", "OTHER"))
    return {
        "certainAgreement": agreement,
        "pointOfContact": {
            "title": plan.investigator,
            "organization": plan.sponsor.name,
            "email": coinages.email(plan.investigator),
            "phone": coinages.phone(draw),
        },
    }
