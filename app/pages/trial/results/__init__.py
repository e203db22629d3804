"""The posted results, shaped for templates/parts/results.html: one part for each part of the record's results."""

from dataclasses import dataclass

from app.pages.trial.results.adverse_events import EventsPart, adverse_events
from app.pages.trial.results.baseline import BaselinePart, baseline_characteristics
from app.pages.trial.results.more_information import MorePart, more_information
from app.pages.trial.results.outcome_measures import OutcomePart, outcome_parts
from app.pages.trial.results.participant_flow import FlowPart, participant_flow
from app.record.results import Results


@dataclass(frozen=True, slots=True)
class ResultsPart:
    flow: FlowPart | None
    baseline: BaselinePart | None
    outcomes: tuple[OutcomePart, ...]
    events: EventsPart | None
    more: MorePart | None


def results_part(results: Results) -> ResultsPart:
    flow, baseline, events = results.participant_flow, results.baseline, results.adverse_events
    more = results.more_information
    return ResultsPart(
        flow=participant_flow(flow) if flow else None,
        baseline=baseline_characteristics(baseline) if baseline else None,
        outcomes=outcome_parts(results.outcome_measures),
        events=adverse_events(events) if events else None,
        more=more_information(more) if more else None,
    )
