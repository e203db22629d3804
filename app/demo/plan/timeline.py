"""The status of a trial and its dates.

A record describes the trial at its last update. The status determines which share of the trial's course had passed by
then, and the dates are placed around that day. A trial of unknown status was last updated long ago.
"""

from datetime import date
from functools import cache
from typing import NamedTuple

from app.demo.draw import Draw, Weighted

STATUSES = Weighted(
    {
        "COMPLETED": 53.3,
        "UNKNOWN": 13.3,
        "RECRUITING": 12.6,
        "TERMINATED": 6.2,
        "NOT_YET_RECRUITING": 4.3,
        "ACTIVE_NOT_RECRUITING": 4.3,
        "WITHDRAWN": 3.2,
        "ENROLLING_BY_INVITATION": 1.3,
        "SUSPENDED": 0.8,
    }
)
EXPANDED_ACCESS_STATUSES = Weighted(
    {"AVAILABLE": 40, "NO_LONGER_AVAILABLE": 30, "APPROVED_FOR_MARKETING": 25, "TEMPORARILY_NOT_AVAILABLE": 5}
)
_LAST_KNOWN = Weighted(
    {
        "RECRUITING": 66,
        "NOT_YET_RECRUITING": 16,
        "ACTIVE_NOT_RECRUITING": 13,
        "ENROLLING_BY_INVITATION": 5,
    }
)
# The lowest and highest share of the course that has passed at the last update.
_PROGRESS = {
    "NOT_YET_RECRUITING": (-0.30, -0.01),
    "RECRUITING": (0.03, 0.80),
    "ENROLLING_BY_INVITATION": (0.03, 0.80),
    "SUSPENDED": (0.05, 0.60),
    "ACTIVE_NOT_RECRUITING": (0.55, 0.95),
    "WITHDRAWN": (-0.25, 0.25),
    "TERMINATED": (1.01, 1.40),
    "COMPLETED": (1.01, 1.60),
}
_DAYS_SINCE_UPDATE = {
    # lowest, highest, skew toward the lowest
    "NOT_YET_RECRUITING": (4, 120, 2.0),
    "RECRUITING": (4, 420, 2.4),
    "ENROLLING_BY_INVITATION": (4, 500, 2.0),
    "ACTIVE_NOT_RECRUITING": (4, 420, 2.2),
    "SUSPENDED": (4, 500, 1.5),
    "AVAILABLE": (4, 600, 1.5),
    "UNKNOWN": (740, 5600, 1.5),
}
_DAYS_SINCE_UPDATE_WHEN_OVER = (4, 7800, 1.4)
_OVER = {"COMPLETED", "TERMINATED"}
# The number of milestones (start, primary completion, completion) that the status implies; otherwise 1.
_REACHED = {"COMPLETED": 3, "TERMINATED": 3, "NOT_YET_RECRUITING": 0, "WITHDRAWN": 0}
_MONTH = 30.4
_REGISTRY_OPENED = date(1999, 9, 20).toordinal()
_RESULTS_OPENED = date(2008, 9, 27).toordinal()
_RULE_CHANGED = date(2017, 1, 18).toordinal()
"""The day from which the registry required full dates and the type of the start date."""
_RESULTS_AFTER = 330


class Moment(NamedTuple):
    day: int
    """The day as a proleptic Gregorian ordinal."""
    kind: str
    """ACTUAL, ESTIMATED, or empty if the registry did not require it yet."""
    by_month: bool = False

    def as_struct(self) -> dict[str, str]:
        struct = {"date": month(self.day) if self.by_month else iso(self.day)}
        if self.kind:
            struct["type"] = self.kind
        return struct


_Milestones = tuple[Moment | None, Moment | None, Moment | None]


class PlannedTimeline(NamedTuple):
    status: str
    last_known_status: str
    start: Moment | None
    primary_completion: Moment | None
    completion: Moment | None
    verified: int
    first_submitted: int
    first_accepted: int
    first_posted: int
    results_submitted: int
    """The day as an ordinal; 0 if there are no results."""
    last_submitted: int
    last_posted: int

    @property
    def is_over(self) -> bool:
        return self.status in _OVER


