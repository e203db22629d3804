"""The seam between a registry and the rest of the program: everything that is asked of one, and nothing else."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.failures import ExpectedError
from app.record.trial import Terms, TrialRecord
from app.registries.politeness import POLITE, Politeness
from app.registries.split_json import Element

Document = dict[str, Any]
"""A registry's own document of one trial, parsed."""


def _nothing(_: Any) -> None:
    return None


def _no_fields(_: Document) -> tuple[str, ...]:
    return ()


class RegistryError(ExpectedError):
    """A registry's live interface could not be read. The message is one line a person can act on."""

    def __init__(self, message: str, *, is_reached: bool = True) -> None:
        super().__init__(message)
        self.is_reached = is_reached
        """The registry answered, and did not shut the client out: another request may go well."""


@dataclass(frozen=True, slots=True)
class LiveQuestion:
    """What a run wants of a registry's live interface: everything, or less where it says so."""

    base_url: str
    condition: str | None = None
    """In the registry's own search syntax."""
    since: date | None = None
    """Only what was updated on or after this day."""
    page_size: int = 500
    politeness: Politeness = POLITE


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What a live interface answers; its elements arrive while they are read."""

    release: str | None
    """The day of its data as the registry states it, asked for before anything else."""
    problem: str
    """Why it could not be asked for its release; empty where it answered."""
    total: int | None
    """How many elements the registry says will come."""
    elements: Iterator[Element]
    ask_again: Callable[[Sequence[str]], Iterator[Element]]
    """Yields the documents of trials by their ids; raises RegistryError where the registry stops answering."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A source of trials. Its ids are told from other registries' by their form alone."""

    name: str
    label: str
    home: str
    id_label: str
    """What people call its ids, as in "Disease, drug, sponsor or NCT number"."""
    id_example: str
    """An id as people know it, for placeholders and messages."""
    normalize: Callable[[Document], TrialRecord]
    """Turns one stored document into a record; raises RecordError."""
    fingerprint: Callable[[Document], bytes]
    """Returns the document's bytes without what the registry changes daily: equal bytes are an unchanged trial."""
    condition_terms: Callable[[Document], Terms]
    """Reads what a document that can be normalized is indexed with: its record's terms in a fraction of the time."""
    canonical_id: Callable[[str], str | None]
    """Returns the registry's own form of an id written in any way people write it, or None."""
    ids_in: Callable[[bytes], tuple[str, ...]]
    """Finds the registry's ids in a document that is not read yet, the one that is most likely its own first."""
    owns: Callable[[bytes], bool]
    """Says whether a document that is not read yet is one of this registry's."""
    record_url: Callable[[str], str]
    """Returns the address of a trial at the registry; empty where it has none."""
    results_url: Callable[[str], str | None] = _nothing
    """Returns the address of a trial's posted results at the registry."""
    release: Callable[[Document], str | None] = _nothing
    """Reads the day of the registry's own data that a document is of, as it states it."""
    missing_fields: Callable[[Document], tuple[str, ...]] = _no_fields
    """Names what the registry requires of every document and this one does not have."""
    id_in_address: Callable[[str], str | None] = _nothing
    """Returns the id of the trial that an address of the registry shows, or None."""
    open_live: Callable[[LiveQuestion], LiveAnswer] | None = None
    """Asks the live interface, where there is one."""
    live_base_url: str = ""
    """The address of the live interface, unless a setting names another."""

    def id_in(self, data: bytes) -> str | None:
        """Return the id that is most likely the own one of a document that is not read yet."""
        return next(iter(self.ids_in(data)), None)

    def id_meant(self, text: str) -> str | None:
        """Return the id that a text is, written in any way, or that the address in it shows; else None."""
        return self.canonical_id(text) or self.id_in_address(text)
