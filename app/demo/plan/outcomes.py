"""The outcomes of a trial: endpoints of its area, and endpoints that any trial may have."""

from typing import NamedTuple

from app.demo.draw import Draw, Weighted
from app.demo.world.area import Area, Endpoint

_SAFETY = (
    Endpoint(
        "Participants with adverse events",
        "Share of participants with any adverse event, graded by the investigator.",
        "Participants",
        0.55,
        "count",
        "Up to {weeks} weeks",
    ),
    Endpoint(
        "Participants with serious adverse events",
        "Events that are fatal, life-threatening, disabling or need admission.",
        "Participants",
        0.08,
        "count",
        "Up to {weeks} weeks plus 30 days",
    ),
)
_DOSE_FINDING = (
    Endpoint(
        "Dose-limiting toxicity",
        "Adverse events in the first treatment cycle that meet the protocol's definition.",
        "Participants",
        0.12,
        "count",
        "First 28 days",
    ),
    Endpoint(
        "Maximum plasma concentration (Cmax)",
        "Highest concentration after the first and after repeated doses.",
        "ng/mL",
        148.0,
        "mean",
        "Before the dose and up to 48 hours after it",
    ),
    Endpoint(
        "Area under the concentration-time curve (AUC)",
        "From time zero to the last measurable concentration.",
        "h*ng/mL",
        1630.0,
        "mean",
        "Before the dose and up to 48 hours after it",
    ),
)
_GENERAL = (
    Endpoint(
        "Change in health-related quality of life",
        "EQ-5D-5L index, from below 0 to 1; higher is better.",
        "index",
        0.05,
    ),
    Endpoint(
        "Use of health services",
        "Visits, admissions and days off work, from a diary.",
        "visits",
        3.4,
        "mean",
        "{months} months",
    ),
    Endpoint(
        "Patient global impression of change",
        "Seven-point scale from very much worse to very much better.",
        "score on a scale",
        4.9,
        "mean",
        "Week {weeks}",
    ),
    Endpoint(
        "Adherence to the protocol",
        "Share of planned treatment or visits completed.",
        "percent",
        86.0,
        "mean",
        "Up to {weeks} weeks",
    ),
)
_CAN_BE_PRIMARY = 3
_DOSE_FINDING_PHASES = {"PHASE1", "EARLY_PHASE1"}
_SECONDARY_COUNTS = Weighted({0: 18, 1: 8, 2: 14, 3: 18, 4: 15, 5: 11, 6: 8, 8: 5, 10: 3})
_OTHER_COUNTS = Weighted({0: 86, 1: 7, 2: 5, 3: 2})


class Outcomes(NamedTuple):
    primary: list[Endpoint]
    """The primary outcomes, the main one first."""
    secondary: list[Endpoint]
    other: list[Endpoint]


def draw_outcomes(draw: Draw, area: Area, first_phase: str) -> Outcomes:
    primary = [draw.pick(area.endpoints[:_CAN_BE_PRIMARY])]
    if first_phase in _DOSE_FINDING_PHASES:
        primary.insert(0, draw.pick(_DOSE_FINDING))
    elif draw.chance(0.18):
        primary.append(_SAFETY[0])
    pool = [endpoint for endpoint in (*area.endpoints, *_SAFETY, *_GENERAL) if endpoint not in primary]
    secondary_count = draw.weighted(_SECONDARY_COUNTS)
    rest = draw.several(pool, secondary_count + draw.weighted(_OTHER_COUNTS))
    return Outcomes(primary, rest[:secondary_count], rest[secondary_count:])
