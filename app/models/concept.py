"""The condition vocabulary: MeSH's concepts, their places in its trees, and every name that a reader may use.

Without MeSH loaded, concepts are those that the records themselves are indexed with.
"""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID

NAME_KINDS = ("name", "new", "synonym", "abbreviation", "learned")
"""Kinds of names in order of precedence: the first kind that has a name settles what it means."""


class Concept(SQLModel, table=True):
    mesh_id: str = Field(primary_key=True)
    name: str
    """The name as MeSH writes it: "Leukemia, Myeloid, Acute"."""
    label: str
    """The name as the trials here write it, if enough of them agree, else `own_label`."""
    own_label: str = ""
    """The name as people write it, whatever the trials here do: "Acute myeloid leukemia"."""
    slug: str = Field(unique=True)
    """The slug of the name in natural word order; it stays when the label changes."""
    origin: str
    """`mesh`, or `registry` for a concept that is known from records alone."""


class ConceptTree(SQLModel, table=True):
    __tablename__ = "concept_tree"

    number: str = Field(primary_key=True)
    """`C04.557.337.539.275`: the part before the last dot is the number of the broader concept."""
    mesh_id: str = Field(index=True)


class ConceptName(SQLModel, table=True):
    __tablename__ = "concept_name"

    slug: str = Field(primary_key=True)
    mesh_id: str = Field(primary_key=True, index=True)
    text: str
    key: str = Field(index=True)
    """The name without the differences that do not matter: case, accents, spelling, plural, word order."""
    kind: str
    """`name`, `synonym`, `abbreviation`; `learned` for an abbreviation that records explain; `new` for a name that
    records brought and that has not been searched for in earlier trials yet.
    """
    count: int = 0
    """The number of trials that explain the name as an abbreviation of the concept."""


class RegistryTerm(SQLModel, table=True):
    """A term that the registry indexes trials with, as the registry writes it."""

    __tablename__ = "registry_term"
    __table_args__ = WITHOUT_ROWID

    mesh_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    trials: int


class RegistryTermAbove(SQLModel, table=True):
    """A broader term that the registry puts above a term, learned from trials that are indexed with that term alone."""

    __tablename__ = "registry_term_above"
    __table_args__ = WITHOUT_ROWID

    mesh_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    broader_id: str = Field(primary_key=True)
    broader_name: str = Field(primary_key=True)
    trials: int


class LoadedVocabulary(SQLModel, table=True):
    """The MeSH file that is loaded, if one is."""

    __tablename__ = "vocabulary"

    id: int = Field(default=1, primary_key=True)
    name: str
    """The vocabulary's name: `MeSH 2026`."""
    concepts: int
    loaded_at: datetime = Field(sa_type=DateTime)
