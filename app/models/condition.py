"""Conditions, their hierarchy, and the links from trials to conditions."""

from sqlalchemy import ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID


class Condition(SQLModel, table=True):
    """A condition that trials can be filtered by: a concept of the vocabulary, or a stated name that maps to none."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    mesh_id: str | None = Field(default=None, index=True)


class ConditionBroader(SQLModel, table=True):
    """A pair of a condition and a broader one, at any distance in the hierarchy."""

    __tablename__ = "condition_broader"
    __table_args__ = WITHOUT_ROWID

    condition_id: int = Field(
        primary_key=True, sa_column_args=(ForeignKey("condition.id", ondelete="CASCADE"),)
    )
    broader_id: int = Field(
        primary_key=True, sa_column_args=(ForeignKey("condition.id", ondelete="CASCADE"),), index=True
    )


class TrialCondition(SQLModel, table=True):
    """A link from a trial to a condition.

    `source` says where the link comes from: a `stated` condition, a `keyword`, the registry's own indexing (`mesh`, or
    `overlap` if the indexed term is inside the name of another of the trial's conditions), or `broader` for a
    condition above one of those. `words` are the record's own; `manner` says how they name the condition: see
    `app.conditions.mapping.ConditionLink`.
    """

    __tablename__ = "trial_condition"
    __table_args__ = (
        # counts how trials write a condition without reading the rows
        Index(
            "ix_trial_condition_stated",
            "condition_id",
            "words",
            sqlite_where=text("source = 'stated' AND manner IN ('name', 'synonym')"),
        ),
        WITHOUT_ROWID,
    )

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    condition_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("condition.id"),), index=True)
    source: str
    position: int
    manner: str = ""
    words: str = ""


class TrialAbbreviation(SQLModel, table=True):
    """An abbreviation that a record defines: "Acute Myeloid Leukemia (AML)"."""

    __tablename__ = "trial_abbreviation"
    __table_args__ = WITHOUT_ROWID

    trial_id: int = Field(primary_key=True, sa_column_args=(ForeignKey("trial.id", ondelete="CASCADE"),))
    abbreviation: str = Field(primary_key=True, index=True)
    mesh_id: str = Field(primary_key=True)
