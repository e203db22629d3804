"""What /api/v1 answers with. A field that has been given out keeps its name and meaning; new ones may come."""

from pydantic import BaseModel, Field

from app.pages.parts.reasons import Reason
from app.pages.parts.trial_rows import Tested, TrialRow


class TestedModel(BaseModel):
    """Interventions of one type."""

    kind: str = Field(description="The intervention type, in words.", examples=["Drug"])
    names: list[str]

    @classmethod
    def of(cls, tested: Tested) -> "TestedModel":
        return cls(kind=tested.kind, names=list(tested.names))


class ReasonModel(BaseModel):
    """Why a trial is in the list."""

    kind: str = Field(examples=["synonym", "text"])
    label: str = Field(description="What was matched: the other name, or the field.", examples=["AML"])
    parts: list[tuple[str, bool]] = Field(
        description="The place of the words: pieces of the text, and whether each is a word searched for."
    )

    @classmethod
    def of(cls, reason: Reason) -> "ReasonModel":
        return cls(kind=reason.kind, label=reason.label, parts=list(reason.parts))


class TrialModel(BaseModel):
    """What a list says of one trial, in the words of the page."""

    registry_id: str = Field(examples=["NCT06141304"])
    url: str = Field(description="The address of the trial's page here.")
    title: str
    status: str = Field(description="The value to filter by.", examples=["not-yet-recruiting"])
    status_label: str = Field(examples=["Not yet recruiting"])
    stage: str = Field(description="The phase, or the study type where a study has none.")
    updated: str = Field(examples=["15 May 2026"])
    updated_iso: str = Field(examples=["2026-05-15"])
    conditions: list[str] = Field(description="The first ones, as the record states them.")
    more_conditions: int = Field(description="How many more the record states.")
    tested: list[TestedModel]
    more_tested: int
    who: str = Field(examples=["18 to 75 years, any sex"])
    where: str = Field(examples=["2 sites in China"])
    sponsor: str
    size: str = Field(examples=["110 participants, planned"])
    has_results: bool
    is_synthetic: bool = Field(description="Made up for the demonstration.")
    stale_note: str = Field(description="Says that the record may be out of date; empty where it may not.")
    unlisted_note: str = Field(
        description="Says since when the registry no longer lists it; empty where it does."
    )
    reasons: list[ReasonModel]

    @classmethod
    def of(cls, row: TrialRow, url: str) -> "TrialModel":
        return cls(
            registry_id=row.registry_id,
            url=url,
            title=row.title,
            status=row.status,
            status_label=row.status_label,
            stage=row.stage,
            updated=row.updated,
            updated_iso=row.updated_iso,
            conditions=list(row.conditions),
            more_conditions=row.more_conditions,
            tested=[TestedModel.of(tested) for tested in row.tested],
            more_tested=row.more_tested,
            who=row.who,
            where=row.where,
            sponsor=row.sponsor,
            size=row.size,
            has_results=row.has_results,
            is_synthetic=row.is_synthetic,
            stale_note=row.stale_note,
            unlisted_note=row.unlisted_note,
            reasons=[ReasonModel.of(reason) for reason in row.reasons],
        )


class ChoiceModel(BaseModel):
    """A value of a filter, and how many trials choosing it gives."""

    value: str
    label: str
    count: int


class TrialsModel(BaseModel):
    """One page of a list of trials."""

    query: str = Field(description="The canonical address of the same list as a page.")
    total: int
    page: int
    per_page: int
    trials: list[TrialModel]
    facets: dict[str, list[ChoiceModel]] = Field(description="The choices of each filter, 100 at most.")


class ProblemModel(BaseModel):
    """A request that cannot be answered (RFC 9457)."""

    title: str
    status: int
    detail: str = ""
    parameter: str | None = Field(default=None, description="The parameter that cannot be meant.")
