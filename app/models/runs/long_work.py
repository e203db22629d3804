"""The progress of work on all trials, so that interrupted work resumes where it stopped."""

from sqlmodel import Field, SQLModel


class LongWork(SQLModel, table=True):
    __tablename__ = "long_work"

    name: str = Field(primary_key=True)
    """`reindex` or `mesh`."""
    stamp: str
    """Identifies the code and the vocabulary that the work uses; if either changes, the work starts over."""
    last_trial_id: int
    """All trials up to this one are done."""
