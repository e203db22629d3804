"""The groups of a results section: participants by arm. Each part of the section has its own group ids."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.demo.draw import Draw
from app.demo.plan import Plan
from app.demo.plan.regimen import Arm


class ReportedGroup(NamedTuple):
    arm: Arm
    started: int
    finished: int


def draw_result_groups(draw: Draw, plan: Plan) -> list[ReportedGroup]:
    arms = plan.regimen.arms
    share, remainder = divmod(plan.enrollment or 0, len(arms))
    sizes = [share + (place < remainder) for place in range(len(arms))]
    return [
        ReportedGroup(arm, size, size - draw.between(0, size // 6))
        for arm, size in zip(arms, sizes, strict=True)
    ]


def described(prefix: str, groups: Sequence[ReportedGroup]) -> list[dict[str, str]]:
    return [
        {"id": f"{prefix}{place:03}", "title": group.arm.label, "description": group.arm.description}
        for place, group in enumerate(groups)
    ]


def per_group(prefix: str, key: str, values: Sequence[object]) -> list[dict[str, str]]:
    return [{"groupId": f"{prefix}{place:03}", key: str(value)} for place, value in enumerate(values)]


def denominators(prefix: str, counts: Sequence[int]) -> list[dict[str, Any]]:
    return [{"units": "Participants", "counts": per_group(prefix, "value", counts)}]
