"""Writes outcomesModule: the measures and their time frames."""

from typing import Any

from app.demo.draw import Draw
from app.demo.plan import Plan
from app.demo.world.area import Endpoint


def outcomes_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    listed = {
        "primaryOutcomes": plan.outcomes.primary,
        "secondaryOutcomes": plan.outcomes.secondary,
        "otherOutcomes": plan.outcomes.other,
    }
    return {
        name: [_outcome(draw, plan, endpoint) for endpoint in endpoints]
        for name, endpoints in listed.items()
        if endpoints
    }


def _outcome(draw: Draw, plan: Plan, endpoint: Endpoint) -> dict[str, str]:
    outcome = {"measure": endpoint.measure}
    if draw.chance(0.86):
        outcome["description"] = endpoint.description
    if draw.chance(0.99):
        outcome["timeFrame"] = plan.fill(endpoint.time_frame)
    return outcome
