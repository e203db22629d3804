"""How far work on all trials has come, so that it goes on from there after it was interrupted."""

from sqlmodel import Field, SQLModel


class LongWork(SQLModel, table=True):
    __tablename__ = "long_work"

    name: str = Field(primary_key=True)
    """`reindex` or `mesh`."""
    stamp: str
    """Of the code and the vocabulary that it is done with; with another one it starts over."""
    last_trial_id: int
    """All trials up to this one are done."""