def draw_timeline(
    draw: Draw, today: int, status: str, months: float, *, wants_results: bool
) -> PlannedTimeline:
    """Draw the dates of a trial of about `months` months. It gets results only if there was time for them."""
    known = draw.weighted(_LAST_KNOWN) if status == "UNKNOWN" else status
    age = _skewed(draw, *_DAYS_SINCE_UPDATE.get(status, _DAYS_SINCE_UPDATE_WHEN_OVER))
    seen = max(today - age, _REGISTRY_OPENED)
    start, primary, end = _course(draw, known, seen, months)
    if status == "UNKNOWN":  # only after its completion date does a trial become UNKNOWN
        end = min(end, today - 1)
        primary = min(primary, end)
    submitted = _first_submission(draw, start, seen)
    results = _results_submission(draw, primary, today) if wants_results and status in _OVER else 0
    seen = max(seen, results)
    accepted = min(submitted + _skewed(draw, 0, 30, 2.5), seen)
    moments: _Milestones = (None, None, None)
    if known in _PROGRESS:
        moments = _moments(draw, known, seen, (start, primary, end))
        if not results:
            moments = _with_gaps(draw, moments)
    return PlannedTimeline(
        status,
        known if status == "UNKNOWN" else "",
        *moments,
        verified=max(seen - draw.between(0, 35), submitted),
        first_submitted=submitted,
        first_accepted=accepted,
        first_posted=accepted + draw.between(1, 3),
        results_submitted=results,
        last_submitted=seen,
        last_posted=seen + 3,
    )


def posted(day: int) -> dict[str, str]:
    """Return the date of a posting. For the early years the registry only estimates it."""
    return Moment(day, "ESTIMATED" if day < _RULE_CHANGED else "ACTUAL").as_struct()


@cache
def iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


def month(day: int) -> str:
    return iso(day)[:7]


def _course(draw: Draw, known: str, seen: int, months: float) -> tuple[int, int, int]:
    length = min(max(months * draw.lognormvariate(0, 0.5), 2), 150) * _MONTH
    low, high = _PROGRESS.get(known, (0, 1))
    start = seen - int(length * (low + (high - low) * draw.random()))
    end = start + int(length)
    share = 1.0 if draw.chance(0.3) else 0.55 + 0.45 * draw.random()
    return start, start + int(length * share), end


def _first_submission(draw: Draw, start: int, seen: int) -> int:
    """Draw the day of the first submission: mostly before the start, otherwise up to years after it."""
    offset = -_skewed(draw, 3, 200, 1.8) if draw.chance(0.6) else _skewed(draw, 0, 1500, 2.5)
    return max(min(start + offset, seen - _skewed(draw, 0, 90, 2.0)), _REGISTRY_OPENED)


def _results_submission(draw: Draw, primary: int, today: int) -> int:
    earliest = max(primary + _RESULTS_AFTER, _RESULTS_OPENED)
    latest = today - 60
    return _skewed(draw, earliest, min(latest, earliest + 1200), 1.6) if earliest <= latest else 0


def _moments(draw: Draw, known: str, seen: int, days: tuple[int, int, int]) -> _Milestones:
    reached = _REACHED.get(known, 1)
    if known == "ACTIVE_NOT_RECRUITING" and days[1] <= seen:
        reached = 2
    start, primary, end = (
        Moment(day, "ACTUAL" if place < reached else "ESTIMATED", _is_by_month(draw, day))
        for place, day in enumerate(days)
    )
    return (start._replace(kind="") if seen < _RULE_CHANGED else start), primary, end


def _with_gaps(draw: Draw, moments: _Milestones) -> _Milestones:
    """Leave out milestones, as in a few records that never stated them."""
    start, primary, end = moments
    lost = draw.random()
    return (
        None if lost < 0.008 else start,
        None if lost < 0.025 else primary,
        None if 0.015 < lost < 0.035 else end,
    )


def _is_by_month(draw: Draw, day: int) -> bool:
    return draw.chance(0.85 if day < _RULE_CHANGED else 0.12)


def _skewed(draw: Draw, low: int, high: int, skew: float) -> int:
    return low + draw.rank(high - low + 1, skew)
