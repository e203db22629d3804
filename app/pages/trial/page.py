"""/trials/{registry_id}: the page, its stored document as JSON, its citations, and addresses that redirect to it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from markupsafe import Markup
from orjson import loads

from app.exports.citation import Cite, bibtex, plain_citation, ris
from app.exports.handoff import handoff_card
from app.exports.linked_data import linked_data, open_graph
from app.pages.parts.frame import Frame, frame
from app.pages.trial.administration import (
    access_facts,
    identity_facts,
    indexing_facts,
    oversight_facts,
    sponsor_facts,
    submission_facts,
)
from app.pages.trial.arms import ArmRow, InterventionRow, arm_rows, intervention_rows
from app.pages.trial.facts import (
    Fact,
    date_facts,
    design_facts,
    posting_facts,
    status_facts,
    who_facts,
)
from app.pages.trial.headline import HeadlineNumber, headline_numbers
from app.pages.trial.lookup import StoredTrial, find_trial, unknown_trial
from app.pages.trial.references import (
    LinkLine,
    ReferenceLine,
    link_lines,
    reference_lines,
    sharing_facts,
)
from app.pages.trial.results import ResultsPart, results_part
from app.pages.trial.sites import Sites, sites_of
from app.pages.trial.timeline import Timeline, timeline
from app.reading.contradictions import contradictions
from app.reading.criteria import Criteria, read_criteria
from app.reading.notes import TrustNote, trust_notes
from app.record.code_lists import NOT_STATED_LABEL, STATUS, STUDY_TYPE
from app.record.trial import TrialRecord
from app.registries import canonical_id, registry_named
from app.text.prose import line
from app.text.visible import visible, visible_words
from app.text.wording import date_words, phase_words
from app.web.state import AppState, Data, Reader, State

router = APIRouter(include_in_schema=False)
_READ = ["GET", "HEAD"]
_LONGEST_WANTED = 100


@dataclass(frozen=True, slots=True)
class TrialPage:
    frame: Frame
    record: TrialRecord
    title: str
    status: str
    status_label: str
    stage: tuple[str, ...]
    """Phase and study type in words, as far as they apply."""
    numbers: tuple[HeadlineNumber, ...]
    status_facts: tuple[Fact, ...]
    notes: tuple[TrustNote, ...]
    who: tuple[Fact, ...]
    criteria: Criteria | None
    design: tuple[Fact, ...]
    arms: tuple[ArmRow, ...]
    interventions: tuple[InterventionRow, ...]
    outcomes: tuple[tuple[str, tuple[object, ...]], ...]
    results: ResultsPart | None
    sites: Sites
    dates: tuple[Fact, ...]
    timeline: Timeline | None
    details: tuple[tuple[str, tuple[Fact, ...]], ...]
    """(heading, facts) of the record's administrative data."""
    references: tuple[ReferenceLine, ...]
    links: tuple[LinkLine, ...]
    sharing: tuple[Fact, ...]
    registry_label: str
    results_url: str
    """Where the registry shows the posted results; the record itself where it has no such page."""
    fetched: str
    data_date: str
    unlisted_since: str
    """The date in words; empty while the registry lists the trial."""
    url: str
    json_url: str
    card: str
    citation: str
    linked_data: Markup


@router.api_route("/trials/{registry_id}.json", methods=_READ)
def trial_document(registry_id: str, data: Data) -> Response:
    found = find_trial(data.session, registry_id)
    if found is None:
        raise unknown_trial(data.session, registry_id)
    return Response(found.source.received, media_type="application/json")


@router.api_route("/trials/{registry_id}.ris", methods=_READ)
def trial_ris(registry_id: str, request: Request, state: State, data: Data) -> Response:
    return _citation(registry_id, request, state, data, ris, "application/x-research-info-systems")


@router.api_route("/trials/{registry_id}.bib", methods=_READ)
def trial_bibtex(registry_id: str, request: Request, state: State, data: Data) -> Response:
    return _citation(registry_id, request, state, data, bibtex, "application/x-bibtex")


@router.api_route("/trials/{registry_id}/criteria.txt", methods=_READ)
def trial_criteria(registry_id: str, data: Data) -> Response:
    """Answer with the criteria in the registry's own wording and order; the page shows them as items."""
    found = find_trial(data.session, registry_id)
    if found is None:
        raise unknown_trial(data.session, registry_id)
    record = _record(found)
    return PlainTextResponse(visible(record.eligibility.criteria or "") or NOT_STATED_LABEL)


@router.api_route("/trials/{registry_id}", methods=_READ)
def trial(
    registry_id: str,
    request: Request,
    state: State,
    data: Data,
    sites: Annotated[str, Query(description="Only sites that hold these words.")] = "",
) -> Response:
    found = find_trial(data.session, registry_id)
    if found is None:
        raise unknown_trial(data.session, registry_id)
    if found.trial.registry_id != registry_id:
        return _moved(found.trial.registry_id)
    page = build(request, state, data, found, sites)
    return state.renderer.page(request, "trial.html", page, edition=data.edition)


