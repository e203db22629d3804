"""Facet postings: the trials that have a value of a facet, as a roaring bitmap of `trial.id`."""

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field, SQLModel


class FacetPosting(SQLModel, table=True):
    __tablename__ = "facet_posting"
    __table_args__ = (Index("ix_facet_posting_changed", "facet", "changed_in"), {"sqlite_strict": True})

    facet: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(primary_key=True, sa_type=Text)
    label: str = Field(sa_type=Text)
    count: int
    named_count: int
    """The number of trials that name the value themselves; the others have it through a narrower one."""
    bitmap: bytes = Field(sa_type=LargeBinary)
    changed_in: int = 0
    """The revision that last wrote the row. When no trial has the value any more, the row stays, empty, to say so."""
