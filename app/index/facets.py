"""FACETS: every filter of the list, in the order of the panel.

The form, the chips, the sentence, the counts, the API and the ingest's postings all iterate over this tuple; a new
filter is one entry here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, case, func, literal, select
from sqlmodel import col

from app.models import (
    Condition,
    SponsorName,
    Trial,
    TrialAgeGroup,
    TrialCondition,
    TrialCountry,
    TrialIntervention,
    TrialPhase,
    TrialSponsor,
)
from app.record.code_lists import (
    AGE_GROUP,
    INTERVENTION_TYPE,
    NOT_STATED_LABEL,
    PHASE,
    SEX,
    SPONSOR_CLASS,
    STATUS,
    STUDY_TYPE,
    CodeList,
)

Column = SQLColumnExpression[Any]
Pairs = Select[str, str, int, int]
"""Rows of (value, label, 1 where the trial names the value itself, trial id)."""


@dataclass(frozen=True)
class Facet:
    name: str
    """The URL parameter."""
    label: str
    pairs: Pairs
    """Every (value, trial) that the database holds; a trial without a row is "Not stated"."""
    trial_id: Column
    """The column of `pairs` by which ingest narrows it to the trials that it just wrote."""
    phrase: Callable[[str], str]
    """Build the filter's part of the sentence above the list, from its values joined by "or"."""
    code_list: CodeList | None = None
    """The code list of values; None if the values are names."""
    plural: str = ""
    newest_first: bool = False
    """Offer the choices by value, greatest first, instead of by count."""
    help: str = ""
    pairs_in_turn: Pairs | None = None
    """The same rows as `pairs`, from a statement that is faster if all of them are read."""

    @property
    def all_pairs(self) -> Pairs:
        return self.pairs if self.pairs_in_turn is None else self.pairs_in_turn

    def label_of(self, value: str, stored: str) -> str:
        return self.code_list.label(value) if self.code_list else stored or NOT_STATED_LABEL

    @property
    def is_open(self) -> bool:
        return self.code_list is None


def _of_trial(column: Column) -> Pairs:
    return _named(column, literal(""), col(Trial.id)).where(column.is_not(None))


def _named(value: Column, label: Column, trial_id: Column) -> Pairs:
    return select(value, label, literal(1), trial_id)


_NAMES_IT = col(TrialCondition.source).in_(("stated", "keyword", "mesh"))

_CONDITION_COLUMNS = select(
    col(Condition.slug), col(Condition.name), case((_NAMES_IT, 1), else_=0), col(TrialCondition.trial_id)
)

_CONDITION_PAIRS = _CONDITION_COLUMNS.join_from(
    TrialCondition, Condition, col(TrialCondition.condition_id) == col(Condition.id)
)

_CONDITION_PAIRS_IN_TURN = _CONDITION_COLUMNS.join_from(
    TrialCondition, Condition, col(TrialCondition.condition_id) + 0 == col(Condition.id)
)
"""Reads the links in table order; `+ 0` disables the index.

With the index, SQLite would look up each of millions of rows, which takes three times as long.
"""

_LEAD_SPONSOR_PAIRS = (
    _named(col(SponsorName.slug), col(SponsorName.name), col(TrialSponsor.trial_id))
    .join_from(TrialSponsor, SponsorName, col(TrialSponsor.sponsor_id) == col(SponsorName.id))
    .where(col(TrialSponsor.role) == "lead")
)

_FUNDER_PAIRS = _named(col(TrialSponsor.sponsor_class), literal(""), col(TrialSponsor.trial_id)).where(
    col(TrialSponsor.role) == "lead", col(TrialSponsor.sponsor_class).is_not(None)
)

_START_YEAR = func.substr(col(Trial.start_date), 1, 4)

_RESULTS = CodeList.of("results", ("posted", "Results posted"), ("none", "No results posted"))


def _plainly(words: str) -> str:
    return words.lower()


