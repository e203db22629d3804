"""A counter that every committed change of the trials moves on: the key of everything kept in memory."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

DERIVATION = 1
"""The present way to derive tables, counts and full text from the stored documents. Raise it when the same documents
give other rows than before: databases of before then want `trialmark reindex`.
"""


class Revision(SQLModel, table=True):
    __tablename__ = "data_version"

    id: int = Field(default=1, primary_key=True)
    version: int
    changed_at: datetime = Field(sa_type=DateTime)
    rebuilt_in: int = 0
    """The version in which postings were made anew, or trials taken out: what is kept of before is of no use."""
    is_loading: bool = False
    """A first load is on its way: its trials are stored, their postings come at its end."""
    token: str = ""
    """Random, new with every change: two files, or two pasts of one file, never share one."""
    recent_tokens: str = ""
    """The last tokens, this one included, separated by spaces: whoever holds one of them holds an earlier state of this
    very database, and no other's.
    """
    derived_by: int = 0
    """The DERIVATION that made all that is derived here; 0 for one of before it was written down."""
    wants_relink: bool = False
    """Another vocabulary is loaded, and not all trials are linked by it yet."""
    broader_in: int = 0
    """The version in which what stands above which condition last changed."""
    names_in: int = 0
    """The version in which the vocabulary's names last changed: links by those of before are not to be stored."""
