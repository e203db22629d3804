"""Derived rows change only where DERIVATION is raised, too."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app import demo
from app.conditions.mesh.read import open_mesh
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.ingest.long_work.relink import relink_everything
from app.models import DERIVATION
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conftest import Ingest
from tests.every_field import STUDY
from tests.factories import Study, study
from tests.support.contents import derived_contents

OF_DERIVATION = 1
FINGERPRINTS = {
    "concept": "7c817913623d",
    "concept_name": "94d60673b51e",
    "concept_tree": "f8d505288d71",
    "condition": "cffb35700701",
    "condition_broader": "c40b241f4f74",
    "due_name": "4f53cda18c2b",
    "facet_posting": "86cf29432377",
    "intervention": "9d3afd1d0c88",
    "long_work": "4f53cda18c2b",
    "registry_term": "00a1fe0a3bde",
    "registry_term_above": "54bd434d3103",
    "source_document": "ba869753b1d1",
    "sponsor": "57bef6ea106b",
    "suggestion": "2958da0c59f7",
    "suggestion_word": "7fd7fdebdaf5",
    "trial": "f81ab7169a6b",
    "trial_abbreviation": "e827618b656d",
    "trial_age_group": "9f2980ab241a",
    "trial_alias": "0e331015b4c9",
    "trial_condition": "3c04d87333b6",
    "trial_country": "6dccba5c6dc4",
    "trial_intervention": "217109de245d",
    "trial_listing": "4f000b2f8a27",
    "trial_phase": "73d6f36eadf8",
    "trial_sponsor": "b6ca2b70ba54",
    "trial_text": "153704cfbb39",
    "trial_trace": "68e736f18243",
    "vocabulary": "29fd426b5c8f",
}

MESH = (
    descriptor(
        "Leukemia, Myeloid, Acute", "D015470", trees=["C04.557.337.539.275"], tagged=[("ANLL", "ABB")]
    ),
    descriptor("Leukemia", "D007938", trees=["C04.557.337"]),
    descriptor("Gout", "D006073", trees=["C05.550"], synonyms=["Podagra"]),
)


def studies() -> list[Study]:
    """Make studies: one with every field, some whose names overlap, and synthetic ones of a fixed day."""
    return [
        STUDY,
        study(
            "NCT00000001",
            title="Acute myeloid leukemia (AML) or gouty thing (GTH)",
            conditions=["AML", "Severe gout", "Back pain"],
            mesh=[("D015470", "Leukemia, Myeloid, Acute"), ("D000001", "Thing, Gouty")],
            ancestors=[("D007938", "Leukemia")],
            acronym="STAR",
            interventions=[("DRUG", "Aspirin 100 mg"), ("DEVICE", "Stent")],
            countries=["France", "Peru", "France"],
        ),
        study("NCT00000002", conditions=["GTH", "podagra", "back pain"], status=None, enrollment=None),
        study("NCT00000003", conditions=[], interventions=[], phases=[], countries=[], acronym="Star"),
        *demo.studies(25, today=date(2026, 1, 15)),
    ]


@pytest.fixture
def fingerprints(engine: Engine, ingest: Ingest, tmp_path: Path) -> dict[str, str]:
    """Return a fingerprint of each table derived from the studies, with MeSH loaded."""
    replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, *MESH)), lambda *_: None)
    relink_everything(engine, lambda *_: None)
    ingest(studies())
    derived = derived_contents(engine)
    del derived["data_version"], derived["unlisted_trial"]
    return {table: sha256(repr(rows).encode()).hexdigest()[:12] for table, rows in sorted(derived.items())}


def test_derived_rows_change_only_when_derivation_is_raised(fingerprints: dict[str, str]) -> None:
    changed = sorted(
        table for table in fingerprints | FINGERPRINTS if fingerprints.get(table) != FINGERPRINTS.get(table)
    )
    found = "".join(f'\n    "{table}": "{fingerprint}",' for table, fingerprint in fingerprints.items())
    if changed and DERIVATION == OF_DERIVATION:
        pytest.fail(
            f"the same documents now give other rows in {', '.join(changed)}. If that is intended, raise "
            "DERIVATION in app/models/revision.py, so that existing databases ask for "
            f"'trialmark reindex'. Then set OF_DERIVATION here to the same number, and FINGERPRINTS to:{found}"
        )
    if changed or DERIVATION != OF_DERIVATION:
        pytest.fail(
            f"DERIVATION is now {DERIVATION}: set OF_DERIVATION here to the same, and FINGERPRINTS to:{found}\n"
            "If no fingerprint has changed, DERIVATION need not have been raised."
        )