FACETS: tuple[Facet, ...] = (
    Facet(
        name="condition",
        label="Condition",
        plural="conditions",
        pairs=_CONDITION_PAIRS,
        pairs_in_turn=_CONDITION_PAIRS_IN_TURN,
        trial_id=col(TrialCondition.trial_id),
        phrase=lambda words: f"of {words}",
        help="Narrower conditions are included. If you choose several, trials of any of them are shown.",
    ),
    Facet(
        name="intervention_type",
        label="Intervention type",
        plural="intervention types",
        pairs=_named(col(TrialIntervention.type), literal(""), col(TrialIntervention.trial_id)).where(
            col(TrialIntervention.type).is_not(None)
        ),
        trial_id=col(TrialIntervention.trial_id),
        code_list=INTERVENTION_TYPE,
        phrase=lambda words: f"testing {_an(words.lower())}",
        help="A trial that tests two types is counted in both.",
    ),
    Facet(
        name="status",
        label="Status",
        plural="statuses",
        pairs=_of_trial(col(Trial.status)),
        trial_id=col(Trial.id),
        code_list=STATUS,
        phrase=_plainly,
    ),
    Facet(
        name="sponsor",
        label="Sponsor",
        plural="sponsors",
        pairs=_LEAD_SPONSOR_PAIRS,
        trial_id=col(TrialSponsor.trial_id),
        phrase=lambda words: f"sponsored by {words}",
        help="The lead sponsor.",
    ),
    Facet(
        name="phase",
        label="Phase",
        plural="phases",
        pairs=_named(col(TrialPhase.phase), literal(""), col(TrialPhase.trial_id)),
        trial_id=col(TrialPhase.trial_id),
        code_list=PHASE,
        phrase=lambda words: f"in {words.lower()}" if "hase" in words else f"phase {words.lower()}",
        help="A phase 1/phase 2 trial is counted in both.",
    ),
    Facet(
        name="study_type",
        label="Study type",
        plural="study types",
        pairs=_of_trial(col(Trial.study_type)),
        trial_id=col(Trial.id),
        code_list=STUDY_TYPE,
        phrase=_plainly,
    ),
    Facet(
        name="age_group",
        label="Age group",
        plural="age groups",
        pairs=_named(col(TrialAgeGroup.age_group), literal(""), col(TrialAgeGroup.trial_id)),
        trial_id=col(TrialAgeGroup.trial_id),
        code_list=AGE_GROUP,
        phrase=lambda words: f"open to {_an(words.lower())}",
        help="A trial is counted in every age group that it admits.",
    ),
    Facet(
        name="sex",
        label="Sex",
        plural="sexes",
        pairs=_of_trial(col(Trial.sex)),
        trial_id=col(Trial.id),
        code_list=SEX,
        phrase=lambda words: f"sex: {words.lower()}",
    ),
    Facet(
        name="country",
        label="Country",
        plural="countries",
        pairs=_named(col(TrialCountry.slug), col(TrialCountry.country), col(TrialCountry.trial_id)),
        trial_id=col(TrialCountry.trial_id),
        phrase=lambda words: f"with a site in {words}",
    ),
    Facet(
        name="results",
        label="Results",
        plural="results",
        pairs=_named(case((col(Trial.has_results), "posted"), else_="none"), literal(""), col(Trial.id)),
        trial_id=col(Trial.id),
        code_list=_RESULTS,
        phrase=lambda words: f"with {words.lower()}",
    ),
    Facet(
        name="funder_type",
        label="Funder type",
        plural="funder types",
        pairs=_FUNDER_PAIRS,
        trial_id=col(TrialSponsor.trial_id),
        code_list=SPONSOR_CLASS,
        phrase=lambda words: f"funded by: {words.lower()}",
        help="The lead sponsor's type of organization.",
    ),
    Facet(
        name="start_year",
        label="Start year",
        plural="start years",
        pairs=_named(_START_YEAR, _START_YEAR, col(Trial.id)).where(col(Trial.start_date).is_not(None)),
        trial_id=col(Trial.id),
        phrase=lambda words: f"starting in {words}",
        newest_first=True,
    ),
)


EXACT_CONDITION = Facet(
    name="condition_exact",
    label="Condition",
    pairs=_CONDITION_PAIRS.where(_NAMES_IT),
    pairs_in_turn=_CONDITION_PAIRS_IN_TURN.where(_NAMES_IT),
    trial_id=col(TrialCondition.trial_id),
    phrase=lambda words: f"of {words}",
)
"""Conditions without the narrower ones: not a filter of its own, but the other way to match a condition."""

POSTED: tuple[Facet, ...] = (*FACETS, EXACT_CONDITION)
"""All facets that have postings."""


def facet_named(name: str) -> Facet | None:
    return next((facet for facet in FACETS if facet.name == name), None)


def joined(words: Sequence[str]) -> str:
    """Join words with commas and "or": `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _an(words: str) -> str:
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"
