"""Writes eligibilityModule: age, sex and other fields, and the eligibility criteria in the registry's Markdown."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from app.demo.draw import Draw, Weighted
from app.demo.plan import Plan
from app.demo.plan.subject import sentence_case
from app.demo.world.area import Item, areas


class _Headings(NamedTuple):
    inclusion: str
    exclusion: str


_HEADINGS = Weighted(
    {
        _Headings("Inclusion Criteria:", "Exclusion Criteria:"): 74,
        _Headings("INCLUSION CRITERIA:", "EXCLUSION CRITERIA:"): 8,
        _Headings("Key Inclusion Criteria:", "Key Exclusion Criteria:"): 5,
        _Headings("Inclusion criteria", "Exclusion criteria"): 4,
        _Headings("**Inclusion**", "**Exclusion**"): 1,
        _Headings("To take part, a person must have:", "Nobody can take part who has:"): 3,
        _Headings("DISEASE AND PATIENT CHARACTERISTICS:", "PRIOR CONCURRENT CONDITIONS:"): 2,
        _Headings("", ""): 3,
    }
)
_LISTS = Weighted({"bullets": 76, "numbers": 20, "paragraphs": 4})
_INCLUSION: tuple[Item, ...] = (
    "Able to understand the study and to give written informed consent",
    "Willing and able to keep to the visit schedule",
    "Affiliated with, or covered by, health insurance where national law asks for it",
    "Reads and understands the language of the study materials",
)
_INCLUSION_OF_MINORS: tuple[Item, ...] = (
    "Written consent from a parent or legal guardian, and assent where age allows",
    "A caregiver who can attend every visit",
)
_CONTRACEPTION: tuple[Item, ...] = (
    (
        "Participants who could become pregnant agree to one of the following:",
        "A highly effective method of contraception (failure rate \\< 1% per year)",
        "Complete abstinence, where this is their usual way of life",
    ),
    "Negative pregnancy test within 7 days before the first dose, where it applies",
)
_INCLUSION_FOR_MEDICINES: tuple[Item, ...] = (
    "Creatinine clearance \\>= 60 mL/min by the Cockcroft-Gault formula",
    "Alanine aminotransferase (ALT) \\<= 2 x upper limit of normal",
)
_EXCLUSION: tuple[Item, ...] = (
    "Taking part in another interventional study, now or in the past 30 days",
    "Any condition that, in the investigator's judgment, makes participation unsafe",
    "Surgery planned during the study period",
    "Expected to move away before the last visit",
)
_EXCLUSION_OF_ADULTS: tuple[Item, ...] = (
    "Unable to follow instructions or to complete questionnaires",
    "Alcohol or drug use that would interfere with the study",
    "Cancer in the past 5 years, other than treated skin cancer of low risk",
    "Employee of the study center, or close relative of one",
)
_EXCLUSION_FROM_MEDICINES: tuple[Item, ...] = (
    "Known allergy to {agent} or to any ingredient",
    "A strong inhibitor or inducer of CYP3A4 in the two weeks before the first dose",
    (
        "Any of these laboratory results at screening:",
        "Absolute neutrophil count \\< 1.0 x 10\\^9/L",
        "Platelet count \\< 75 x 10\\^9/L",
        "Hemoglobin \\< 8.0 g/dL (80 g/L)",
        "AST or ALT \\> 3 x ULN",
        "Estimated GFR \\< 30 mL/min/1.73 m\\^2",
    ),
    "Live vaccine within 4 weeks before the first dose",
    "Serious infection that needed intravenous treatment within 30 days \\[oral treatment: 14 days\\]",
)
_SAMPLING = Weighted({"NON_PROBABILITY_SAMPLE": 78, "PROBABILITY_SAMPLE": 22})
_STUDY_POPULATIONS = (
    "{Patients} seen at the participating centers during the study period.",
    "Consecutive {people} referred for {disease}.",
    "{Patients} identified from hospital records and invited by letter.",
    "{People} from the general population who carry a diagnosis of {disease}.",
)


def eligibility_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    population = plan.population
    module: dict[str, Any] = {"eligibilityCriteria": plan.fill(_criteria(draw, plan))}
    if draw.chance(0.97):
        module["healthyVolunteers"] = population.healthy_volunteers
    module["sex"] = population.sex
    if population.sex != "ALL" and draw.chance(0.4):
        module["genderBased"] = True
    if population.minimum_age:
        module["minimumAge"] = population.minimum_age
    if population.maximum_age:
        module["maximumAge"] = population.maximum_age
    module["stdAges"] = population.standard_ages
    if plan.study_type == "OBSERVATIONAL":
        module["studyPopulation"] = plan.fill(draw.pick(_STUDY_POPULATIONS))
        module["samplingMethod"] = draw.weighted(_SAMPLING)
    return module


def _criteria(draw: Draw, plan: Plan) -> str:
    headings, style = draw.weighted(_HEADINGS), draw.weighted(_LISTS)
    parts = [
        headings.inclusion,
        _as_list(_inclusion(draw, plan), style),
        headings.exclusion,
        _as_list(_exclusion(draw, plan), style),
    ]
    return "\n\n".join(part for part in parts if part)


def _inclusion(draw: Draw, plan: Plan) -> list[Item]:
    area = plan.subject.area
    general = _INCLUSION_OF_MINORS if plan.population.is_minor else _INCLUSION
    items: list[Item] = [_age_item(plan)] if draw.chance(0.75) else []
    items += draw.several(area.inclusion, draw.between(2, len(area.inclusion)))
    items += draw.several(general, draw.between(1, 3))
    if _is_medicine(plan):
        items += draw.several(_INCLUSION_FOR_MEDICINES, draw.between(0, 2))
        items += _CONTRACEPTION if _could_become_pregnant(plan) else ()
    return _fitting(plan, items)


def _exclusion(draw: Draw, plan: Plan) -> list[Item]:
    area = plan.subject.area
    items = draw.several(area.exclusion, draw.between(2, len(area.exclusion)))
    general = _EXCLUSION if plan.population.is_minor else (*_EXCLUSION, *_EXCLUSION_OF_ADULTS)
    items += draw.several(general, draw.between(1, 5))
    if _is_medicine(plan):
        items += draw.several(_EXCLUSION_FROM_MEDICINES, draw.between(1, len(_EXCLUSION_FROM_MEDICINES)))
        items += ["Pregnant or breastfeeding"] if _could_become_pregnant(plan) else []
    if plan.is_long and draw.chance(0.6):
        items += _long_exclusion()
    return _fitting(plan, items)


def _age_item(plan: Plan) -> str:
    minimum, maximum = (age.lower() for age in (plan.population.minimum_age, plan.population.maximum_age))
    if minimum and maximum:
        return f"{{People}} from {minimum} to {maximum} of age, both included"
    if minimum or maximum:
        return f"{{People}}, {f'at least {minimum}' if minimum else f'no more than {maximum}'} of age"
    return "{People} of any age"


def _is_medicine(plan: Plan) -> bool:
    return plan.test is not None and plan.test.is_medicine


def _could_become_pregnant(plan: Plan) -> bool:
    """Tell whether criteria on pregnancy apply: not for men, for children, or in trials about pregnancy."""
    population = plan.population
    return population.sex != "MALE" and not population.is_minor and not plan.subject.disease.people


def _fitting(plan: Plan, items: list[Item]) -> list[Item]:
    """Leave out the items that name {agent}, which they treat as a medicine, if the trial tests no medicine."""
    return items if _is_medicine(plan) else [item for item in items if "{agent}" not in str(item)]


@cache
def _long_exclusion() -> list[Item]:
    """Return the exclusion criteria of all areas and all drug classes: a very long list."""
    conditions = [item for area in areas().values for item in area.exclusion if "{" not in str(item)]
    classes = sorted({drug_class.label for area in areas().values for drug_class in area.drug_classes})
    medicines = tuple(f"{sentence_case(label)}, unless the dose is stable" for label in classes)
    return [*conditions, ("Any of these medicines in the past 4 weeks:", *medicines)]


def _as_list(items: Sequence[Item], style: str) -> str:
    if style == "paragraphs":
        return "\n\n".join(item if isinstance(item, str) else " ".join(item) for item in items)
    marks = [f"{place}." for place in range(1, len(items) + 1)] if style == "numbers" else ["*"] * len(items)
    return "\n".join(_list_item(mark, item) for mark, item in zip(marks, items, strict=True))


def _list_item(mark: str, item: Item) -> str:
    if isinstance(item, str):
        return f"{mark} {item}"
    indent = " " * (len(mark) + 1)
    lead, *parts = item
    return f"{mark} {lead}\n\n" + "\n".join(f"{indent}* {part}" for part in parts)
