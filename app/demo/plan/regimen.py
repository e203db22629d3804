"""The arms of a trial with their treatments, and the parts of the design that follow from them."""

from collections.abc import Callable
from typing import NamedTuple

from app.demo.draw import Draw, Weighted
from app.demo.plan.population import Population
from app.demo.plan.subject import Subject, sentence_case, title_case
from app.demo.plan.treatment import (
    Treatment,
    draw_treatment,
    placebo_for,
    sham_for,
    usual_care_beside,
)


class Arm(NamedTuple):
    label: str
    kind: str
    """The registry's arm group type; empty for the groups of an observational study."""
    description: str
    treatments: tuple[Treatment, ...]


class Regimen(NamedTuple):
    """The arms, and how participants are assigned to them."""

    arms: tuple[Arm, ...]
    model: str
    allocation: str = "RANDOMIZED"
    comparator: str = ""
    """The treatment that the tested one is compared with, worded for use inside a sentence."""
    can_be_masked: bool = False
    masking: str = "NONE"

    @property
    def treatments(self) -> tuple[Treatment, ...]:
        return tuple(dict.fromkeys(treatment for arm in self.arms for treatment in arm.treatments))


_Layout = Callable[[Draw, Treatment, Subject], Regimen]


def _single(_draw: Draw, test: Treatment, _subject: Subject) -> Regimen:
    arm = Arm(test.label, "EXPERIMENTAL", f"All participants receive {test.name}.", (test,))
    return Regimen((arm,), "SINGLE_GROUP", "NA")


def _placebo(_draw: Draw, test: Treatment, _subject: Subject) -> Regimen:
    placebo = placebo_for(test)
    return Regimen(
        (
            _experimental(test),
            Arm("Placebo", "PLACEBO_COMPARATOR", f"Placebo on the same schedule as {test.name}.", (placebo,)),
        ),
        "PARALLEL",
        comparator="placebo",
        can_be_masked=True,
    )


def _active(draw: Draw, test: Treatment, subject: Subject) -> Regimen:
    other = draw_treatment(draw, subject, test.kind)
    if other.name == test.name:
        return _usual_care(draw, test, subject)
    return Regimen(
        (_experimental(test), Arm(other.label, "ACTIVE_COMPARATOR", other.description, (other,))),
        "PARALLEL",
        comparator=other.name,
        can_be_masked=test.drug_class is not None and draw.chance(0.5),
    )


def _add_on(_draw: Draw, test: Treatment, subject: Subject) -> Regimen:
    usual = usual_care_beside(test, subject.area)
    return Regimen(
        (
            Arm(
                f"{test.label} plus {usual.name}",
                "EXPERIMENTAL",
                f"{test.label} is added to {usual.name}.",
                (test, usual),
            ),
            Arm(usual.label, "ACTIVE_COMPARATOR", f"{usual.label} alone.", (usual,)),
        ),
        "PARALLEL",
        comparator=f"{usual.name} alone",
    )


def _usual_care(draw: Draw, test: Treatment, subject: Subject) -> Regimen:
    usual = usual_care_beside(test, subject.area)
    untreated = Arm(
        "Control", "NO_INTERVENTION", f"{usual.label}; {test.name} may be offered after the last visit.", ()
    )
    treated = Arm(usual.label, "ACTIVE_COMPARATOR", usual.description, (usual,))
    return Regimen((_experimental(test), draw.pick((untreated, treated))), "PARALLEL", comparator=usual.name)


def _sham(_draw: Draw, test: Treatment, _subject: Subject) -> Regimen:
    sham = sham_for(test)
    return Regimen(
        (_experimental(test), Arm("Sham", "SHAM_COMPARATOR", sham.description, (sham,))),
        "PARALLEL",
        comparator=sham.name,
        can_be_masked=True,
    )


def _doses(draw: Draw, test: Treatment, _subject: Subject) -> Regimen:
    placebo = placebo_for(test)
    levels = ("low dose", "high dose") if draw.chance(0.6) else ("low dose", "middle dose", "high dose")
    arms = [
        Arm(f"{test.label} {level}", "EXPERIMENTAL", f"{test.label} at the {level} of the protocol.", (test,))
        for level in levels
    ]
    arms.append(Arm("Placebo", "PLACEBO_COMPARATOR", "Placebo to match the active doses.", (placebo,)))
    return Regimen(tuple(arms), "PARALLEL", comparator="placebo", can_be_masked=True)


def _crossover(_draw: Draw, test: Treatment, subject: Subject) -> Regimen:
    other = placebo_for(test) if test.can_have_placebo else usual_care_beside(test, subject.area)
    arms = tuple(
        Arm(
            f"{first.label} then {second.name}",
            kind,
            f"{first.label} in the first period, a washout, then {second.name} in the second.",
            (first, second),
        )
        for first, second, kind in ((test, other, "EXPERIMENTAL"), (other, test, "ACTIVE_COMPARATOR"))
    )
    return Regimen(arms, "CROSSOVER", comparator=other.name, can_be_masked=test.can_have_placebo)


