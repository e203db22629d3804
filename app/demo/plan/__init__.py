"""The plan of a trial, drawn before its record is written, so that the parts of the record agree.

`draw_plan` draws a Plan. `app.demo.modules` then writes each module of the record from it.
"""

from dataclasses import dataclass
from datetime import date

from app.demo.draw import Draw, Weighted
from app.demo.plan.outcomes import Outcomes, draw_outcomes
from app.demo.plan.population import Population, draw_population
from app.demo.plan.regimen import Regimen, draw_groups, draw_regimen
from app.demo.plan.subject import Subject, draw_subject, sentence_case
from app.demo.plan.timeline import EXPANDED_ACCESS_STATUSES, STATUSES, PlannedTimeline, draw_timeline
from app.demo.plan.treatment import (
    EXPANDED_ACCESS_KINDS,
    INTERVENTIONAL_KINDS,
    MEDICINES,
    OBSERVATIONAL_KINDS,
    Treatment,
    draw_kind,
    draw_treatment,
)
from app.demo.world import coinages
from app.demo.world.sponsors import DemoSponsor, draw_sponsor

_KINDS = {
    "INTERVENTIONAL": INTERVENTIONAL_KINDS,
    "OBSERVATIONAL": OBSERVATIONAL_KINDS,
    "EXPANDED_ACCESS": EXPANDED_ACCESS_KINDS,
}
_FIRST_NUMBER = 90_000_000
_STUDY_TYPES = Weighted({"INTERVENTIONAL": 76, "OBSERVATIONAL": 23, "EXPANDED_ACCESS": 1})
_PHASES: Weighted[tuple[str, ...]] = Weighted(
    {
        ("PHASE2",): 27,
        ("PHASE1",): 20,
        ("PHASE3",): 18,
        ("PHASE4",): 14,
        ("NA",): 8,
        ("PHASE1", "PHASE2"): 7,
        ("PHASE2", "PHASE3"): 3,
        ("EARLY_PHASE1",): 2,
        (): 1,
    }
)
_PHASES_WITHOUT_MEDICINE: Weighted[tuple[str, ...]] = Weighted({("NA",): 95, (): 3, ("PHASE2",): 2})
# Lowest number, highest number, skew toward the lowest.
_SITES = Weighted(
    {
        (0, 0, 1.0): 8,
        (1, 1, 1.0): 66,
        (2, 9, 1.6): 16,
        (10, 99, 1.8): 9,
        (100, 1000, 4.0): 1,
    }
)
_SITES_OF_LATE_INDUSTRY = Weighted(
    {(1, 1, 1.0): 12, (2, 40, 1.2): 38, (40, 160, 1.5): 43, (100, 1000, 3.0): 7}
)
_MONTHS = {"EARLY_PHASE1": 14, "PHASE1": 16, "PHASE2": 32, "PHASE3": 34, "PHASE4": 24}
_PARTICIPANTS = {"EARLY_PHASE1": 18, "PHASE1": 34, "PHASE2": 60, "PHASE3": 280, "PHASE4": 100, "NA": 76}
_WEEKS = {
    "EARLY_PHASE1": (2, 4, 6),
    "PHASE1": (4, 4, 8, 12, 24),
    "PHASE2": (8, 12, 16, 24, 26, 48, 52),
    "PHASE3": (12, 24, 26, 48, 52, 96, 104),
}
_WEEKS_OTHERWISE = (4, 6, 8, 12, 12, 16, 24, 26, 52)
_EARLY_PHASES = {"EARLY_PHASE1", "PHASE1", "PHASE2"}
_LATE_PHASES = {"PHASE3", "PHASE4"}
_NOT_STATED_COUNT = 99_999_999
"""A number that stands for "unknown" in a few records of the registry."""


@dataclass(frozen=True, slots=True)
class Plan:
    nct_id: str
    today: date
    study_type: str
    phases: tuple[str, ...]
    subject: Subject
    population: Population
    test: Treatment | None
    """The treatment that the trial tests; None in some observational studies."""
    regimen: Regimen
    timeline: PlannedTimeline
    sponsor: DemoSponsor
    sites: int
    enrollment: int | None
    outcomes: Outcomes
    investigator: str
    is_long: bool
    """True for the few records that are many times as long as the rest."""
    words: dict[str, str]
    """The values of the placeholders in the text templates."""

    @property
    def has_results(self) -> bool:
        return self.timeline.results_submitted > 0

    @property
    def is_interventional(self) -> bool:
        return self.study_type == "INTERVENTIONAL"

    @property
    def is_randomized(self) -> bool:
        return self.is_interventional and self.regimen.allocation == "RANDOMIZED"

    def fill(self, template: str) -> str:
        return template.format_map(self.words)


