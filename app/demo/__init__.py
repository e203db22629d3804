"""The built-in synthetic registry: studies in the JSON shape of ClinicalTrials.gov.

With them the whole program can be shown, tested and measured without a network. Ingest reads them like a downloaded
file.

    draw -> world -> plan -> modules -> a study
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from app.demo.draw import Draw
from app.demo.modules.arms import arms_module
from app.demo.modules.conditions import conditions_module, derived_section
from app.demo.modules.description import description_module
from app.demo.modules.design import design_module
from app.demo.modules.eligibility import eligibility_module
from app.demo.modules.identification import identification_module
from app.demo.modules.locations import locations_module
from app.demo.modules.outcomes import outcomes_module
from app.demo.modules.results import results_section
from app.demo.modules.sharing import document_section, references_module, sharing_module
from app.demo.modules.sponsors import oversight_module, sponsor_module
from app.demo.modules.status import status_module
from app.demo.plan import Plan, draw_plan

_PROTOCOL = {
    "identificationModule": identification_module,
    "statusModule": status_module,
    "sponsorCollaboratorsModule": sponsor_module,
    "oversightModule": oversight_module,
    "descriptionModule": description_module,
    "conditionsModule": conditions_module,
    "designModule": design_module,
    "armsInterventionsModule": arms_module,
    "outcomesModule": outcomes_module,
    "eligibilityModule": eligibility_module,
    "contactsLocationsModule": locations_module,
    "referencesModule": references_module,
    "ipdSharingStatementModule": sharing_module,
}
_NOT_IN_EXPANDED_ACCESS = {"outcomesModule", "ipdSharingStatementModule"}


def studies(trials: int, *, seed: int = 2026, today: date | None = None) -> Iterator[dict[str, Any]]:
    """Yield `trials` made-up studies, numbered from NCT90000000.

    A study depends only on its number, the seed and the day, not on the number of studies. Dates lie around today, so
    that some studies are always recruiting.
    """
    today = today or datetime.now(UTC).date()
    for number in range(trials):
        draw = Draw(f"{seed}:{number}")
        yield _study(draw, draw_plan(draw, number, today))


def _study(draw: Draw, plan: Plan) -> dict[str, Any]:
    study: dict[str, Any] = {"protocolSection": _protocol_section(draw, plan)}
    if plan.has_results:
        study["resultsSection"] = results_section(draw, plan)
    if documents := document_section(draw, plan):
        study["documentSection"] = documents
    study["derivedSection"] = derived_section(draw, plan)
    study["hasResults"] = plan.has_results
    return study


def _protocol_section(draw: Draw, plan: Plan) -> dict[str, Any]:
    left_out = _NOT_IN_EXPANDED_ACCESS if plan.study_type == "EXPANDED_ACCESS" else ()
    written = {name: write(draw, plan) for name, write in _PROTOCOL.items() if name not in left_out}
    return {name: module for name, module in written.items() if module}
