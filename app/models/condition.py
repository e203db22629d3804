"""Conditions, how they stand to each other, and how each trial is linked to them."""

from sqlalchemy import ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID


class Condition(SQLModel, table=True):
    """What trials can be filtered by: a concept of the vocabulary, or a stated name that maps to none."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    mesh_id: str | None = Field(default=None, index=True)


class ConditionBroader(SQLModel, table=True):
    """Every condition above another, however far."""

    __tablename__ = "condition_broader"
    __table_args__ = WITHOUT_ROWID

    condition_id: int = Field(
        primary_key=True, sa_column_args=(ForeignKey("condition.id", ondelete="CASCADE"),)
    )
    broader_id: int = Field(
        primary_key=True, sa_column_args=(ForeignKey("condition.id", ondelete="CASCADE"),), index=True
    )


class TrialCondition(SQLModel, table=True):
    """`source` says where the link comes from: a `stated` condition, a `keyword`, the registry's own indexing
    (`mesh`, or `overlap` where what it found is inside the name of another of the trial's conditions), or `broader`
    than one of those. `words` are the record's own, `manner` how they name the condition: see
    `app.conditions.names.linking.Link`.
    """

    __tablename__ = "trial_condition"
    __table_args__ = (
        # how trials write a condition, counted without reading the rows
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