def draw_plan(draw: Draw, number: int, today: date) -> Plan:
    study_type = draw.weighted(_STUDY_TYPES)
    subject = draw_subject(draw)
    population = draw_population(draw, subject)
    kind = draw_kind(draw, subject, _KINDS[study_type])
    phases = _phases(draw, study_type, kind)
    first_phase = phases[0] if phases else ""
    sponsor = draw_sponsor(draw, company=draw.chance(_company_share(kind, first_phase)))
    test = _test(draw, study_type, subject, kind, sponsor, first_phase)
    regimen = (
        draw_regimen(draw, subject, test, first_phase)
        if test and study_type == "INTERVENTIONAL"
        else draw_groups(draw, subject, population, test)
    )
    timeline = draw_timeline(
        draw,
        today.toordinal(),
        draw.weighted(EXPANDED_ACCESS_STATUSES if study_type == "EXPANDED_ACCESS" else STATUSES),
        _MONTHS.get(first_phase, 22),
        wants_results=study_type == "INTERVENTIONAL"
        and draw.chance(0.22 if sponsor.is_company or sponsor.agency_class == "NIH" else 0.065),
    )
    sites = _sites(draw, sponsor, timeline, first_phase)
    enrollment = _enrollment(draw, study_type, timeline, first_phase or "NA", sites)
    return Plan(
        nct_id=f"NCT{_FIRST_NUMBER + number}",
        today=today,
        study_type=study_type,
        phases=phases,
        subject=subject,
        population=population,
        test=test,
        regimen=regimen,
        timeline=timeline,
        sponsor=sponsor,
        sites=sites,
        enrollment=enrollment,
        outcomes=draw_outcomes(draw, subject.area, first_phase),
        investigator=coinages.person(draw),
        is_long=draw.chance(0.006),
        words=_words(draw, subject, population, test, regimen, first_phase),
    )


def _phases(draw: Draw, study_type: str, kind: str) -> tuple[str, ...]:
    if study_type != "INTERVENTIONAL":
        return ()
    return draw.weighted(_PHASES if kind in MEDICINES else _PHASES_WITHOUT_MEDICINE)


def _company_share(kind: str, phase: str) -> float:
    if kind in MEDICINES:
        return 0.55 if phase in {"PHASE1", "PHASE2", "PHASE3"} else 0.25
    return 0.25 if kind == "DEVICE" else 0.06


def _test(
    draw: Draw, study_type: str, subject: Subject, kind: str, sponsor: DemoSponsor, phase: str
) -> Treatment | None:
    if study_type == "OBSERVATIONAL" and draw.chance(0.35):
        return None
    has_code = sponsor.is_company and phase in _EARLY_PHASES
    code = f"{sponsor.name[:3].upper()}-{draw.between(101, 9899)}" if has_code else ""
    return draw_treatment(draw, subject, kind, code=code)


def _sites(draw: Draw, sponsor: DemoSponsor, timeline: PlannedTimeline, phase: str) -> int:
    if timeline.status == "WITHDRAWN":
        return draw.between(0, 1)
    late_industry = sponsor.is_company and phase in _LATE_PHASES
    low, high, skew = draw.weighted(_SITES_OF_LATE_INDUSTRY if late_industry else _SITES)
    return low + draw.rank(high - low + 1, skew)


def _enrollment(draw: Draw, study_type: str, timeline: PlannedTimeline, phase: str, sites: int) -> int | None:
    if timeline.status == "WITHDRAWN":
        return 0
    if study_type == "EXPANDED_ACCESS":
        return None
    if not timeline.results_submitted:
        lost = draw.random()
        if lost < 0.0105:
            return None if lost < 0.01 else _NOT_STATED_COUNT
    typical = 200 if study_type == "OBSERVATIONAL" else _PARTICIPANTS[phase]
    count = max(int(draw.lognormvariate(0, 0.95) * typical), 4, sites * 3)
    if timeline.status == "TERMINATED":
        return count // draw.between(2, 12) + 1
    return count if timeline.is_over else count // 10 * 10 or count


def _words(
    draw: Draw,
    subject: Subject,
    population: Population,
    test: Treatment | None,
    regimen: Regimen,
    phase: str,
) -> dict[str, str]:
    weeks = draw.pick(_WEEKS.get(phase, _WEEKS_OTHERWISE))
    words = {
        "disease": subject.phrase,
        "agent": test.name if test else "routine care",
        "comparator": regimen.comparator or subject.area.usual_care,
        "people": population.people,
        "patients": f"{population.people} {subject.disease.link} {subject.phrase}",
    }
    words |= {name.capitalize(): sentence_case(value) for name, value in words.items()}
    return words | {
        "link": subject.disease.link,
        "weeks": str(weeks),
        "months": str(max(3, round(weeks * 12 / 52))),
    }
