"""Finds every leaf of a study document, and the words that a reader must find for it on the trial's page.

Written from the registry's field list, not from our normalizer, so that a field that nobody thought of is looked for
too.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html

from app.record import code_lists as words
from app.record.code_lists import CodeList, canonical
from app.text.prose import line, prose
from app.text.wording import date_words

_CITY = "the center of the city, not the site: a pin there would mislead"
_COPY = "not in the registry's structure: an exporter's copy of locations"

NOT_SHOWN = {
    "protocolSection.contactsLocationsModule.locations.geoPoint.lat": _CITY,
    "protocolSection.contactsLocationsModule.locations.geoPoint.lon": _CITY,
    "protocolSection.contactsLocationsModule.locations_nested": _COPY,
    "documentSection.largeDocumentModule.largeDocs.typeAbbrev": "said by the document's label",
    "documentSection.largeDocumentModule.largeDocs.hasProtocol": "said by the document's label",
    "documentSection.largeDocumentModule.largeDocs.hasSap": "said by the document's label",
    "documentSection.largeDocumentModule.largeDocs.hasIcf": "said by the document's label",
}
"""Reasons by path. Every other field must be on the page."""

_ENUMS: dict[str, CodeList] = {
    "overallStatus": words.STATUS,
    "lastKnownStatus": words.STATUS,
    "statusForNctId": words.STATUS,
    "locations.status": words.STATUS,
    "studyType": words.STUDY_TYPE,
    "phases": words.PHASE,
    "allocation": words.ALLOCATION,
    "interventionModel": words.INTERVENTION_MODEL,
    "primaryPurpose": words.PURPOSE,
    "observationalModel": words.OBSERVATIONAL_MODEL,
    "timePerspective": words.TIME_PERSPECTIVE,
    "masking": words.MASKING,
    "whoMasked": words.WHO_MASKED,
    "retention": words.SAMPLES_KEPT,
    "armGroups.type": words.ARM_TYPE,
    "interventions.type": words.INTERVENTION_TYPE,
    "sex": words.SEX,
    "stdAges": words.AGE_GROUP,
    "samplingMethod": words.SAMPLING_METHOD,
    "role": words.ROLE,
    "class": words.SPONSOR_CLASS,
    "responsibleParty.type": words.RESPONSIBLE_PARTY,
    "ipdSharing": words.DATA_SHARING,
    "infoTypes": words.SHARED_DOCUMENT,
    "references.type": words.REFERENCE_TYPE,
    "orgStudyIdInfo.type": words.STUDY_ID_TYPE,
    "secondaryIdInfos.type": words.STUDY_ID_TYPE,
    "unpostedEvents.type": words.RESULTS_STEP,
    "violationEvents.type": words.VIOLATION,
}

_MARKDOWN = re.compile(
    r"\.(briefSummary|detailedDescription|interventionModelDescription|maskingDescription|bioSpec\.description"
    r"|armGroups\.description|interventions\.description|\w+Outcomes\.description|genderDescription|studyPopulation"
    r"|eligibilityCriteria|ipdSharingStatementModule\.description|comment)$"
)
_DATE = re.compile(r"(Date|\.date|Date\.date|DateStruct\.date|uploadDate)$")
_DATE_KINDS = {"ACTUAL": ("actual",), "ESTIMATED": ("planned", "estimated")}

_BULLET = re.compile(r"^\s*(?:\\?[-*+•·●○◦▪■–—]\s*|\(?\w{1,3}\\?[.)、）](?=\D)\s*)*")

_FLAGS = {
    "hasExpandedAccess": "Expanded access",
    "oversightHasDmc": "Data monitoring committee",
    "isFdaRegulatedDrug": "Studies a U.S. FDA-regulated drug",
    "isFdaRegulatedDevice": "Studies a U.S. FDA-regulated device",
    "isUnapprovedDevice": "Device not yet approved by the U.S. FDA",
    "isPpsd": "Pediatric postmarket surveillance of a device",
    "isUsExport": "Made in and exported from the U.S.",
    "fdaaa801Violation": "Found in violation of FDAAA 801",
    "delayedPosting": "Posting delayed until device approval",
    "resultsWaived": "Results waived",
    "patientRegistry": "Patient registry",
    "healthyVolunteers": "Healthy volunteers",
    "genderBased": "Based on gender",
}
_FLAGS_IN_WORDS = {
    "expandedAccessTypes.individual": "Individual patients",
    "expandedAccessTypes.intermediate": "Intermediate-size populations",
    "expandedAccessTypes.treatment": "Treatment protocol",
    "noSap": "No statistical analysis plan",
    "dateUnknown": "date unknown",
}

Leaf = tuple[str, Any]
"""(path without positions, value)"""


def leaves(document: dict[str, Any]) -> Iterator[Leaf]:
    """Yield the leaves that the page must show; `resultsSection` is tested apart."""
    for section in ("protocolSection", "documentSection", "annotationSection"):
        for path, value in _walk(section, document.get(section, {})):
            if path.endswith("eligibilityCriteria"):
                yield from ((path, part) for part in _criteria(value))
            else:
                yield path, value
    derived = document.get("derivedSection", {})
    for module in ("conditionBrowseModule", "interventionBrowseModule"):
        for key in ("meshes", "ancestors"):
            for term in derived.get(module, {}).get(key, ()):
                yield f"derivedSection.{module}.{key}.term", term["term"]


def is_shown(path: str) -> bool:
    return not any(path == hidden or path.startswith(f"{hidden}.") for hidden in NOT_SHOWN)


def expected(path: str, value: Any) -> tuple[str, ...]:
    """Return alternative texts, of which the page must hold at least one."""
    if isinstance(value, bool):
        return _flag(path, value)
    if isinstance(value, int | float):
        return _number(path, value)
    if path.endswith(("DateStruct.type", "enrollmentInfo.type")):
        return _DATE_KINDS[value]
    for ending, vocabulary in _ENUMS.items():
        if path.endswith(f".{ending}"):
            label = vocabulary.label(canonical(value))
            return (label, label.lower(), f"{label.lower()} only")
    if _DATE.search(path):
        return (date_words(value),)
    if _MARKDOWN.search(path):
        return (text_of(str(prose(value))),)
    if path.endswith(("minimumAge", "maximumAge", "targetDuration")):
        return (value.lower(), value.split()[0])
    return (fold(line(value)),)


def _criteria(text: str) -> Iterator[str]:
    """Yield the lines of the criteria without bullets and numbers, which the page sets itself."""
    for written in text.splitlines():
        if re.search(r"\w", part := _BULLET.sub("", written)):
            yield part


def text_of(markup: str) -> str:
    """Return visible text and link targets with white space folded and elements kept apart."""
    if not markup.strip():
        return ""
    document = html.document_fromstring(markup)
    for unwanted in document.xpath("//script | //style | //head"):
        unwanted.drop_tree()
    return fold(" ".join([*document.itertext(), *document.xpath("//a/@href")]))


def fold(text: str) -> str:
    return " ".join(text.split())


def _flag(path: str, value: bool) -> tuple[str, ...]:
    for ending, label in _FLAGS.items():
        if path.endswith(f".{ending}"):
            return (f"{label} {'Yes' if value else 'No'}",)
    for ending, label in _FLAGS_IN_WORDS.items():
        if path.endswith(f".{ending}"):
            return (label,) if value else ("",)
    return (f"no words for the flag {path}",)


def _number(path: str, value: float) -> tuple[str, ...]:
    if path.endswith("largeDocs.size"):
        return (f"{value / 1_048_576:,.1f} MB", f"{value / 1024:,.0f} kB")
    if path.endswith("enrollmentInfo.count") and value == 99_999_999:
        return ("Not stated",)
    return (f"{value:,}",)


def _walk(path: str, value: Any) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(path, inner)
    elif value is not None and value != "":
        yield path, value
