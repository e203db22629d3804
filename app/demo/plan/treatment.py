"""The treatments of a trial: invented drugs of the area's classes, or other kinds of care in the area."""

from typing import NamedTuple

from app.demo.draw import Draw, Weighted
from app.demo.plan.subject import Subject, sentence_case
from app.demo.world import coinages
from app.demo.world.area import Area, DrugClass, drug_classes_for

INTERVENTIONAL_KINDS = Weighted(
    {
        "DRUG": 47,
        "BEHAVIORAL": 11,
        "DEVICE": 11,
        "PROCEDURE": 9,
        "OTHER": 9,
        "BIOLOGICAL": 5,
        "DIETARY_SUPPLEMENT": 5,
        "DIAGNOSTIC_TEST": 2.5,
        "RADIATION": 12,
        "GENETIC": 3,
        "COMBINATION_PRODUCT": 2,
    }
)
OBSERVATIONAL_KINDS = Weighted(
    {
        "OTHER": 30,
        "DIAGNOSTIC_TEST": 24,
        "DRUG": 16,
        "PROCEDURE": 12,
        "DEVICE": 8,
        "BEHAVIORAL": 6,
        "GENETIC": 4,
        "BIOLOGICAL": 3,
    }
)
EXPANDED_ACCESS_KINDS = Weighted({"DRUG": 3, "BIOLOGICAL": 2})
MEDICINES = {"DRUG", "BIOLOGICAL", "COMBINATION_PRODUCT", "GENETIC"}
_HAS_PLACEBO = {"DRUG", "DIETARY_SUPPLEMENT"}
_DESCRIPTIONS = {
    "BEHAVIORAL": (
        "{Name}, led by trained staff in {sessions} sessions of {minutes} minutes, with practice at home.",
        "{Name} in {sessions} weekly sessions, alone or in small groups, following a written manual.",
    ),
    "DEVICE": (
        "{Name} used as the manufacturer intends, {minutes} minutes a day, after training by the study team.",
        "{Name}, set up at the first visit and checked at every later one.",
    ),
    "PROCEDURE": (
        "{Name}, done once by a clinician who has done it at least {sessions} times before.",
        "{Name} under the center's standard operating procedure.",
    ),
    "DIETARY_SUPPLEMENT": (
        "{Name} taken by mouth with food once a day.",
        "{Name}, two servings a day, supplied in numbered packs.",
    ),
    "DIAGNOSTIC_TEST": (
        "{Name}, with the result given to the treating clinician within {sessions} days.",
        "{Name}, read by two assessors who do not know the clinical findings.",
    ),
    "RADIATION": (
        "{Name} in {sessions} fractions, planned on imaging from the past {sessions} days.",
        "{Name}; dose limits for neighboring organs are set out in the protocol.",
    ),
    "GENETIC": ("{Name}, given or tested once, with follow-up for late effects.",),
    "BIOLOGICAL": ("{Name}, prepared by a licensed facility and given once at a specialist center.",),
    "COMBINATION_PRODUCT": ("{Name}, supplied ready to use by the study pharmacy.",),
    "OTHER": (
        "{Name} in addition to everything participants would otherwise receive.",
        "{Name}, {sessions} contacts of about {minutes} minutes each.",
    ),
}


class Treatment(NamedTuple):
    kind: str
    """The registry's intervention type."""
    name: str
    """The name as written inside a sentence, without an article."""
    description: str
    other_names: tuple[str, ...] = ()
    drug_class: DrugClass | None = None

    @property
    def is_medicine(self) -> bool:
        return self.kind in MEDICINES

    @property
    def can_have_placebo(self) -> bool:
        return self.drug_class is not None or self.kind in _HAS_PLACEBO

    @property
    def label(self) -> str:
        return sentence_case(self.name)

    @property
    def reference(self) -> str:
        """The name by which an arm group refers to it, such as "Dietary Supplement: Inulin"."""
        return f"{self.kind.replace('_', ' ').title()}: {self.label}"


def draw_kind(draw: Draw, subject: Subject, kinds: Weighted[str]) -> str:
    """Draw an intervention type for which the subject's area has a treatment."""
    kind = draw.weighted(kinds)
    classes = drug_classes_for(subject.area, subject.disease)
    if kind in subject.area.care or any(drug_class.kind == kind for drug_class in classes):
        return kind
    return draw.pick(classes).kind


def draw_treatment(draw: Draw, subject: Subject, kind: str, *, code: str = "") -> Treatment:
    """Draw a treatment of the given kind. A `code` names a drug instead of its own name, which is listed as another."""
    care = subject.area.care.get(kind)
    classes = [found for found in drug_classes_for(subject.area, subject.disease) if found.kind == kind]
    if classes and not (care and draw.chance(0.25)):
        return _draw_drug(draw, draw.pick(classes), code)
    return _draw_care(draw, kind, draw.pick(subject.area.care[kind]))


def _draw_care(draw: Draw, kind: str, name: str) -> Treatment:
    description = draw.pick(_DESCRIPTIONS[kind]).format(
        Name=sentence_case(name), sessions=draw.between(4, 16), minutes=draw.between(4, 18) * 5
    )
    return Treatment(kind, name, description)


def placebo_for(treatment: Treatment) -> Treatment:
    return Treatment(
        "DRUG" if treatment.is_medicine else treatment.kind,
        "placebo",
        f"Matches {treatment.name} in look, taste and way of giving, without the active ingredient.",
    )


def sham_for(treatment: Treatment) -> Treatment:
    return Treatment(
        treatment.kind,
        f"sham {treatment.name}",
        f"Looks and feels like {treatment.name} but leaves out the active part.",
    )


def usual_care_beside(treatment: Treatment, area: Area) -> Treatment:
    """Return the treatment to compare with or add to: for a new medicine, the medicine in current use."""
    name = area.standard_treatment if treatment.is_medicine else ""
    description = "What participants would receive at their center outside the study."
    return Treatment("OTHER", name or area.usual_care, description)


def _draw_drug(draw: Draw, drug_class: DrugClass, code: str) -> Treatment:
    name, dose = coinages.drug(draw, drug_class.stem), draw.pick(drug_class.doses)
    return Treatment(
        kind=drug_class.kind,
        name=code or name,
        description=f"{sentence_case(drug_class.label)}; {dose} {drug_class.route} {drug_class.rhythm}.",
        other_names=(name,) if code else (),
        drug_class=drug_class,
    )