@router.api_route("/study/{registry_id}", methods=_READ)
@router.api_route("/ct2/show/{registry_id}", methods=_READ)
def trial_elsewhere(registry_id: str, data: Data) -> Response:
    """Redirect the paths of the registry's own site, so that its links work with only the host changed."""
    found = find_trial(data.session, registry_id)
    return _moved(found.trial.registry_id if found else canonical_id(registry_id) or registry_id)


def build(request: Request, state: AppState, data: Reader, found: StoredTrial, sites: str) -> TrialPage:
    record, source = _record(found), found.source
    criteria = read_criteria(record.eligibility.criteria)
    title = line(record.title)
    status_label = STATUS.label(record.status) if record.status else f"Status {NOT_STATED_LABEL.lower()}"
    stage = _stage(record)
    path = f"/trials/{record.registry_id}"
    url = state.renderer.absolute(request, path)
    registry = registry_named(found.trial.registry_name)
    registry_label = registry.label
    retrieved = date_words(source.fetched_at.date().isoformat())
    description = ", ".join((status_label, *stage, record.registry_id))
    return TrialPage(
        frame=frame(
            request,
            state,
            data.freshness,
            f"{title} ({record.registry_id})" if title != record.registry_id else title,
            path=path,
            description=description,
            is_indexed=not record.is_synthetic,
            open_graph=open_graph(record, url=url, status_label=status_label, phase_words=", ".join(stage)),
        ),
        record=record,
        title=title,
        status=record.status or "not-stated",
        status_label=status_label,
        stage=stage,
        numbers=headline_numbers(record),
        status_facts=status_facts(record),
        notes=(*trust_notes(record, data.today), *contradictions(record, criteria)),
        who=who_facts(record),
        criteria=criteria,
        design=design_facts(record),
        arms=arm_rows(record),
        interventions=intervention_rows(record),
        outcomes=(
            ("Primary outcomes", record.primary_outcomes),
            ("Secondary outcomes", record.secondary_outcomes),
            ("Other outcomes", record.other_outcomes),
        ),
        results=results_part(record.results) if record.results else None,
        sites=sites_of(record, visible_words(sites, _LONGEST_WANTED)),
        dates=date_facts(record),
        timeline=timeline(record, data.today),
        details=_details(record),
        references=reference_lines(record),
        links=link_lines(record),
        sharing=sharing_facts(record),
        registry_label=registry_label,
        results_url=registry.results_url(record.registry_id) or record.registry_url,
        fetched=retrieved,
        data_date=date_words(source.release) if source.release else "",
        unlisted_since=date_words(found.unlisted_since) if found.unlisted_since else "",
        url=path,
        json_url=f"{path}.json",
        card=handoff_card(record, criteria, url=url, registry_label=registry_label, retrieved=retrieved),
        citation=plain_citation(record, url=url, retrieved=source.fetched_at.date()),
        linked_data=Markup(linked_data(record, url=state.renderer.public(path), description=description)),  # noqa: S704  linked_data() escapes it for a script
    )


def _details(record: TrialRecord) -> tuple[tuple[str, tuple[Fact, ...]], ...]:
    groups = (
        ("Identity", identity_facts(record)),
        ("Responsibility", sponsor_facts(record)),
        ("Oversight", oversight_facts(record)),
        ("Expanded access", access_facts(record)),
        ("Record history", posting_facts(record)),
        ("Results and notices", submission_facts(record)),
        ("Indexing by the registry (MeSH)", indexing_facts(record)),
    )
    return tuple((heading, facts) for heading, facts in groups if facts)


def _stage(record: TrialRecord) -> tuple[str, ...]:
    design = record.design
    study_type = (STUDY_TYPE.label(design.study_type),) if design.study_type else ()
    if design.study_type not in (None, "interventional"):
        return study_type
    if design.phases == ("na",):
        return ("Phase not applicable", *study_type)
    phase = phase_words(design.phases) if design.phases else f"Phase {NOT_STATED_LABEL.lower()}"
    return (phase, *study_type)


def _citation(
    registry_id: str, request: Request, state: AppState, data: Reader, cite: Cite, media_type: str
) -> Response:
    """Answer with a citation as a file for reference managers, named after the trial."""
    found = find_trial(data.session, registry_id)
    if found is None:
        raise unknown_trial(data.session, registry_id)
    record, source = _record(found), found.source
    url = state.renderer.absolute(request, f"/trials/{record.registry_id}")
    text = cite(record, url=url, retrieved=source.fetched_at.date())
    name = f"{record.registry_id}.{request.url.path.rpartition('.')[2]}"
    return Response(
        text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _record(found: StoredTrial) -> TrialRecord:
    document = loads(found.source.received)
    return registry_named(found.trial.registry_name).normalize(document)


def _moved(registry_id: str) -> Response:
    return RedirectResponse(f"/trials/{registry_id}", status_code=301)
