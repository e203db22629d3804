"""Writes identificationModule: titles, acronym and identifiers."""

from typing import Any

from app.demo.draw import Draw
from app.demo.plan import Plan
from app.demo.plan.subject import title_case
from app.demo.plan.timeline import iso
from app.demo.world import coinages

_TITLES_OF_ONE_TREATMENT = (
    "{agent} in {patients}",
    "{agent} for {disease}",
    "Safety and Early Effect of {agent} in {patients}",
    "{agent} in {disease}: A Single-Group Study",
    "A Study of {agent} in {patients}",
)
_TITLES_OF_A_COMPARISON = (
    "{agent} Versus {comparator} in {patients}",
    "{agent} or {comparator} for {disease}",
    "Does {agent} Help {patients}?",
    "Effect of {agent} in {patients}",
    "{agent} Compared With {comparator} in {disease}",
    "{agent} in {patients}",
    "A Trial of {agent} for {disease}",
)
_TITLES_OF_ESCALATION = (
    "Dose-Finding Study of {agent} in {patients}",
    "First Doses of {agent} in {patients}",
    "{agent} at Rising Doses in {disease}",
)
_TITLES_OF_OBSERVATION = (
    "Course and Outcome of {disease}",
    "Registry of {patients}",
    "Predictors of Outcome in {patients}",
    "Long-Term Follow-Up of {patients}",
    "How {disease} Is Treated in Everyday Practice",
    "Biomarkers and Outcome in {disease}",
    "Burden of {disease} in Routine Care",
)
_TITLES_OF_OBSERVED_TREATMENT = (
    "{agent} in Everyday Care of {patients}",
    "Outcomes After {agent} in {disease}",
    "{agent} in {patients}: An Observational Study",
)
_TITLES_OF_EXPANDED_ACCESS = (
    "Expanded Access to {agent} for {disease}",
    "{agent} Treatment Protocol for {patients}",
)
_PHASE_NAMES = {
    "EARLY_PHASE1": "Early Phase 1",
    "PHASE1": "Phase 1",
    "PHASE2": "Phase 2",
    "PHASE3": "Phase 3",
    "PHASE4": "Phase 4",
}
_OBSERVATIONS = (
    "A Prospective Study",
    "An Observational Study",
    "A Multicenter Registry",
    "A Follow-Up Study",
)
_PURPOSES = ("Trial of", "Study of", "Trial of the Efficacy and Safety of", "Study to Evaluate")
_MASKING_WORDS = {
    "NONE": "Open-Label",
    "SINGLE": "Assessor-Blind",
    "DOUBLE": "Double-Blind",
    "TRIPLE": "Double-Blind",
    "QUADRUPLE": "Double-Blind",
}
_CONTROL_WORDS = {"placebo": "Placebo-Controlled", "sham": "Sham-Controlled"}
_ID_FORMS = ("{year}-{serial:05}", "IRB-{serial}", "{serial}", "HREC/{year}/{serial}", "R{year}.{serial}")


def identification_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    module: dict[str, Any] = {
        "nctId": plan.nct_id,
        "orgStudyIdInfo": {"id": _organization_id(draw, plan)},
        "organization": {"fullName": plan.sponsor.name, "class": plan.sponsor.agency_class},
        "briefTitle": title_case(plan.fill(draw.pick(_titles(plan)))),
    }
    if secondary := _secondary_ids(draw, plan):
        module["secondaryIdInfos"] = secondary
    if draw.chance(0.97):
        module["officialTitle"] = _official_title(draw, plan)
    if draw.chance(0.3):
        module["acronym"] = coinages.acronym(draw)
    return module


def _titles(plan: Plan) -> tuple[str, ...]:
    if plan.study_type == "EXPANDED_ACCESS":
        return _TITLES_OF_EXPANDED_ACCESS
    if plan.study_type == "OBSERVATIONAL":
        return _TITLES_OF_OBSERVED_TREATMENT if plan.test else _TITLES_OF_OBSERVATION
    if plan.regimen.model == "SEQUENTIAL":
        return _TITLES_OF_ESCALATION
    return _TITLES_OF_A_COMPARISON if plan.regimen.comparator else _TITLES_OF_ONE_TREATMENT


def _official_title(draw: Draw, plan: Plan) -> str:
    if not plan.is_interventional:
        kind = (
            "An Expanded Access Protocol"
            if plan.study_type == "EXPANDED_ACCESS"
            else draw.pick(_OBSERVATIONS)
        )
        subject = "{agent} in {patients}" if plan.test else "{disease} in {people}"
        return title_case(plan.fill(f"{kind} of {subject}"))
    phase = "/".join(_PHASE_NAMES.get(phase, "") for phase in plan.phases)
    comparison = " compared with {comparator}" if plan.regimen.comparator else ""
    design = ", ".join(part for part in (phase, *_design_words(plan)) if part)
    purpose = draw.pick(_PURPOSES)
    article = "An" if design[0] in "AEIO" else "A"
    return title_case(plan.fill(f"{article} {design} {purpose} {{agent}}{comparison} in {{patients}}"))


def _design_words(plan: Plan) -> tuple[str, ...]:
    regimen = plan.regimen
    if not plan.is_randomized:
        return ("Open-Label",) if regimen.model == "SINGLE_GROUP" else ("Open-Label", "Non-Randomized")
    control = regimen.comparator.partition(" ")[0]
    return ("Randomized", _MASKING_WORDS[regimen.masking], _CONTROL_WORDS.get(control, "Controlled"))


def _organization_id(draw: Draw, plan: Plan) -> str:
    if plan.sponsor.is_company:
        return f"{plan.sponsor.name[:3].upper()}-{draw.between(100, 999)}-{draw.between(1, 4)}{draw.between(1, 60):02}"
    year = iso(plan.timeline.first_submitted)[:4]
    return draw.pick(_ID_FORMS).format(year=year, serial=draw.between(100, 99_999))


def _secondary_ids(draw: Draw, plan: Plan) -> list[dict[str, str]]:
    """Return other identifiers, in forms that no real registry assigns (years in the 2090s, grants ZZ)."""
    found = []
    if draw.chance(0.2 if plan.sponsor.is_company else 0.05):
        number = f"209{draw.between(0, 9)}-{draw.between(1, 6999):06}-{draw.between(10, 99)}"
        found.append({"id": number, "type": "EUDRACT_NUMBER"})
    if plan.sponsor.agency_class in {"NIH", "OTHER"} and draw.chance(0.06):
        found.append({"id": f"R01ZZ{draw.between(1, 99_999):06}", "type": "NIH"})
    if draw.chance(0.08):
        number = f"SYN{draw.between(10_000_000, 99_999_999)}"
        found.append({"id": number, "type": "REGISTRY", "domain": "Registry of Synthetic Trials"})
    if draw.chance(0.07):
        number = f"GRANT-{draw.between(1000, 9999)}"
        found.append({"id": number, "type": "OTHER_GRANT", "domain": plan.sponsor.name})
    return found
