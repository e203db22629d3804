"""What the search box offers while the reader types, and the words that a mistyped one may stand for.

Beside these stands the full text `suggestion_text` over `suggestion.names`, which no model describes.
"""

from sqlmodel import Field, SQLModel


class Suggestion(SQLModel, table=True):
    """One disease, drug, sponsor or acronym under all its names."""

    id: int | None = Field(default=None, primary_key=True)
    """The place among its kind, by number of trials, within the range of ids that the kind has."""
    kind: str
    """`condition`, `drug`, `sponsor` or `acronym`."""
    names: str
    """The label, then every other name, one a line."""
    label: str
    value: str
    """The facet's value; of a drug the words to search for; of an acronym its trial, empty where several share it."""
    count: int | None = None
    """Of a drug that many trials name: how many the search found. The others are counted when they are shown."""


class SuggestionWord(SQLModel, table=True):
    """Every word of the names, in lower case and without accents."""

    __tablename__ = "suggestion_word"
    __table_args__ = {"sqlite_with_rowid": False}

    word: str = Field(primary_key=True)
    weight: int
    """How many suggestions have it."""
