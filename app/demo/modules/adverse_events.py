"""Writes adverseEventsModule of a results section."""

from typing import Any

from app.demo.draw import Draw
from app.demo.modules.reporting import ReportedGroup, described
from app.demo.plan import Plan

_OTHER_EVENTS = {
    "Headache": "Nervous system disorders",
    "Nausea": "Gastrointestinal disorders",
    "Diarrhea": "Gastrointestinal disorders",
    "Fatigue": "General disorders",
    "Nasopharyngitis": "Infections and infestations",
    "Back pain": "Musculoskeletal and connective tissue disorders",
    "Rash": "Skin and subcutaneous tissue disorders",
    "Dizziness": "Nervous system disorders",
    "Cough": "Respiratory, thoracic and mediastinal disorders",
    "Insomnia": "Psychiatric disorders",
}
_SERIOUS_EVENTS = {
    "Pneumonia": "Infections and infestations",
    "Dehydration": "Metabolism and nutrition disorders",
    "Syncope": "Nervous system disorders",
    "Acute kidney injury": "Renal and urinary disorders",
    "Pulmonary embolism": "Respiratory, thoracic and mediastinal disorders",
    "Fall": "Injury, poisoning and procedural complications",
}


def adverse_events_module(draw: Draw, plan: Plan, groups: list[ReportedGroup]) -> dict[str, Any]:
    serious = [draw.between(0, group.started // 8) for group in groups]
    other = [draw.between(0, group.started) for group in groups]
    event_groups = [
        {
            **description,
            "deathsNumAffected": draw.between(0, with_serious // 3),
            "deathsNumAtRisk": group.started,
            "seriousNumAffected": with_serious,
            "seriousNumAtRisk": group.started,
            "otherNumAffected": with_other,
            "otherNumAtRisk": group.started,
        }
        for description, group, with_serious, with_other in zip(
            described("EG", groups), groups, serious, other, strict=True
        )
    ]
    return {
        "frequencyThreshold": "5",
        "timeFrame": plan.fill("From the first treatment to week {weeks}"),
        "description": "Events were asked about at every visit.",
        "eventGroups": event_groups,
        "seriousEvents": _events(draw, _SERIOUS_EVENTS, groups, serious),
        "otherEvents": _events(draw, _OTHER_EVENTS, groups, other),
    }


def _events(
    draw: Draw, terms: dict[str, str], groups: list[ReportedGroup], affected: list[int]
) -> list[dict[str, Any]]:
    return [
        {
            "term": term,
            "organSystem": terms[term],
            "sourceVocabulary": "MedDRA 26.0",
            "assessmentType": "SYSTEMATIC_ASSESSMENT",
            "stats": [
                {
                    "groupId": f"EG{place:03}",
                    "numAffected": draw.between(0, affected[place]),
                    "numAtRisk": group.started,
                }
                for place, group in enumerate(groups)
            ],
        }
        for term in draw.several(tuple(terms), draw.between(2, len(terms)))
    ]