def _factorial(draw: Draw, test: Treatment, subject: Subject) -> Regimen:
    second, usual = draw_treatment(draw, subject, "BEHAVIORAL"), usual_care_beside(test, subject.area)
    if second.name == test.name:
        return _usual_care(draw, test, subject)
    both = Arm(f"{test.label} and {second.name}", "EXPERIMENTAL", "Both treatments together.", (test, second))
    control = Arm(usual.label, "ACTIVE_COMPARATOR", "Neither of the two treatments.", (usual,))
    return Regimen(
        (both, _experimental(test), _experimental(second), control), "FACTORIAL", comparator=usual.name
    )


def _escalation(draw: Draw, test: Treatment, _subject: Subject) -> Regimen:
    arms = [
        Arm(
            f"Dose level {level}",
            "EXPERIMENTAL",
            f"{test.label} at dose level {level}; the next level opens after a safety review.",
            (test,),
        )
        for level in range(1, draw.between(3, 6) + 1)
    ]
    return Regimen((*arms, _expansion(test)), "SEQUENTIAL", "NON_RANDOMIZED")


def _expansion(test: Treatment) -> Arm:
    return Arm(
        "Expansion", "EXPERIMENTAL", f"{test.label} at the dose recommended after escalation.", (test,)
    )


def _cohorts(draw: Draw, test: Treatment, subject: Subject) -> Regimen:
    arms = tuple(
        Arm(
            f"Cohort {letter}: {modifier}",
            "EXPERIMENTAL",
            f"Participants whose disease is {modifier} receive {test.name}.",
            (test,),
        )
        for letter, modifier in zip(
            "ABC", draw.several(subject.area.modifiers, draw.between(2, 3)), strict=False
        )
    )
    return Regimen(arms, "PARALLEL", "NON_RANDOMIZED")


def _experimental(test: Treatment) -> Arm:
    return Arm(test.label, "EXPERIMENTAL", test.description, (test,))


_EARLY: Weighted[_Layout] = Weighted(
    {_single: 34, _escalation: 24, _placebo: 16, _doses: 14, _crossover: 7, _cohorts: 5}
)
_MIDDLE: Weighted[_Layout] = Weighted(
    {_single: 34, _placebo: 22, _doses: 14, _add_on: 12, _active: 8, _cohorts: 6, _crossover: 4}
)
_LATE: Weighted[_Layout] = Weighted(
    {_placebo: 36, _active: 26, _add_on: 18, _usual_care: 8, _single: 9, _factorial: 3}
)
_WITHOUT_PHASE: Weighted[_Layout] = Weighted(
    {_usual_care: 34, _single: 26, _active: 18, _sham: 10, _add_on: 4, _crossover: 5, _factorial: 3}
)
_LAYOUTS: dict[str, Weighted[_Layout]] = {
    "EARLY_PHASE1": _EARLY,
    "PHASE1": _EARLY,
    "PHASE2": _MIDDLE,
    "PHASE3": _LATE,
    "PHASE4": _LATE,
}
_MASKED = Weighted({"QUADRUPLE": 40, "DOUBLE": 24, "TRIPLE": 24, "SINGLE": 8, "NONE": 4})
_MOSTLY_OPEN = Weighted({"NONE": 66, "SINGLE": 34})
_WITH_PLACEBO = {_placebo, _doses}
_SHAM_KINDS = {"DEVICE", "PROCEDURE", "RADIATION"}


def draw_regimen(draw: Draw, subject: Subject, test: Treatment, first_phase: str) -> Regimen:
    layout = draw.weighted(_LAYOUTS.get(first_phase, _WITHOUT_PHASE))
    if (layout is _sham and test.kind not in _SHAM_KINDS) or (
        layout in _WITH_PLACEBO and not test.can_have_placebo
    ):
        layout = _usual_care
    regimen = layout(draw, test, subject)
    if regimen.allocation != "RANDOMIZED":
        return regimen
    return regimen._replace(masking=draw.weighted(_MASKED if regimen.can_be_masked else _MOSTLY_OPEN))


def draw_groups(draw: Draw, subject: Subject, population: Population, exposure: Treatment | None) -> Regimen:
    """Draw the groups of an observational study, with or without a treatment whose effect is observed."""
    treatments = (exposure,) if exposure else ()
    people, phrase = population.people, subject.phrase
    first = Arm(
        title_case(phrase), "", f"{sentence_case(people)} {subject.disease.link} {phrase}.", treatments
    )
    if draw.chance(0.45):
        return Regimen((first,), "COHORT")
    if exposure and draw.chance(0.5):
        second = Arm("Unexposed", "", f"The same, but without {exposure.name}.", ())
    else:
        second = Arm("Comparison group", "", f"{sentence_case(people)} without {subject.disease.name}.", ())
    return Regimen((first, second), draw.pick(("COHORT", "CASE_CONTROL")), comparator=second.label.lower())
