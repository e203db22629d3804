"""Rows of a list of trials, with the facts that triage needs, read in one query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sqlalchemy import select
from sqlmodel import Session, col

from app.database.sql import LISTED, rows_of
from app.models import ListedFacts, TrialListing, UnlistedTrial
from app.pages.parts.reasons import Reason
from app.record.code_lists import INTERVENTION_TYPE, NOT_STATED_LABEL, PHASE, STATUS, STUDY_TYPE
from app.text.wording import (
    age_range,
    date_words,
    earliest_day,
    participants,
    phase_words,
    sex_words,
    where_words,
    whole_months,
)

STALE_MONTHS = 24
_LIVE = {"recruiting", "not-yet-recruiting", "enrolling-by-invitation", "active-not-recruiting", "available"}
_MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Tested:
    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialRow:
    registry_id: str
    title: str
    status: str
    status_label: str
    stage: str
    """The phase, or the study type for studies that have no phase."""
    updated: str
    updated_iso: str
    conditions: tuple[str, ...]
    more_conditions: int
    tested: tuple[Tested, ...]
    more_tested: int
    who: str
    where: str
    sponsor: str
    size: str
    has_results: bool
    is_synthetic: bool
    stale_note: str
    unlisted_note: str
    """A sentence with the day since when the registry no longer lists the trial; empty while it does."""
    reasons: tuple[Reason, ...]
    """The reasons why the trial is in the list."""

    @property
    def url(self) -> str:
        return f"/trials/{self.registry_id}"


# Built once: building these statements takes longer than reading the rows that they find.
_LISTINGS = select(col(TrialListing.trial_id), col(TrialListing.facts)).where(
    col(TrialListing.trial_id).in_(LISTED)
)
_UNLISTED = select(col(UnlistedTrial.trial_id), col(UnlistedTrial.found_on)).where(
    col(UnlistedTrial.trial_id).in_(LISTED)
)


def trial_rows(
    session: Session,
    trial_ids: Sequence[int],
    today: date,
    reasons: Mapping[int, tuple[Reason, ...]] = MappingProxyType({}),
    unlisted: Mapping[int, str] = MappingProxyType({}),
) -> list[TrialRow]:
    """Build one row for each trial, in the order of the ids, with its reasons.

    Args:
        unlisted: by trial id, the ISO date since when the registry no longer lists the trial.
    """
    found = dict(rows_of(session, _LISTINGS, trial_ids))
    return [
        _row(
            ListedFacts.of_json(found[trial_id]),
            today,
            reasons.get(trial_id, ()),
            unlisted.get(trial_id),
        )
        for trial_id in trial_ids
        if trial_id in found
    ]


def unlisted_days(session: Session, trial_ids: Sequence[int]) -> dict[int, str]:
    """Map those of the trials that the registry no longer lists to the ISO date since when."""
    return dict(rows_of(session, _UNLISTED, trial_ids))


def _row(
    trial: ListedFacts, today: date, reasons: tuple[Reason, ...], unlisted_since: str | None
) -> TrialRow:
    is_interventional = trial.study_type in (None, "interventional")
    return TrialRow(
        registry_id=trial.registry_id,
        title=trial.title,
        status=trial.status or "not-stated",
        status_label=f"Status {NOT_STATED_LABEL.lower()}"
        if trial.status is None
        else STATUS.label(trial.status),
        stage=_stage(trial.phases) if is_interventional else STUDY_TYPE.label(trial.study_type),
        updated=date_words(trial.last_update_posted),
        updated_iso=trial.last_update_posted or "",
        conditions=tuple(trial.conditions[:_MOST_SHOWN]),
        more_conditions=max(0, len(trial.conditions) - _MOST_SHOWN),
        tested=_tested(trial.interventions[:_MOST_SHOWN]),
        more_tested=max(0, len(trial.interventions) - _MOST_SHOWN),
        who=f"{age_range(trial.minimum_age, trial.maximum_age)}, {sex_words(trial.sex)}",
        where=where_words(trial.countries, trial.location_count),
        sponsor=trial.lead_sponsor or NOT_STATED_LABEL,
        size=participants(trial.enrollment, trial.enrollment_kind),
        has_results=trial.has_results,
        is_synthetic=trial.is_synthetic,
        stale_note=_stale_note(trial, today),
        unlisted_note=f"Not found there since {date_words(unlisted_since)}." if unlisted_since else "",
        reasons=reasons,
    )


def _stage(phases: list[str]) -> str:
    """Word the phases; write "Phase not applicable", because "Not applicable" alone would be unclear."""
    if phases == ["na"]:
        return "Phase not applicable"
    return phase_words(sorted(phases, key=PHASE.position)) if phases else f"Phase {NOT_STATED_LABEL.lower()}"


def _tested(interventions: Iterable[tuple[str | None, str | None]]) -> tuple[Tested, ...]:
    """Group consecutive interventions of one type under one label."""
    groups: list[tuple[str, list[str]]] = []
    for kind, name in interventions:
        label = INTERVENTION_TYPE.label(kind) if kind else ""
        shown = name or "name not stated"
        if groups and groups[-1][0] == label:
            groups[-1][1].append(shown)
        else:
            groups.append((label, [shown]))
    return tuple(Tested(label, tuple(names)) for label, names in groups)


def _stale_note(trial: ListedFacts, today: date) -> str:
    updated = earliest_day(trial.last_update_posted)
    if trial.status not in _LIVE or updated is None:
        return ""
    months = whole_months(updated, today)
    return f"Not updated for {months} months." if months >= STALE_MONTHS else ""
