"""Writes sponsorCollaboratorsModule and oversightModule."""

from typing import Any

from app.demo.draw import Draw, Weighted
from app.demo.plan import Plan
from app.demo.plan.treatment import MEDICINES
from app.demo.world.sponsors import draw_sponsor

_RESPONSIBLE = Weighted({"SPONSOR": 50, "PRINCIPAL_INVESTIGATOR": 40, "SPONSOR_INVESTIGATOR": 7, "": 3})
_RANKS = (
    "Professor",
    "Principal Investigator",
    "Associate Professor",
    "Assistant Professor",
    "Clinical Lecturer",
)
_COLLABORATORS = Weighted({0: 66, 1: 22, 2: 8, 3: 3, 6: 1})


def sponsor_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    module: dict[str, Any] = {}
    if responsible := _responsible_party(draw, plan):
        module["responsibleParty"] = responsible
    module["leadSponsor"] = {"name": plan.sponsor.name, "class": plan.sponsor.agency_class}
    if collaborators := _collaborators(draw, plan):
        module["collaborators"] = collaborators
    return module


def oversight_module(draw: Draw, plan: Plan) -> dict[str, bool]:
    module = {}
    if draw.chance(0.86):
        module["oversightHasDmc"] = draw.chance(0.4)
    if draw.chance(0.76):
        in_united_states = plan.sponsor.home.country == "United States"
        kind = plan.test.kind if plan.test else ""
        module["isFdaRegulatedDrug"] = in_united_states and kind in MEDICINES
        module["isFdaRegulatedDevice"] = in_united_states and kind == "DEVICE"
        if module["isFdaRegulatedDevice"] and draw.chance(0.3):
            module["isUnapprovedDevice"] = True
    return module


def _responsible_party(draw: Draw, plan: Plan) -> dict[str, str]:
    kind = "SPONSOR" if plan.sponsor.is_company else draw.weighted(_RESPONSIBLE)
    if kind in {"SPONSOR", ""}:
        return {"type": kind} if kind else {}
    return {
        "type": kind,
        "investigatorFullName": plan.investigator,
        "investigatorTitle": draw.pick(_RANKS),
        "investigatorAffiliation": plan.sponsor.name,
    }


def _collaborators(draw: Draw, plan: Plan) -> list[dict[str, str]]:
    partners = (draw_sponsor(draw, company=draw.chance(0.3)) for _ in range(draw.weighted(_COLLABORATORS)))
    classes = {partner.name: partner.agency_class for partner in partners}
    classes.pop(plan.sponsor.name, None)
    return [{"name": name, "class": agency_class} for name, agency_class in classes.items()]
