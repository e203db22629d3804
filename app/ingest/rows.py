"""A TrialRecord as table rows: pure functions, one a table. Names get their ids in write.py."""

from collections import Counter

from app.concepts.names import natural_order
from app.record import PartialDate, TrialRecord
from app.search.conditions import slug_of

Row = dict[str, object]


def trial_row(trial_id: int, record: TrialRecord) -> Row:
    dates = record.dates
    return {
        "id": trial_id,
        "registry_name": record.registry,
        "registry_id": record.registry_id,
        "is_synthetic": record.is_synthetic,
        "title": record.title,
        "acronym": record.acronym,
        "status": record.status,
        "study_type": record.design.study_type,
        "sex": record.eligibility.sex,
        "minimum_age": record.eligibility.minimum_age,
        "maximum_age": record.eligibility.maximum_age,
        "enrollment": record.design.enrollment,
        "enrollment_kind": record.design.enrollment_kind,
        "start_date": _text(dates.start),
        "primary_completion_date": _text(dates.primary_completion),
        "completion_date": _text(dates.completion),
        "first_posted": _text(dates.first_posted),
        "last_update_posted": _text(dates.last_update_posted),
        "has_results": record.has_results,
        "location_count": len(record.locations),
    }


def phase_rows(trial_id: int, record: TrialRecord) -> list[Row]:
    return [{"trial_id": trial_id, "phase": phase} for phase in dict.fromkeys(record.design.phases)]


def age_group_rows(trial_id: int, record: TrialRecord) -> list[Row]:
    groups = dict.fromkeys(record.eligibility.age_groups)
    return [{"trial_id": trial_id, "age_group": group} for group in groups]


def alias_rows(trial_id: int, record: TrialRecord) -> list[Row]:
    return [{"trial_id": trial_id, "alias": alias} for alias in dict.fromkeys(record.aliases)]


def location_rows(trial_id: int, record: TrialRecord) -> list[Row]:
    return [
        {
            "trial_id": trial_id,
            "position": position,
            "facility": location.facility,
            "status": location.status,
            "city": location.city,
            "state": location.state,
            "country": location.country,
            "latitude": location.latitude,
            "longitude": location.longitude,
        }
        for position, location in enumerate(record.locations)
    ]


def country_rows(trial_id: int, record: TrialRecord) -> list[Row]:
    countries = [location.country for location in record.locations if location.country]
    names = {slug_of(country): country for country in countries}
    return [
        {"trial_id": trial_id, "slug": slug, "country": names[slug], "location_count": count}
        for slug, count in Counter(map(slug_of, countries)).items()
    ]


def stated_condition_rows(trial_id: int, record: TrialRecord) -> list[Row]:
    return [
        {"trial_id": trial_id, "position": position, "name": name}
        for position, name in enumerate(record.conditions)
    ]


def full_text_row(trial_id: int, record: TrialRecord) -> Row:
    """What free text searches, by the columns of `app.search.text.COLUMN_WEIGHTS`."""
    outcomes = (*record.primary_outcomes, *record.secondary_outcomes, *record.other_outcomes)
    other_ids = (record.organisation_study_id, *record.secondary_ids)
    sponsors = (record.lead_sponsor, *record.collaborators)
    return {
        "trial_id": trial_id,
        "title": _join(record.brief_title, record.official_title),
        "acronym": record.acronym or "",
        "ids": _join(record.registry_id, *record.aliases, *(other.id for other in other_ids if other)),
        "conditions": _join(
            *record.conditions,
            *(natural_order(term.name) for term in record.condition_terms.concepts),
        ),
        "interventions": _join(
            *(item.name for item in record.interventions),
            *(name for item in record.interventions for name in item.other_names),
            *(natural_order(term.name) for term in record.intervention_terms.concepts),
        ),
        "keywords": _join(*record.keywords),
        "sponsors": _join(*(sponsor.name for sponsor in sponsors if sponsor)),
        "summary": record.brief_summary or "",
        "outcomes": _join(*(outcome.measure for outcome in outcomes)),
        "criteria": _join(record.eligibility.criteria, record.eligibility.population),
        "description": _join(
            record.detailed_description,
            *(arm.label for arm in record.arms),
            *(arm.description for arm in record.arms),
            *(item.description for item in record.interventions),
        ),
    }


def _text(date: PartialDate | None) -> str | None:
    return date.text if date else None


def _join(*texts: str | None) -> str:
    return "\n".join(text for text in texts if text)
