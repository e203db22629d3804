"""The tables: what is filtered, joined, counted or sorted.

All but `source_document`, `unlisted_trial`, `sync_run`, `rejected_record` and `watermark` is derived from the stored
documents and can be rebuilt from them.
"""

from sqlalchemy import Table
from sqlmodel import SQLModel

from app.models.concept import (
    NAME_KINDS,
    Concept,
    ConceptName,
    ConceptTree,
    RegistryTerm,
    RegistryTermAbove,
    Vocabulary,
)
from app.models.condition import Condition, ConditionBroader, TrialAbbreviation, TrialCondition
from app.models.country import TrialCountry
from app.models.data_version import DERIVATION, DataVersion
from app.models.due_name import DueName
from app.models.facet_posting import FacetPosting
from app.models.intervention import Intervention, TrialIntervention
from app.models.long_work import LongWork
from app.models.rejected_record import RejectedRecord
from app.models.source_document import SourceDocument
from app.models.sponsor import Sponsor, TrialSponsor
from app.models.suggestion import Suggestion, SuggestionWord
from app.models.sync_run import SyncRun
from app.models.trial import Trial, TrialAgeGroup, TrialAlias, TrialPhase
from app.models.trial_listing import ListedFacts, TrialListing
from app.models.unlisted_trial import UnlistedTrial
from app.models.watermark import Watermark


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for bulk statements that go past the unit of work."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
    return table


__all__ = [
    "DERIVATION",
    "NAME_KINDS",
    "Concept",
    "ConceptName",
    "ConceptTree",
    "Condition",
    "ConditionBroader",
    "DataVersion",
    "DueName",
    "FacetPosting",
    "Intervention",
    "ListedFacts",
    "LongWork",
    "RegistryTerm",
    "RegistryTermAbove",
    "RejectedRecord",
    "SourceDocument",
    "Sponsor",
    "Suggestion",
    "SuggestionWord",
    "SyncRun",
    "Trial",
    "TrialAbbreviation",
    "TrialAgeGroup",
    "TrialAlias",
    "TrialCondition",
    "TrialCountry",
    "TrialIntervention",
    "TrialListing",
    "TrialPhase",
    "TrialSponsor",
    "UnlistedTrial",
    "Vocabulary",
    "Watermark",
    "table_of",
]
