"""Study objects as the registry sends them, with boring defaults; a test names only what it is about."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import orjson

from app.ingest.sources.source import RawRecord, Source

_numbers = count(10_000_001)

Study = dict[str, Any]


def study(
    registry_id: str = "",
    *,
    title: str = "A trial",
    acronym: str | None = None,
    status: str | None = "RECRUITING",
    study_type: str = "INTERVENTIONAL",
    phases: Sequence[str] = ("PHASE2",),
    conditions: Sequence[str] = ("Asthma",),
    mesh: Sequence[tuple[str, str]] = (),
    ancestors: Sequence[tuple[str, str]] = (),
    interventions: Sequence[tuple[str, str]] = (("DRUG", "Aspirin"),),
    sponsor: str = "A University",
    sponsor_class: str = "OTHER",
    countries: Sequence[str] = ("France",),
    enrollment: int | None = 100,
    start: str | None = "2024-01-15",
    updated: str = "2026-01-10",
    version: str = "2026-02-01",
    criteria: str | None = "Inclusion Criteria:\n\n* Adults\n\nExclusion Criteria:\n\n* Children",
    has_results: bool = False,
    **protocol_sections: Any,
) -> Study:
    """Build one study; keyword arguments beyond the named ones are merged into protocolSection as whole modules."""
    registry_id = registry_id or f"NCT{next(_numbers):08d}"
    protocol: Study = {
        "identificationModule": {
            "nctId": registry_id,
            "orgStudyIdInfo": {"id": f"ORG-{registry_id[3:]}"},
            "briefTitle": title,
            **({"acronym": acronym} if acronym else {}),
        },
        "statusModule": {
            **({"overallStatus": status} if status else {}),
            **({"startDateStruct": {"date": start, "type": "ACTUAL"}} if start else {}),
            "studyFirstPostDateStruct": {"date": "2023-12-01", "type": "ACTUAL"},
            "lastUpdatePostDateStruct": {"date": updated, "type": "ACTUAL"},
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": sponsor, "class": sponsor_class}},
        "descriptionModule": {"briefSummary": "What it is about."},
        "conditionsModule": {"conditions": list(conditions)},
        "designModule": {
            "studyType": study_type,
            **({"phases": list(phases)} if phases else {}),
            **(
                {"enrollmentInfo": {"count": enrollment, "type": "ESTIMATED"}}
                if enrollment is not None
                else {}
            ),
        },
        "armsInterventionsModule": {
            "interventions": [{"type": kind, "name": name} for kind, name in interventions]
        },
        "eligibilityModule": {
            **({"eligibilityCriteria": criteria} if criteria else {}),
            "sex": "ALL",
            "minimumAge": "18 Years",
            "stdAges": ["ADULT", "OLDER_ADULT"],
        },
        "contactsLocationsModule": {
            "locations": [
                {"facility": f"Hospital {number}", "city": "Town", "country": country}
                for number, country in enumerate(countries, start=1)
            ]
        },
    }
    return {
        "protocolSection": {**protocol, **protocol_sections},
        "derivedSection": {
            "miscInfoModule": {"versionHolder": version},
            "conditionBrowseModule": {
                "meshes": [{"id": identifier, "term": term} for identifier, term in mesh],
                "ancestors": [{"id": identifier, "term": term} for identifier, term in ancestors],
            },
        },
        "hasResults": has_results,
    }


def source(
    studies: Sequence[Study | bytes], *, name: str = "factory.ndjson", is_whole: bool = True
) -> Source:
    """Make a source of studies, or of raw lines of bytes, as a file would be."""
    return Source(
        name=name, key=f"file:///{name}", size=len(studies), records=_records(studies), is_whole=is_whole
    )


def _records(studies: Sequence[Study | bytes]) -> Iterator[RawRecord]:
    for number, item in enumerate(studies, start=1):
        data = item if isinstance(item, bytes) else orjson.dumps(item)
        yield RawRecord(f"line {number}", data, number)
