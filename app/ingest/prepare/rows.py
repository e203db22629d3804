"""A TrialRecord as table rows: pure functions, one per table. Trials and names get their ids in ingest.write.trials."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import SQLModel

from app.conditions.names.same_name import natural_order
from app.database.bulk import Row, Values
from app.index.text_columns import COLUMN_WEIGHTS
from app.models import ListedFacts, TrialAgeGroup, TrialAlias, TrialCountry, TrialListing, TrialPhase
from app.record.trial import Organization, PartialDate, TrialRecord
from app.text.slugs import slug_of

_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class TrialTable:
    """A table whose rows each belong to one trial."""

    model: type[SQLModel]
    columns: tuple[str, ...]
    """The columns of the rows; `trial_id` comes before them."""
    rows: Callable[[TrialRecord], Sequence[Values]]


class NamedIntervention(NamedTuple):
    position: int
    slug: str | None
    """None where the record gives no name."""
    name: str | None
    type: str | None


class NamedSponsor(NamedTuple):
    slug: str
    name: str
    role: str
    sponsor_class: str | None


def trial_row(record: TrialRecord) -> Row:
    dates = record.dates
    return {
        "registry_name": record.registry,
        "registry_id": record.registry_id,
        "registry_number": _number(record.registry_id),
        "is_synthetic": record.is_synthetic,
        "title": record.title,
        "acronym": _in_one_line(record.acronym) if record.acronym else None,
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


def _phases(record: TrialRecord) -> list[Values]:
    return [(phase,) for phase in dict.fromkeys(record.design.phases)]


def _age_groups(record: TrialRecord) -> list[Values]:
    return [(group,) for group in dict.fromkeys(record.eligibility.age_groups)]


def _aliases(record: TrialRecord) -> list[Values]:
    return [(alias,) for alias in dict.fromkeys(record.aliases)]


def _countries(record: TrialRecord) -> list[tuple[str, str, int]]:
    """Return the countries with the number of sites in each; names that share a slug are one country."""
    countries = [location.country for location in record.locations if location.country]
    names = {slug_of(country): country for country in countries}
    return [(slug, names[slug], count) for slug, count in Counter(map(slug_of, countries)).items()]


def _listing(record: TrialRecord) -> list[Values]:
    countries = sorted(_countries(record), key=lambda country: (-country[2], country[1]))
    facts = ListedFacts(
        registry_id=record.registry_id,
        is_synthetic=record.is_synthetic,
        title=record.title,
        status=record.status,
        study_type=record.design.study_type,
        phases=list(dict.fromkeys(record.design.phases)),
        sex=record.eligibility.sex,
        minimum_age=record.eligibility.minimum_age,
        maximum_age=record.eligibility.maximum_age,
        enrollment=record.design.enrollment,
        enrollment_kind=record.design.enrollment_kind,
        last_update_posted=_text(record.dates.last_update_posted),
        has_results=record.has_results,
        location_count=len(record.locations),
        countries=[(name, sites) for _, name, sites in countries],
        conditions=list(record.conditions),
        interventions=[(item.type, item.name) for item in record.interventions],
        lead_sponsor=record.lead_sponsor.name if record.lead_sponsor else None,
    )
    return [(facts.to_json(),)]


TRIAL_TABLES = (
    TrialTable(TrialAlias, ("alias",), _aliases),
    TrialTable(TrialPhase, ("phase",), _phases),
    TrialTable(TrialAgeGroup, ("age_group",), _age_groups),
    TrialTable(TrialCountry, ("slug", "country", "location_count"), _countries),
    TrialTable(TrialListing, ("facts",), _listing),
)


def interventions(record: TrialRecord) -> list[NamedIntervention]:
    return [
        NamedIntervention(position, slug_of(item.name) if item.name else None, item.name, item.type)
        for position, item in enumerate(record.interventions)
    ]


def sponsors(record: TrialRecord) -> list[NamedSponsor]:
    """Return each sponsor once in each role."""
    leads = (record.lead_sponsor,) if record.lead_sponsor else ()
    of_roles = (("lead", leads), ("collaborator", record.collaborators))
    named = [_named_sponsor(role, sponsor) for role, sponsors in of_roles for sponsor in sponsors]
    return list({(sponsor.slug, sponsor.role): sponsor for sponsor in named}.values())


def _named_sponsor(role: str, sponsor: Organization) -> NamedSponsor:
    return NamedSponsor(slug_of(sponsor.name), sponsor.name, role, sponsor.sponsor_class)


def full_text(record: TrialRecord) -> Values:
    """Return the texts that free-text search covers, in the order of `app.index.text_columns.COLUMN_WEIGHTS`."""
    outcomes = (*record.primary_outcomes, *record.secondary_outcomes, *record.other_outcomes)
    other_ids = (record.organization_study_id, *record.secondary_ids)
    sponsors = (record.lead_sponsor, *record.collaborators)
    texts = {
        "title": _join(record.brief_title, record.official_title),
        "acronym": record.acronym or "",
        "ids": _join(record.registry_id, *record.aliases, *(other.id for other in other_ids if other)),
        "conditions": _join(
            *map(_in_one_line, record.conditions),
            *(natural_order(term.name) for term in record.condition_terms.concepts),
        ),
        "interventions": _join(
            *(item.name for item in record.interventions),
            *(name for item in record.interventions for name in item.other_names),
            *(natural_order(term.name) for term in record.intervention_terms.concepts),
        ),
        "keywords": _join(*map(_in_one_line, record.keywords)),
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
    return tuple(texts[column] for column in COLUMN_WEIGHTS)


def _number(registry_id: str) -> int:
    digits = "".join(character for character in registry_id if character in "0123456789")
    return int(digits[-_MOST_DIGITS:] or 0)


def _text(date: PartialDate | None) -> str | None:
    return date.text if date else None


def _in_one_line(phrase: str) -> str:
    """Put a phrase on one line, because it is read back from the full text line by line."""
    return " ".join(phrase.split())


def _join(*texts: str | None) -> str:
    return "\n".join(text for text in texts if text)
