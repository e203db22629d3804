"""Writes statusModule: overall status and dates."""

from typing import Any

from app.demo.draw import Draw
from app.demo.plan import Plan
from app.demo.plan.timeline import PlannedTimeline, iso, month, posted

_WHY_STOPPED = {
    "TERMINATED": (
        "Slow recruitment",
        "Funding ended",
        "Interim analysis: unlikely to show a difference",
        "Sponsor decision, not related to safety",
        "Safety finding in another study of the same treatment",
        "The principal investigator moved to another institution",
        "Recruitment halted by the pandemic and not resumed",
    ),
    "WITHDRAWN": (
        "No funding",
        "No participants enrolled",
        "Study drug was not available",
        "Not approved by the ethics committee",
        "Sponsor decided not to go ahead before the first participant joined",
    ),
    "SUSPENDED": (
        "Waiting for a planned safety review",
        "Drug supply interrupted",
        "Protocol amendment under review",
        "Staff shortage at the coordinating center",
    ),
}


def status_module(draw: Draw, plan: Plan) -> dict[str, Any]:
    timeline = plan.timeline
    module: dict[str, Any] = {
        "statusVerifiedDate": month(timeline.verified),
        "overallStatus": timeline.status,
    }
    if timeline.last_known_status:
        module["lastKnownStatus"] = timeline.last_known_status
    if reasons := _WHY_STOPPED.get(timeline.status):
        module["whyStopped"] = draw.pick(reasons)
    if draw.chance(0.97):
        module["expandedAccessInfo"] = {"hasExpandedAccess": draw.chance(0.01)}
    for name, moment in (
        ("startDateStruct", timeline.start),
        ("primaryCompletionDateStruct", timeline.primary_completion),
        ("completionDateStruct", timeline.completion),
    ):
        if moment:
            module[name] = moment.as_struct()
    return module | _record_dates(timeline)


def _record_dates(timeline: PlannedTimeline) -> dict[str, Any]:
    dates: dict[str, Any] = {
        "studyFirstSubmitDate": iso(timeline.first_submitted),
        "studyFirstSubmitQcDate": iso(timeline.first_accepted),
        "studyFirstPostDateStruct": posted(timeline.first_posted),
    }
    if timeline.results_submitted:
        dates["resultsFirstSubmitDate"] = iso(timeline.results_submitted)
        dates["resultsFirstSubmitQcDate"] = iso(timeline.results_submitted)
        dates["resultsFirstPostDateStruct"] = posted(timeline.results_submitted + 3)
    dates["lastUpdateSubmitDate"] = iso(timeline.last_submitted)
    dates["lastUpdatePostDateStruct"] = posted(timeline.last_posted)
    return dates
