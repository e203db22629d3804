"""Writes referencesModule, ipdSharingStatementModule and documentSection."""

from typing import Any

from app.demo.draw import Draw, Weighted
from app.demo.plan import Plan
from app.demo.plan.timeline import iso
from app.demo.world import coinages

_JOURNALS = (
    "Journal of Synthetic Medicine",
    "Annals of Invented Trials",
    "Demonstration Reports in Medicine",
    "Archives of Made-Up Results",
)
_REFERENCE_TITLES = (
    "{Disease} in practice: a review",
    "Natural course of {disease}",
    "Measuring outcome in {disease}",
    "Costs and consequences of {disease}",
    "{Agent} in {disease}: first experience",
)
_REFERENCE_TYPES = Weighted({"BACKGROUND": 70, "DERIVED": 20, "RESULT": 10})
_FIRST_YEAR, _LAST_YEAR = 1995, 2024
_SHARING = Weighted({"NO": 58, "UNDECIDED": 20, "YES": 22})
_SHARING_TEXT = {
    "YES": "De-identified participant data behind the published results, with a data dictionary.",
    "NO": "Consent does not cover sharing beyond the study team.",
    "UNDECIDED": "To be decided when the results are published.",
}
_SHARED = ("STUDY_PROTOCOL", "SAP", "ICF", "CSR", "ANALYTIC_CODE")
_DOCUMENTS = {
    # abbreviation of the registry: label, has protocol, has statistical analysis plan, has consent form
    "Prot": ("Study Protocol", True, False, False),
    "SAP": ("Statistical Analysis Plan", False, True, False),
    "Prot_SAP": ("Study Protocol and Statistical Analysis Plan", True, True, False),
    "ICF": ("Informed Consent Form", False, False, True),
}


def references_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    module: dict[str, Any] = {}
    if draw.chance(0.3):
        module["references"] = [_reference(draw, plan) for _ in range(draw.between(1, 7))]
    if draw.chance(0.1):
        module["seeAlsoLinks"] = [
            {"label": "About this study", "url": f"https://studies.example.org/{plan.nct_id.lower()}"}
        ]
    return module


def sharing_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    if draw.chance(0.38):
        return {}
    sharing = draw.weighted(_SHARING)
    module: dict[str, Any] = {"ipdSharing": sharing}
    if draw.chance(0.4):
        module["description"] = _SHARING_TEXT[sharing]
    if sharing == "YES":
        module["infoTypes"] = draw.several(_SHARED, draw.between(1, 4))
        module["timeFrame"] = f"From {draw.between(3, 18)} months after publication, for five years"
        module["accessCriteria"] = "Researchers with a sound proposal and a signed agreement."
        if draw.chance(0.4):
            module["url"] = f"https://data.example.org/{plan.nct_id}"
    return module


def document_section(draw: Draw, plan: Plan) -> dict[str, Any]:
    if not draw.chance(0.7 if plan.has_results else 0.015):
        return {}
    kinds = ("Prot_SAP",) if draw.chance(0.5) else draw.several(("Prot", "SAP", "ICF"), draw.between(1, 3))
    documents = [_document(draw, plan, kind, place) for place, kind in enumerate(kinds)]
    return {"largeDocumentModule": {"largeDocs": documents}}


def _reference(draw: Draw, plan: Plan) -> dict[str, str]:
    titles = _REFERENCE_TITLES if plan.test else _REFERENCE_TITLES[:-1]
    year, page = draw.between(_FIRST_YEAR, _LAST_YEAR), draw.between(1, 900)
    authors = ", ".join(_author(draw) for _ in range(draw.between(1, 4)))
    journal = f"{draw.pick(_JOURNALS)}. {year};{draw.between(1, 60)}:{page}-{page + draw.between(3, 12)}"
    return {
        "type": draw.weighted(_REFERENCE_TYPES),
        "citation": f"{authors}. {plan.fill(draw.pick(titles))}. {journal}.",
    }


def _author(draw: Draw) -> str:
    given, _, family = coinages.person(draw).partition(" ")
    return f"{family} {given[0]}"


def _document(draw: Draw, plan: Plan, kind: str, place: int) -> dict[str, Any]:
    label, has_protocol, has_plan, has_consent = _DOCUMENTS[kind]
    submitted = plan.timeline.last_submitted
    return {
        "typeAbbrev": kind,
        "hasProtocol": has_protocol,
        "hasSap": has_plan,
        "hasIcf": has_consent,
        "label": label,
        "date": iso(submitted - draw.between(200, 1500)),
        "uploadDate": f"{iso(submitted)}T{draw.between(7, 18):02}:{draw.between(0, 59):02}",
        "filename": f"{kind}_{place:03}.pdf",
        "size": draw.between(150_000, 4_000_000),
    }
