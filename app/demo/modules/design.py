"""Writes designModule: study type, phases, design and enrollment."""

from typing import Any

from app.demo.draw import Draw, Weighted
from app.demo.plan import Plan
from app.demo.plan.treatment import MEDICINES

_WHO_MASKED = ("PARTICIPANT", "INVESTIGATOR", "OUTCOMES_ASSESSOR", "CARE_PROVIDER")
_MASKED_PARTIES = {"SINGLE": 1, "DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}
_PURPOSES_BY_KIND = {
    "DIAGNOSTIC_TEST": Weighted({"DIAGNOSTIC": 7, "SCREENING": 3}),
    "BEHAVIORAL": Weighted({"TREATMENT": 4, "SUPPORTIVE_CARE": 3, "PREVENTION": 1, "ECT": 1}),
    "DIETARY_SUPPLEMENT": Weighted({"TREATMENT": 5, "SUPPORTIVE_CARE": 3, "PREVENTION": 2}),
    "OTHER": Weighted({"TREATMENT": 4, "SUPPORTIVE_CARE": 4, "HEALTH_SERVICES_RESEARCH": 3, "OTHER": 2}),
    "DEVICE": Weighted({"TREATMENT": 14, "DEVICE_FEASIBILITY": 2, "DIAGNOSTIC": 1, "SUPPORTIVE_CARE": 2}),
    "GENETIC": Weighted({"TREATMENT": 3, "BASIC_SCIENCE": 1, "SCREENING": 1}),
}
_MODELS = Weighted(
    {
        "COHORT": 62,
        "CASE_ONLY": 12,
        "OTHER": 10,
        "ECOLOGIC_OR_COMMUNITY": 4,
        "CASE_CROSSOVER": 3,
        "FAMILY_BASED": 3,
        "DEFINED_POPULATION": 2,
        "NATURAL_HISTORY": 2,
    }
)
_TIME_PERSPECTIVES = Weighted({"PROSPECTIVE": 64, "RETROSPECTIVE": 20, "CROSS_SECTIONAL": 12, "OTHER": 4})
_SAMPLES = Weighted({"SAMPLES_WITH_DNA": 5, "SAMPLES_WITHOUT_DNA": 3, "NONE_RETAINED": 2})
_SAMPLE_TEXT = {
    "SAMPLES_WITH_DNA": "Whole blood and serum, frozen for later analysis, DNA included.",
    "SAMPLES_WITHOUT_DNA": "Serum and urine, frozen in the study biobank.",
    "NONE_RETAINED": "No samples are kept.",
}
_MODEL_TEXT = {
    "PARALLEL": "Each participant stays in one arm for the whole study.",
    "CROSSOVER": "Each participant receives both treatments, in an order decided by chance.",
    "FACTORIAL": "Two treatments are tested at once, each with and without the other.",
    "SEQUENTIAL": "Cohorts open one after another.",
    "SINGLE_GROUP": "One group, compared with its own baseline.",
}


def design_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    module: dict[str, Any] = {"studyType": plan.study_type}
    if plan.study_type == "INTERVENTIONAL":
        if plan.phases:
            module["phases"] = list(plan.phases)
        module["designInfo"] = _interventional_design(draw, plan)
    elif plan.study_type == "OBSERVATIONAL":
        module |= _observational_design(draw, plan)
    else:
        module["expandedAccessTypes"] = {draw.pick(("individual", "intermediate", "treatment")): True}
    if plan.enrollment is not None:
        module["enrollmentInfo"] = _enrollment(draw, plan, plan.enrollment)
    return module


def _interventional_design(draw: Draw, plan: Plan) -> dict[str, Any]:
    regimen = plan.regimen
    masking: dict[str, Any] = {"masking": regimen.masking}
    if parties := _MASKED_PARTIES.get(regimen.masking):
        masking["whoMasked"] = draw.several(_WHO_MASKED, parties)
        if draw.chance(0.2):
            masking["maskingDescription"] = "Treatment packs look alike and carry only a number."
    design = {
        "allocation": regimen.allocation,
        "interventionModel": regimen.model,
        "primaryPurpose": _purpose(draw, plan),
        "maskingInfo": masking,
    }
    if draw.chance(0.25):
        design["interventionModelDescription"] = _MODEL_TEXT[regimen.model]
    if draw.chance(0.02):
        del design["allocation"]
    return design


def _purpose(draw: Draw, plan: Plan) -> str:
    kind = plan.test.kind if plan.test else ""
    if plan.subject.area.purpose != "TREATMENT" or kind not in _PURPOSES_BY_KIND:
        basic = kind in MEDICINES and plan.phases == ("PHASE1",) and draw.chance(0.1)
        return "BASIC_SCIENCE" if basic else plan.subject.area.purpose
    return draw.weighted(_PURPOSES_BY_KIND[kind])


def _observational_design(draw: Draw, plan: Plan) -> dict[str, Any]:
    model = plan.regimen.model if plan.regimen.comparator else draw.weighted(_MODELS)
    module: dict[str, Any] = {
        "patientRegistry": draw.chance(0.14),
        "designInfo": {"observationalModel": model, "timePerspective": draw.weighted(_TIME_PERSPECTIVES)},
    }
    if module["patientRegistry"]:
        module["targetDuration"] = f"{draw.between(1, 10)} Years"
    if draw.chance(0.35):
        retention = draw.weighted(_SAMPLES)
        module["bioSpec"] = {"retention": retention, "description": _SAMPLE_TEXT[retention]}
    return module


def _enrollment(draw: Draw, plan: Plan, count: int) -> dict[str, Any]:
    enrollment: dict[str, Any] = {"count": count}
    if draw.chance(0.985):
        actual = plan.timeline.is_over or plan.timeline.status == "WITHDRAWN"
        enrollment["type"] = "ACTUAL" if actual else "ESTIMATED"
    return enrollment
