"""The sources of trials. A new registry is one folder beside `ctgov` and one line in REGISTRIES."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.record.trial import Terms, TrialRecord
from app.registries.ctgov import normalise as ctgov


@dataclass(frozen=True, slots=True)
class Registry:
    name: str
    label: str
    home: str
    normalise: Callable[[dict[str, Any]], TrialRecord]
    """One stored document to a record; raises RecordError."""
    fingerprint: Callable[[dict[str, Any]], bytes]
    """The document's bytes without what the registry changes daily: equal bytes are an unchanged trial."""
    release: Callable[[dict[str, Any]], str | None]
    """The day of the registry's own data that a document is of, as it states it."""
    missing_fields: Callable[[dict[str, Any]], tuple[str, ...]]
    """What the registry requires of every document and this one does not have."""
    condition_terms: Callable[[dict[str, Any]], Terms]
    """What a document that can be normalised is indexed with: the same as its record's, in a fraction of the time."""
    canonical_id: Callable[[str], str | None]
    """The registry's own form of an id written in any way people write it, or None."""
    record_url: Callable[[str], str]


CTGOV = Registry(
    name="ctgov",
    label="ClinicalTrials.gov",
    home="https://clinicaltrials.gov",
    normalise=ctgov.normalise,
    fingerprint=ctgov.fingerprint,
    release=ctgov.release,
    missing_fields=ctgov.missing_fields,
    condition_terms=ctgov.condition_terms,
    canonical_id=ctgov.canonical_id,
    record_url=ctgov.record_url,
)

REGISTRIES: tuple[Registry, ...] = (CTGOV,)


def registry_named(name: str) -> Registry:
    return next(registry for registry in REGISTRIES if registry.name == name)
