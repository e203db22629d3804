"""The database tables: everything that is filtered, joined, counted or sorted.

All tables but `source_document`, `unlisted_trial`, `sync_run`, `rejected_record` and `watermark` are derived from the
stored documents and can be rebuilt from them.
"""

from sqlalchemy import Table
from sqlmodel import SQLModel

from app.models.concept import (
    NAME_KINDS,
    Concept,
    ConceptName,
    ConceptTree,
    LoadedVocabulary,
    RegistryTerm,
    RegistryTermAbove,
)
from app.models.condition import Condition, ConditionBroader, TrialAbbreviation, TrialCondition
from app.models.facet_posting import FacetPosting
from app.models.revision import DERIVATION, Revision
from app.models.runs.due_name import DueName
from app.models.runs.long_work import LongWork
from app.models.runs.rejected_record import RejectedRecord
from app.models.runs.sync_run import SyncRun
from app.models.runs.watermark import Watermark
from app.models.suggestion import Suggestion, SuggestionWord
from app.models.trials.country import TrialCountry
from app.models.trials.intervention import InterventionName, TrialIntervention
from app.models.trials.source_document import SourceDocument
from app.models.trials.sponsor import SponsorName, TrialSponsor
from app.models.trials.trial import Trial, TrialAgeGroup, TrialAlias, TrialPhase
from app.models.trials.trial_listing import ListedFacts, TrialListing
from app.models.trials.unlisted_trial import UnlistedTrial


def table_of(model: type[SQLModel]) -> Table:
    """Return the table behind a model, for bulk statements that bypass the unit of work."""
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
    "DueName",
    "FacetPosting",
    "InterventionName",
    "ListedFacts",
    "LoadedVocabulary",
    "LongWork",
    "RegistryTerm",
    "RegistryTermAbove",
    "RejectedRecord",
    "Revision",
    "SourceDocument",
    "SponsorName",
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
    "Watermark",
    "table_of",
]
