"""Writes conditionsModule and the browse modules, the MeSH terms that the registry derives."""

from typing import Any

from app.demo.draw import Draw
from app.demo.plan import Plan
from app.demo.world import mesh


def conditions_module(_draw: Draw, plan: Plan) -> dict[str, Any]:
    module: dict[str, Any] = {"conditions": list(plan.subject.conditions)}
    if plan.subject.keywords:
        module["keywords"] = list(plan.subject.keywords)
    return module


def derived_section(draw: Draw, plan: Plan) -> dict[str, Any]:
    section: dict[str, Any] = {"miscInfoModule": {"versionHolder": plan.today.isoformat()}}
    if draw.chance(0.92):  # the registry does not recognize every condition
        section["conditionBrowseModule"] = _browse_module(
            [disease.heading for disease in plan.subject.diseases]
        )
    classes = (treatment.drug_class for treatment in plan.regimen.treatments)
    headings = [drug_class.heading for drug_class in classes if drug_class and drug_class.heading]
    if headings:
        section["interventionBrowseModule"] = _browse_module(headings)
    return section


def _browse_module(headings: list[str]) -> dict[str, list[dict[str, str]]]:
    terms = dict.fromkeys(mesh.term(heading) for heading in headings)
    ancestors = dict.fromkeys(ancestor for heading in headings for ancestor in mesh.ancestors(heading))
    return {
        "meshes": [{"id": term.id, "term": term.heading} for term in terms],
        "ancestors": [{"id": term.id, "term": term.heading} for term in ancestors],
    }
