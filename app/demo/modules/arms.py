"""Writes armsInterventionsModule: arms and interventions, which refer to each other."""

from typing import Any

from app.demo.draw import Draw
from app.demo.plan import Plan
from app.demo.plan.regimen import Arm
from app.demo.plan.treatment import Treatment


def arms_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    module: dict[str, Any] = {}
    if plan.study_type == "EXPANDED_ACCESS":  # these records have no arms
        arms: tuple[Arm, ...] = ()
    else:
        arms = plan.regimen.arms
        module["armGroups"] = [_arm_group(draw, arm) for arm in arms]
    if treatments := plan.regimen.treatments:
        module["interventions"] = [_intervention(draw, treatment, arms) for treatment in treatments]
    return module


def _arm_group(draw: Draw, arm: Arm) -> dict[str, Any]:
    group: dict[str, Any] = {"label": arm.label}
    if arm.kind:
        group["type"] = arm.kind
    if draw.chance(0.92):
        group["description"] = arm.description
    if arm.treatments:
        group["interventionNames"] = [treatment.reference for treatment in arm.treatments]
    return group


def _intervention(draw: Draw, treatment: Treatment, arms: tuple[Arm, ...]) -> dict[str, Any]:
    intervention: dict[str, Any] = {"type": treatment.kind, "name": treatment.label}
    if draw.chance(0.95):
        intervention["description"] = treatment.description
    if labels := [arm.label for arm in arms if treatment in arm.treatments]:
        intervention["armGroupLabels"] = labels
    if treatment.other_names:
        intervention["otherNames"] = list(treatment.other_names)
    return intervention
