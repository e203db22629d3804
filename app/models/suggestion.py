"""Suggestions: what the search box offers while the reader types, and the words that a mistyped word may stand for.

The full-text table `suggestion_text` over `suggestion.names` belongs to these tables, but no model describes it.
"""

from sqlmodel import Field, SQLModel


class Suggestion(SQLModel, table=True):
    """A disease, drug, sponsor or acronym with all of its names."""

    id: int | None = Field(default=None, primary_key=True)
    """The rank among suggestions of the same kind, by number of trials, within the range of ids of the kind."""
    kind: str
    """`condition`, `drug`, `sponsor` or `acronym`."""
    names: str
    """The label, then every other name, one per line."""
    label: str
    value: str
    """The facet's value; for a drug, the words to search for; for an acronym, its trial (empty if several share it)."""
    count: int | None = None
    """For a drug or acronym of many trials, how many the search found. The others are counted when they are shown."""


class SuggestionWord(SQLModel, table=True):
    """A word of the names, in lower case and without accents."""

    __tablename__ = "suggestion_word"
    __table_args__ = {"sqlite_with_rowid": False}

    word: str = Field(primary_key=True)
    weight: int
    """The number of suggestions that contain the word."""
