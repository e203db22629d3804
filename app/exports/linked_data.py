"""Metadata of a trial page for machines: JSON-LD with the terms of schema.org, and OpenGraph for link previews."""

import json
from collections.abc import Iterable
from itertools import islice

from app.record.code_lists import STUDY_ID_TYPE
from app.record.trial import MeshTerm, TrialRecord
from app.registries import registry_named
from app.text.prose import line

SITE_NAME = "Trialmark"
SYNTHETIC = "Synthetic record, made up by Trialmark: no such trial exists."

Thing = dict[str, object]

_TYPES = {
    "interventional": "MedicalTrial",
    "expanded-access": "MedicalTrial",
    "observational": "MedicalObservationalStudy",
}
# MedicalStudyStatus has no member for an unknown status, nor for those of expanded access.
_STATUSES = {
    "active-not-recruiting": "ActiveNotRecruiting",
    "completed": "Completed",
    "enrolling-by-invitation": "EnrollingByInvitation",
    "not-yet-recruiting": "NotYetRecruiting",
    "recruiting": "Recruiting",
    "suspended": "Suspended",
    "terminated": "Terminated",
    "withdrawn": "Withdrawn",
}
# Kinds of MedicalEntity. The registry's other types are wider than any of schema.org's.
_SUBJECTS = {
    "drug": "Drug",
    "device": "MedicalDevice",
    "procedure": "MedicalProcedure",
    "dietary-supplement": "DietarySupplement",
    "diagnostic-test": "MedicalTest",
}
_MOST_NAMES = 50
"""Limit for conditions and for interventions; a basket trial names hundreds."""
_IN_SCRIPT = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def linked_data(record: TrialRecord, *, url: str, description: str) -> str:
    """Return the record as JSON text that is safe inside `<script type="application/ld+json">`.

    It is a MedicalTrial or a MedicalObservationalStudy of schema.org, or for a record that does not say which, a
    MedicalStudy, the parent of both. None of them has a property for the phase.
    """
    type_name = _TYPES.get(record.design.study_type or "", "MedicalStudy")
    name = line(record.title) or record.registry_id
    other_names = (line(text) for text in (record.official_title, record.acronym) if text)
    data = _thing(
        type_name,
        name=name,
        alternateName=list(dict.fromkeys(other for other in other_names if other and other != name)),
        description=line(description),
        disambiguatingDescription=SYNTHETIC if record.is_synthetic else "",
        url=url,
        sameAs="" if record.is_synthetic else record.registry_url,
        identifier=_identifiers(record),
        code=_study_code(record),
        status=_status(record),
        sponsor=_sponsor(record),
        healthCondition=_conditions(record),
        studySubject=_subjects(record),
        studyLocation=_countries(record),
        trialDesign=_members(_trial_design(record)) if type_name == "MedicalTrial" else [],
        studyDesign=_members(_study_design(record)) if type_name == "MedicalObservationalStudy" else [],
    )
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_IN_SCRIPT)


def open_graph(
    record: TrialRecord, *, url: str, status_label: str, phase_words: str
) -> tuple[tuple[str, str], ...]:
    """Return (property, content) of each `<meta>` (ogp.me), as plain text for the template to escape."""
    facts = ("Synthetic record" if record.is_synthetic else "", status_label, phase_words, record.registry_id)
    return (
        ("og:type", "website"),
        ("og:site_name", SITE_NAME),
        ("og:title", line(record.title) or record.registry_id),
        ("og:description", ", ".join(shown for fact in facts if (shown := line(fact)))),
        ("og:url", url),
    )


def _thing(type_name: str, **properties: object) -> Thing:
    return {"@type": type_name, **{name: value for name, value in properties.items() if value}}


def _members(names: Iterable[str]) -> list[str]:
    return [f"https://schema.org/{name}" for name in names]


def _identifiers(record: TrialRecord) -> list[Thing]:
    registry = SITE_NAME if record.is_synthetic else registry_named(record.registry).label
    others = (record.organization_study_id, *record.secondary_ids)
    identifiers = [(registry, registry_id) for registry_id in (record.registry_id, *record.aliases)] + [
        (other.domain or (STUDY_ID_TYPE.label(other.type) if other.type else "Other study id"), other.id)
        for other in others
        if other
    ]
    lines = dict.fromkeys((line(kind), line(value)) for kind, value in identifiers)
    return [_thing("PropertyValue", propertyID=kind, value=value) for kind, value in lines if value]


