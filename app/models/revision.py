"""The revision: a counter that every committed change of the trials raises, and the key of everything in memory."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

DERIVATION = 1
"""The present way to derive tables, counts and full text from the stored documents.

Raise it when the same documents yield other rows than before: older databases then need `trialmark reindex`.
"""


class Revision(SQLModel, table=True):
    __tablename__ = "data_version"

    id: int = Field(default=1, primary_key=True)
    version: int
    changed_at: datetime = Field(sa_type=DateTime)
    rebuilt_in: int = 0
    """The revision in which postings were rebuilt or trials removed: parts cached before it are reloaded in full."""
    is_loading: bool = False
    """A first load is under way: its trials are stored, and their postings are built at its end."""
    token: str = ""
    """A random token, new with every change: two files, or two histories of one file, never share one."""
    recent_tokens: str = ""
    """The last tokens, including this one, separated by spaces.

    Whoever holds one of them holds an earlier state of this very database, and of no other.
    """
    derived_by: int = 0
    """The DERIVATION that built all derived data; 0 for data from before it was recorded."""
    wants_relink: bool = False
    """Another vocabulary has been loaded, and not all trials are linked by it yet."""
    broader_in: int = 0
    """The revision in which the hierarchy of conditions last changed."""
    names_in: int = 0
    """The revision in which the vocabulary's names last changed: links made with older names must not be stored."""
