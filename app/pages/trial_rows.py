"""The rows of a list of trials: what triage needs without opening one, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from app.models import (
    Intervention,
    Sponsor,
    StatedCondition,
    Trial,
    TrialCountry,
    TrialIntervention,
    TrialPhase,
    TrialSponsor,
)
from app.pages.reasons import Reason
from app.pages.words import (
    age_range,
    date_words,
    earliest_day,
    participants,
    phase_words,
    sex_words,
    where_words,
    whole_months,
)
from app.sql import LISTED, rows_of
from app.vocabulary import INTERVENTION_TYPE, NOT_STATED_LABEL, PHASE, STATUS, STUDY_TYPE

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
    """Phase, or the study type where a study has none."""
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
    reasons: tuple[Reason, ...] = ()
    """Why it is in the list."""

    @property
    def url(self) -> str:
        return f"/trials/{self.registry_id}"


class _Facts(NamedTuple):
    """What the list shows of a trial's own row, in the order of _TRIALS."""

    registry_id: str
    title: str
    status: str | None
    study_type: str | None
    sex: str | None
    minimum_age: str | None
    maximum_age: str | None
    enrollment: int | None
    enrollment_kind: str | None
    last_update_posted: str | None
    location_count: int
    has_results: int
    is_synthetic: int


# Made once: a list takes longer to make such statements anew than to read what they find.
_TRIALS = select(col(Trial.id), *(getattr(Trial, name) for name in _Facts._fields)).where(
    col(Trial.id).in_(LISTED)
)
_CONDITIONS = (
    select(col(StatedCondition.trial_id), col(StatedCondition.name))
    .where(col(StatedCondition.trial_id).in_(LISTED))
    .order_by(col(StatedCondition.position))
)
_INTERVENTIONS = (
    select(col(TrialIntervention.trial_id), col(TrialIntervention.type), col(Intervention.name))
    .join_from(
        TrialIntervention,
        Intervention,
        col(TrialIntervention.intervention_id) == col(Intervention.id),
        isouter=True,
    )
    .where(col(TrialIntervention.trial_id).in_(LISTED))
    .order_by(col(TrialIntervention.position))
)
_SPONSORS = (
    select(col(TrialSponsor.trial_id), col(Sponsor.name))
    .join_from(TrialSponsor, Sponsor, col(TrialSponsor.sponsor_id) == col(Sponsor.id))
    .where(col(TrialSponsor.trial_id).in_(LISTED), col(TrialSponsor.role) == "lead")
)
_COUNTRIES = (
    select(col(TrialCountry.trial_id), col(TrialCountry.country), col(TrialCountry.location_count))
    .where(col(TrialCountry.trial_id).in_(LISTED))
    .order_by(col(TrialCountry.location_count).desc(), col(TrialCountry.country))
)
_PHASES = select(col(TrialPhase.trial_id), col(TrialPhase.phase)).where(col(TrialPhase.trial_id).in_(LISTED))


def trial_rows(session: Session, trial_ids: Sequence[int], today: date) -> list[TrialRow]:
    """One row a trial, in the order of the ids."""
    facts = {trial_id: _Facts(*row) for trial_id, *row in rows_of(session, _TRIALS, trial_ids)}
    conditions, interventions, sponsors, countries, phases = (
        _by_trial(rows_of(session, statement, trial_ids))
        for statement in (_CONDITIONS, _INTERVENTIONS, _SPONSORS, _COUNTRIES, _PHASES)
    )
    return [
        _row(
            facts[trial_id],
            [name for (name,) in conditions[trial_id]],
            interventions[trial_id],
            next((name for (name,) in sponsors[trial_id]), NOT_STATED_LABEL),
            countries[trial_id],
            tuple(sorted((phase for (phase,) in phases[trial_id]), key=PHASE.position)),
            today,
        )
        for trial_id in trial_ids
        if trial_id in facts
    ]


def _by_trial(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for trial_id, *values in rows:
        found[trial_id].append(tuple(values))
    return found


def with_reasons(rows: Iterable[TrialRow], reasons: Mapping[int, tuple[Reason, ...]]) -> list[TrialRow]:
    """The rows, each with its reasons, which are in the same order."""
    return [replace(row, reasons=of_row) for row, of_row in zip(rows, reasons.values(), strict=True)]


def _row(
    trial: _Facts,
    conditions: list[str],
    interventions: list[tuple[Any, ...]],
    sponsor: str,
    countries: list[tuple[Any, ...]],
    phases: tuple[str, ...],
    today: date,
) -> TrialRow:
    is_interventional = trial.study_type in (None, "interventional")
    shown = interventions[:_MOST_SHOWN]
    return TrialRow(
        registry_id=trial.registry_id,
        title=trial.title,
        status=trial.status or "not-stated",
        status_label=f"Status {NOT_STATED_LABEL.lower()}"
        if trial.status is None
        else STATUS.label(trial.status),
        stage=_stage(phases) if is_interventional else STUDY_TYPE.label(trial.study_type),
        updated=date_words(trial.last_update_posted),
        updated_iso=trial.last_update_posted or "",
        conditions=tuple(conditions[:_MOST_SHOWN]),
        more_conditions=max(0, len(conditions) - _MOST_SHOWN),
        tested=_tested(shown),
        more_tested=max(0, len(interventions) - _MOST_SHOWN),
        who=f"{age_range(trial.minimum_age, trial.maximum_age)}, {sex_words(trial.sex)}",
        where=where_words(countries, trial.location_count),
        sponsor=sponsor,
        size=participants(trial.enrollment, trial.enrollment_kind),
        has_results=bool(trial.has_results),
        is_synthetic=bool(trial.is_synthetic),
        stale_note=_stale_note(trial, today),
    )


def _stage(phases: tuple[str, ...]) -> str:
    """A phase; "Not applicable" alone would leave open what is not."""
    if phases == ("na",):
        return "Phase not applicable"
    return phase_words(phases) if phases else f"Phase {NOT_STATED_LABEL.lower()}"


def _tested(interventions: list[tuple[Any, ...]]) -> tuple[Tested, ...]:
    """Interventions in a row of one type share its label."""
    groups: list[tuple[str, list[str]]] = []
    for kind, name in interventions:
        label = INTERVENTION_TYPE.label(kind) if kind else ""
        shown = name or "name not stated"
        if groups and groups[-1][0] == label:
            groups[-1][1].append(shown)
        else:
            groups.append((label, [shown]))
    return tuple(Tested(label, tuple(names)) for label, names in groups)


def _stale_note(trial: _Facts, today: date) -> str:
    updated = earliest_day(trial.last_update_posted)
    if trial.status not in _LIVE or updated is None:
        return ""
    months = whole_months(updated, today)
    return f"Not updated for {months} months." if months >= STALE_MONTHS else ""