def _study_code(record: TrialRecord) -> Thing | None:
    """Return the registry number as a code.

    schema.org, MedicalStudy: "use the code property of MedicalEntity to store study IDs".
    """
    if record.is_synthetic:
        return None
    system = registry_named(record.registry).label
    return _thing("MedicalCode", codeValue=line(record.registry_id), codingSystem=system)


def _status(record: TrialRecord) -> list[str]:
    names = [_STATUSES.get(record.status or "", ""), "ResultsAvailable" if record.has_results else ""]
    return _members(filter(None, names))


def _sponsor(record: TrialRecord) -> Thing | None:
    sponsor = record.lead_sponsor
    if not sponsor or not (name := line(sponsor.name)):
        return None
    return _thing("Person" if sponsor.sponsor_class == "indiv" else "Organization", name=name)


def _conditions(record: TrialRecord) -> list[Thing]:
    """List the conditions as the record names them, then further MeSH terms that the registry gave it."""
    concepts = record.condition_terms.concepts
    names = _distinct((*record.conditions, *(concept.name for concept in concepts)))
    codes = _codes(concepts)
    return [_thing("MedicalCondition", name=name, code=codes.get(key)) for key, name in names.items()]


def _subjects(record: TrialRecord) -> list[Thing]:
    types = {line(item.name or "").casefold(): item.type for item in reversed(record.interventions)}
    names = _distinct(item.name for item in record.interventions)
    codes = _codes(record.intervention_terms.concepts)
    return [
        _thing(_SUBJECTS.get(types[key] or "", "MedicalEntity"), name=name, code=codes.get(key))
        for key, name in names.items()
    ]


def _distinct(names: Iterable[str | None]) -> dict[str, str]:
    """Return each name once, by its form without case, in its first spelling; at most the first _MOST_NAMES."""
    first: dict[str, str] = {}
    for name in names:
        if name and (text := line(name)):
            first.setdefault(text.casefold(), text)
    return dict(islice(first.items(), _MOST_NAMES))


def _codes(concepts: Iterable[MeshTerm]) -> dict[str, Thing]:
    return {
        line(concept.name).casefold(): _thing("MedicalCode", codeValue=line(concept.id), codingSystem="MeSH")
        for concept in concepts
        if line(concept.id)
    }


def _countries(record: TrialRecord) -> list[Thing]:
    """List the countries, each an AdministrativeArea; sites are left out, as one trial can have over a thousand."""
    names = _distinct(site.country for site in record.locations)
    return [_thing("Country", name=name) for name in names.values()]


def _trial_design(record: TrialRecord) -> list[str]:
    sites, countries = len(record.locations), len(_countries(record))
    design = {
        "RandomizedTrial": record.design.allocation == "randomized",
        "PlaceboControlledTrial": any(arm.type == "placebo-comparator" for arm in record.arms),
        "SingleCenterTrial": sites == 1,
        "MultiCenterTrial": sites > 1,
        "InternationalTrial": countries > 1,
    }
    return [*_masking(record), *(name for name, is_so in design.items() if is_so)]


def _masking(record: TrialRecord) -> list[str]:
    """Return the member whose definition the record meets, if the registry also calls the masking so.

    schema.org: in a SingleBlindedTrial the patient does not know the treatment and the researcher does; in a
    DoubleBlindedTrial neither knows; in a TripleBlindedTrial the person who gives it does not know either. The
    registry's "single" may mean an assessor alone, which is not a SingleBlindedTrial.
    """
    who = set(record.design.who_masked)
    patient = "participant" in who
    researcher = bool(who & {"investigator", "outcomes-assessor"})
    giver = "care-provider" in who
    match record.design.masking:
        case "none":
            return ["OpenTrial"]
        case "single" if patient or not who:
            return ["SingleBlindedTrial"]
        case "double" if (patient and researcher) or not who:
            return ["DoubleBlindedTrial"]
        case "triple" | "quadruple" if (patient and researcher and giver) or not who:
            return ["TripleBlindedTrial"]
        case _:
            return []


def _study_design(record: TrialRecord) -> list[str]:
    """Return the designs that schema.org has a member for; any observational study is at least Observational."""
    design = {
        "CohortStudy": record.design.observational_model == "cohort",
        "CrossSectional": record.design.time_perspective == "cross-sectional",
        "Registry": bool(record.design.is_patient_registry),
    }
    return [name for name, is_so in design.items() if is_so] or ["Observational"]
