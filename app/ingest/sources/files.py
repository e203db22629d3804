"""Records from files: .json and .ndjson, plain or gzipped, the registry's bulk .zip, and folders of those."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from app.ingest.sources.source import RawRecord, Source, SourceError
from app.registries.split_json import Splitter

SUFFIXES = (".json", ".ndjson", ".json.gz", ".ndjson.gz", ".zip")
LARGEST_RECORD = 32 << 20
"""Bytes. The registry's largest records are a tenth of that; reading one takes ten times its size in memory."""
_PIECE = 1 << 16


def open_files(path: Path) -> Source:
    """Open the records of one file or folder.

    Raises:
        SourceError: nothing there can be read; during reading, a file is damaged.
    """
    files = _files(path)
    address = path.resolve()
    return Source(
        name=f"{address.name}/" if path.is_dir() else path.name,
        key=address.as_uri(),
        size=sum(file.stat().st_size for file in files),
        records=_records(files, path),
        is_whole=True,
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith(SUFFIXES))
        if not files:
            raise SourceError(f"{path}: no {', '.join(SUFFIXES)} file in this folder")
        return files
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder, nor the name of a registry")
    if not path.name.endswith(SUFFIXES):
        raise SourceError(
            f"{path}: not a file that can be read; use {', '.join(SUFFIXES)} or a folder of those"
        )
    return [path]


def _records(files: list[Path], root: Path) -> Iterator[RawRecord]:
    before = 0
    for file in files:
        prefix = f"{file.relative_to(root)}: " if file != root else ""
        for record in _records_of(file):
            yield replace(record, position=prefix + record.position, done=before + record.done)
        before += file.stat().st_size


def _records_of(file: Path) -> Iterator[RawRecord]:
    try:
        if file.name.endswith(".zip"):
            yield from _zip_members(file)
        else:
            read = _lines if ".ndjson" in file.suffixes[-2:] else _studies
            with file.open("rb") as stored, _unpacked(stored, file) as stream:
                yield from read(stream, stored)
    except (
        RuntimeError,
        NotImplementedError,
    ) as error:  # zipfile raises these for members that are encrypted or compressed in other ways
        raise SourceError(f"{file}: {error}; unpack it first") from error
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise SourceError(f"{file}: damaged or cut short ({error}); fetch it again") from error
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror or error}") from error


@contextmanager
def _unpacked(stored: BinaryIO, file: Path) -> Iterator[BinaryIO]:
    if file.suffix == ".gz":
        with gzip.open(stored) as stream:
            yield cast("BinaryIO", stream)
    else:
        yield stored


def _lines(stream: BinaryIO, stored: BinaryIO) -> Iterator[RawRecord]:
    number = 0
    while line := stream.readline(LARGEST_RECORD):
        number += 1
        is_whole = line.endswith(b"\n") or len(line) < LARGEST_RECORD
        if not is_whole:
            is_whole = _pass_line(stream) == 0
        if stripped := line.strip():
            yield _record(f"line {number}", stripped, stored.tell(), is_whole=is_whole)


def _pass_line(stream: BinaryIO) -> int:
    """Skip the rest of a line, and return how many bytes that was."""
    passed = 0
    while piece := stream.readline(_PIECE):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed


def _record(position: str, data: bytes, done: int, *, is_whole: bool) -> RawRecord:
    if is_whole:
        return RawRecord(position, data, done)
    return RawRecord(position, data[:_PIECE], done, f"larger than {LARGEST_RECORD >> 20} MB")


def _studies(stream: BinaryIO, stored: BinaryIO) -> Iterator[RawRecord]:
    """Yield one study object, or the studies of an API answer one by one, however many there are."""
    first = stream.read(_PIECE)
    if b'"studies"' not in first.split(b"[", 1)[0]:
        data = first + stream.read(LARGEST_RECORD + 1 - len(first))
        yield _record("whole file", data.strip(), stored.tell(), is_whole=len(data) <= LARGEST_RECORD)
        return
    splitter = Splitter("studies", LARGEST_RECORD)
    number = 0
    piece = first
    while piece:
        for number, element in enumerate(splitter.feed(piece), start=number + 1):  # noqa: B020  counts on
            is_whole = not element.is_too_large
            yield _record(f"study {number}", element.data, stored.tell(), is_whole=is_whole)
        piece = stream.read(_PIECE)
    if not splitter.is_complete:
        fault = "not JSON from here on: the file ends in the middle"
        yield RawRecord(f"study {number + 1}", splitter.rest(), stored.tell(), fault)


def _zip_members(file: Path) -> Iterator[RawRecord]:
    done = 0
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            done += member.compress_size
            if member.filename.endswith(".json"):
                with archive.open(member) as stream:
                    data = stream.read(LARGEST_RECORD + 1)
                yield _record(member.filename, data.strip(), done, is_whole=len(data) <= LARGEST_RECORD)
