"""Records from files: .json, .ndjson, both gzipped, the registry's bulk .zip, and folders of those."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import ijson
import orjson

from app.ingest.source import RawRecord, Source, SourceError

SUFFIXES = (".json", ".ndjson", ".json.gz", ".ndjson.gz", ".zip")
_LONGEST_LINE = 64 << 20
"""Bytes; a longer "line" is not a record, and would not fit in memory."""


def open_files(path: Path) -> Source:
    """The records of one file or folder.

    Raises:
        SourceError: nothing there can be read; while reading, where a file is damaged.
    """
    files = _files(path)
    return Source(
        name=path.name or str(path.resolve()),
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
        raise SourceError(f"{path}: no such file or folder, nor the name of a registry ('ctgov')")
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
            yield RawRecord(prefix + record.position, record.data, before + record.done)
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
    ) as error:  # what zipfile says of members locked or packed in other ways
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
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if stripped := line.strip():
            yield RawRecord(f"line {number}", stripped, stored.tell())


def _studies(stream: BinaryIO, stored: BinaryIO) -> Iterator[RawRecord]:
    """One study object, or the studies of an API answer one by one, however many they are."""
    first = stream.read(1 << 16)
    stream.seek(0)
    if b'"studies"' not in first.split(b"[", 1)[0]:
        yield RawRecord("whole file", stream.read().strip(), stored.tell())
        return
    studies = ijson.items(stream, "studies.item", use_float=True)
    number = 0
    while True:
        number += 1
        try:
            study = next(studies)
        except StopIteration:
            return
        except ijson.JSONError as error:
            yield RawRecord(f"study {number}", f"not JSON from here on: {error}".encode(), stored.tell())
            return
        yield RawRecord(f"study {number}", orjson.dumps(study), stored.tell())


def _zip_members(file: Path) -> Iterator[RawRecord]:
    done = 0
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            done += member.compress_size
            if member.filename.endswith(".json"):
                yield RawRecord(member.filename, archive.read(member).strip(), done)
