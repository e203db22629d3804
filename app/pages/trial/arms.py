"""Arms and interventions as table rows, linked by what either list of the record says about the other."""

from dataclasses import dataclass

from app.record.code_lists import ARM_TYPE, INTERVENTION_TYPE, NOT_STATED_LABEL
from app.record.trial import ArmGroup, TrialRecord


@dataclass(frozen=True, slots=True)
class ArmRow:
    label: str
    type: str
    receives: tuple[str, ...]
    description: str | None


@dataclass(frozen=True, slots=True)
class InterventionRow:
    name: str
    type: str
    other_names: tuple[str, ...]
    arms: tuple[str, ...]
    description: str | None


def arm_rows(record: TrialRecord) -> tuple[ArmRow, ...]:
    return tuple(
        ArmRow(arm.label, ARM_TYPE.label(arm.type), _received(record, arm), arm.description)
        for arm in record.arms
    )


def intervention_rows(record: TrialRecord) -> tuple[InterventionRow, ...]:
    return tuple(
        InterventionRow(
            name=item.name or "Name not stated",
            type=INTERVENTION_TYPE.label(item.type) if item.type else f"Type {NOT_STATED_LABEL.lower()}",
            other_names=item.other_names,
            arms=item.arm_labels,
            description=item.description,
        )
        for item in record.interventions
    )


def _received(record: TrialRecord, arm: ArmGroup) -> tuple[str, ...]:
    """Return what an arm receives: as the arm itself states, else the interventions that name the arm."""
    if arm.intervention_names:
        return arm.intervention_names
    return tuple(item.name for item in record.interventions if item.name and arm.label in item.arm_labels)
