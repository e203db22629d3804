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
    """Turns a stored document into a record; raises RecordError."""
    fingerprint: Callable[[dict[str, Any]], bytes]
    """The document as bytes, without fields that the registry changes daily. Equal bytes mean an unchanged trial."""
    release: Callable[[dict[str, Any]], str | None]
    """The release (the registry's own day of data) that a document states."""
    missing_fields: Callable[[dict[str, Any]], tuple[str, ...]]
    """The fields that the registry requires of every document and that this one lacks."""
    condition_terms: Callable[[dict[str, Any]], Terms]
    """The condition terms of a document that can be normalized: the same as its record's, but much faster to read."""
    canonical_id: Callable[[str], str | None]
    """Turns an id in any common spelling into the registry's own form; None for anything else."""
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
