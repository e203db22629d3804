"""Names to check again when a run ends: trials that have them came, went, or now write them differently."""

from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID


class DueName(SQLModel, table=True):
    __tablename__ = "due_name"
    __table_args__ = WITHOUT_ROWID

    kind: str = Field(primary_key=True)
    """`condition`, `intervention`, `sponsor` or `acronym`; `drug` for the `search_words` of an intervention."""
    value: str = Field(primary_key=True)
    """The slug; for an acronym its lower case, for a drug its search words."""
