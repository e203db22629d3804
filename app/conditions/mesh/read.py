"""Reader of NLM's descriptor XML, plain or gzipped, record by record: memory does not grow with the file."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from xml.etree import ElementTree as ET

from app.conditions.mesh import MeshError

ADVICE = "fetch desc{year}.xml or desc{year}.gz from NLM again, or leave the path out to download it"

_ROOT = "DescriptorRecordSet"
_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"
_YEAR_OF_NAME = re.compile(r"desc(\d{4})")
_YEAR_OF_DTD = re.compile(rb"nlmdescriptorrecordset_(\d{4})\d{4}\.dtd")
_OWN_ENTITIES = re.compile(rb"<!ENTITY|<!DOCTYPE[^>\[]*\[")


@dataclass(frozen=True, slots=True)
class DescriptorTerm:
    text: str
    lexical_tag: str
    """NLM's tag for the kind of term: NON (none), EPO (eponym), ABB (abbreviation) and others."""
    is_permuted: bool
    """NLM's program changed the word order: "Acute Abdomens" from "Abdomen, Acute"."""
    is_preferred: bool
    """It belongs to the preferred concept, so it means the same as the name, not something narrower or related."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    mesh_id: str
    name: str
    tree_numbers: tuple[str, ...]
    terms: tuple[DescriptorTerm, ...]


@dataclass(frozen=True)
class MeshFile:
    path: Path
    size: int
    name: str
    """`MeSH 2026`, with the year from the file's name, or else from the DTD that it refers to."""


def open_mesh(path: Path) -> MeshFile:
    """Check the beginning of a file and return what it says of itself.

    Raises:
        MeshError: the file does not exist or cannot be read as MeSH.
    """
    with _explained_errors(path), _unpacked(path) as (stream, _):
        head = stream.read(_HEAD)
        if not head.strip():
            raise MeshError(f"{path}: the file is empty; {ADVICE}")
        if _OWN_ENTITIES.search(head):
            raise MeshError(f"{path}: defines XML entities of its own, which NLM's files do not; {ADVICE}")
        year = _YEAR_OF_NAME.search(path.name)
        in_dtd = _YEAR_OF_DTD.search(head)
        found = year[1] if year else in_dtd[1].decode() if in_dtd else ""
        return MeshFile(path, path.stat().st_size, f"MeSH {found}".rstrip())


def descriptors(file: MeshFile, report: Callable[[int], None]) -> Iterator[Descriptor]:
    """Yield every descriptor in file order; `report` is called with the number of bytes read so far.

    Raises:
        MeshError: the file is damaged, cut off or of another kind; the descriptors yielded so far must be discarded.
    """
    number = 0
    with _explained_errors(file.path), _unpacked(file.path) as (stream, stored):
        for element in _records(stream, file.path):
            number += 1
            try:
                yield _descriptor(element)
            except ValueError as error:
                raise MeshError(f"{file.path}: record {number} {error}; {ADVICE}") from error
            report(stored.tell())
    if not number:
        raise MeshError(f"{file.path}: contains no descriptors; {ADVICE}")


def _records(stream: BinaryIO, path: Path) -> Iterator[ET.Element]:
    events = ET.iterparse(stream, events=("start", "end"))  # noqa: S314  open_mesh refuses files with entities of their own
    _, root = next(events)
    if root.tag != _ROOT:
        raise MeshError(f"{path}: contains {root.tag}, not MeSH's {_ROOT}; {ADVICE}")
    for event, element in events:
        if event == "end" and element.tag == "DescriptorRecord":
            yield element
            root.clear()


def _descriptor(record: ET.Element) -> Descriptor:
    return Descriptor(
        mesh_id=_text(record, "DescriptorUI"),
        name=_text(record, "DescriptorName/String"),
        tree_numbers=tuple(_all_texts(record, "TreeNumberList/TreeNumber")),
        terms=tuple(
            DescriptorTerm(
                text=_text(term, "String"),
                lexical_tag=term.get("LexicalTag", "NON"),
                is_permuted=term.get("IsPermutedTermYN") == "Y",
                is_preferred=concept.get("PreferredConceptYN") == "Y",
            )
            for concept in record.iterfind("ConceptList/Concept")
            for term in concept.iterfind("TermList/Term")
        ),
    )


def _text(element: ET.Element, path: str) -> str:
    if found := " ".join((element.findtext(path) or "").split()):
        return found
    raise ValueError(f"has no {path}")


def _all_texts(element: ET.Element, path: str) -> Iterator[str]:
    for found in element.iterfind(path):
        if found.text and (text := found.text.strip()):
            yield text


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a file as (stream to read, stored file below it); the position of the latter shows the progress."""
    with path.open("rb") as stored:
        is_packed = stored.read(len(_GZIP)) == _GZIP
        stored.seek(0)
        if is_packed:
            with gzip.open(stored) as stream:
                yield cast("BinaryIO", stream), stored
        else:
            yield stored, stored


@contextmanager
def _explained_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except ET.ParseError as error:
        raise MeshError(f"{path}: not well-formed XML ({error}); {ADVICE}") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise MeshError(f"{path}: damaged or cut short ({error}); {ADVICE}") from error
    except FileNotFoundError as error:
        raise MeshError(f"{path}: no such file; leave the path out to download MeSH") from error
    except OSError as error:
        raise MeshError(f"{path}: {error.strerror or error}") from error
