"""The condition vocabulary: MeSH's concepts, their places in its trees, and every name that a reader may use.

Without MeSH loaded, concepts are those that the records themselves are indexed with.
"""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from app.models.trials.trial import WITHOUT_ROWID

NAME_KINDS = ("name", "new", "synonym", "abbreviation", "learned")
"""Kinds of names, from the one that settles what a name means to the one that is asked last."""


class Concept(SQLModel, table=True):
    mesh_id: str = Field(primary_key=True)
    name: str
    """As MeSH writes it: "Leukemia, Myeloid, Acute"."""
    label: str
    """As the trials here write it, where enough of them agree, else `own_label`."""
    own_label: str = ""
    """As people write it, whatever the trials here do: "Acute myeloid leukemia"."""
    slug: str = Field(unique=True)
    """Of the name in natural order; it stays when the label changes."""
    origin: str
    """`mesh`, or `registry` for one known from records alone."""


class ConceptTree(SQLModel, table=True):
    __tablename__ = "concept_tree"

    number: str = Field(primary_key=True)
    """`C04.557.337.539.275`: what stands before the last dot is the place of the broader concept."""
    mesh_id: str = Field(index=True)


class ConceptName(SQLModel, table=True):
    __tablename__ = "concept_name"

    slug: str = Field(primary_key=True)
    mesh_id: str = Field(primary_key=True, index=True)
    text: str
    key: str = Field(index=True)
    """The name without what makes no difference: case, accents, spelling, plural, word order."""
    kind: str
    """`name`, `synonym`, `abbreviation`; `learned` for an abbreviation that records explain; `new` for a name that
    records brought and earlier trials have not been looked through for.
    """
    count: int = 0
    """How many trials explain it as an abbreviation of the concept."""


class RegistryTerm(SQLModel, table=True):
    """A term that trials are indexed with by their registry, as it is written there."""

    __tablename__ = "registry_term"
    __table_args__ = WITHOUT_ROWID

    mesh_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    trials: int


class RegistryTermAbove(SQLModel, table=True):
    """What the registry puts above a term, as far as trials show it that are indexed with that term alone."""

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
    """`MeSH 2026`."""
    concepts: int
    loaded_at: datetime = Field(sa_type=DateTime)
