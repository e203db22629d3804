"""Records are read from every accepted kind of file, undamaged and damaged."""

import gzip
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

import orjson
import pytest

from app.ingest.sources.files import open_files
from app.ingest.sources.source import RawRecord, SourceError
from tests.factories import Study, study

STUDIES = [study(f"NCT0000000{number}") for number in range(1, 6)]
LINES = b"\n".join(map(orjson.dumps, STUDIES)) + b"\n"
ANSWER = orjson.dumps({"totalCount": 5, "studies": STUDIES, "nextPageToken": "x"})


def zipped(members: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


ZIP = zipped({f"NCT0000000{number}.json": orjson.dumps(one) for number, one in enumerate(STUDIES, start=1)})


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return write


File = Callable[[str, bytes], Path]


def records(path: Path) -> list[RawRecord]:
    return list(open_files(path).records)


def studies_in(path: Path) -> list[Study]:
    return [orjson.loads(record.data) for record in records(path)]


def positions(path: Path) -> list[str]:
    return [record.position for record in records(path)]


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "data", "expected"),
        [
            ("a.ndjson", LINES, [f"line {number}" for number in range(1, 6)]),
            ("a.ndjson.gz", gzip.compress(LINES), [f"line {number}" for number in range(1, 6)]),
            ("a.json", ANSWER, [f"study {number}" for number in range(1, 6)]),
            ("a.json.gz", gzip.compress(ANSWER), [f"study {number}" for number in range(1, 6)]),
            ("a.zip", ZIP, [f"NCT0000000{number}.json" for number in range(1, 6)]),
        ],
    )
    def test_the_same_studies_come_out_each_with_its_place(
        self, file: File, name: str, data: bytes, expected: list[str]
    ) -> None:
        path = file(name, data)
        assert studies_in(path) == STUDIES
        assert positions(path) == expected

    @pytest.mark.parametrize("name", ["one.json", "one.json.gz"])
    def test_a_file_of_one_study_is_taken_as_it_is(self, file: File, name: str) -> None:
        data = orjson.dumps(STUDIES[0], option=orjson.OPT_INDENT_2)
        (record,) = records(file(name, gzip.compress(data) if name.endswith("gz") else data))
        assert (record.position, record.data) == ("whole file", data)

    def test_a_study_that_mentions_studies_is_one_study(self, file: File) -> None:
        one = study(title='The "studies" of old', keywords=["studies"])
        assert studies_in(file("one.json", orjson.dumps(one))) == [one]

    def test_lines_keep_their_bytes_and_blank_ones_only_their_number(self, file: File) -> None:
        found = records(file("a.ndjson", b'\n{"a":  1.50}\r\n\n   \n{"b":2}'))
        assert [(record.position, record.data) for record in found] == [
            ("line 2", b'{"a":  1.50}'),
            ("line 5", b'{"b":2}'),
        ]

    def test_a_folder_gives_the_files_in_it_and_below_in_the_order_of_their_names(
        self, file: File, tmp_path: Path
    ) -> None:
        file("in/b/2.json", orjson.dumps(STUDIES[3]))
        file("in/c.zip", zipped({"deep/er.json": orjson.dumps(STUDIES[4])}))
        file("in/a.ndjson.gz", gzip.compress(b"\n".join(map(orjson.dumps, STUDIES[:2]))))
        file("in/b/1.json", orjson.dumps(STUDIES[2]))
        file("in/README.txt", b"not a record")
        folder = tmp_path / "in"
        assert studies_in(folder) == STUDIES
        assert positions(folder) == [
            "a.ndjson.gz: line 1",
            "a.ndjson.gz: line 2",
            "b/1.json: whole file",
            "b/2.json: whole file",
            "c.zip: deep/er.json",
        ]

    def test_only_the_json_of_an_archive_is_read(self, file: File) -> None:
        path = file("a.zip", zipped({"README.md": b"hello", "folder/": b"", "1.json": b"{}"}))
        assert positions(path) == ["1.json"]

    @pytest.mark.parametrize("name", ["a.ndjson", "a.json.gz", "a.zip"])
    def test_what_is_done_grows_up_to_the_size(self, file: File, name: str) -> None:
        data = {"a.ndjson": LINES, "a.json.gz": gzip.compress(ANSWER), "a.zip": ZIP}[name]
        source = open_files(file(name, data))
        done = [record.done for record in source.records]
        assert done == sorted(done)
        assert source.size is not None
        assert 0 < done[-1] <= source.size

    @pytest.mark.parametrize("answer", [b'{"studies": []}', b'{"totalCount": 0, "studies" : [ ]}'])
    def test_an_answer_without_studies_has_no_records(self, file: File, answer: bytes) -> None:
        assert records(file("none.json", answer)) == []


class TestWhatCannotBeRead:
    def test_a_missing_path_is_named(self, tmp_path: Path) -> None:
        assert_one_line(tmp_path / "missing.json", "no such file or folder")

    def test_an_empty_folder_says_what_would_be_read(self, file: File, tmp_path: Path) -> None:
        file("in/README.txt", b"not a record")
        assert_one_line(tmp_path / "in", r"no \.json, \.ndjson, .* file in this folder")

    @pytest.mark.parametrize("name", ["a.csv", "a.xml.gz", "a", "json"])
    def test_an_unknown_kind_of_file_says_which_are_known(self, file: File, name: str) -> None:
        assert_one_line(file(name, LINES), r"use \.json, \.ndjson")

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            pytest.param("a.ndjson.gz", b"not gzip at all", id="no-gzip"),
            pytest.param("a.ndjson.gz", gzip.compress(LINES)[:-40], id="gzip-cut-short"),
            pytest.param("a.json.gz", gzip.compress(ANSWER)[:-40], id="gzip-of-an-answer-cut-short"),
            pytest.param("a.zip", ZIP[: len(ZIP) // 2], id="zip-cut-short"),
            pytest.param("a.zip", b"", id="empty-zip"),
            pytest.param("a.zip", b"PK\x03\x04" + b"\x00" * 100, id="no-zip"),
        ],
    )
    def test_a_damaged_package_is_one_line_that_names_it(self, file: File, name: str, data: bytes) -> None:
        assert_one_line(file(name, data), "damaged or cut short")

    def test_a_damaged_member_of_an_archive_is_one_line(self, file: File) -> None:
        data = bytearray(ZIP)
        data[60] ^= 0xFF
        assert_one_line(file("a.zip", bytes(data)), "damaged or cut short")

    def test_an_encrypted_archive_is_one_line(self, file: File) -> None:
        data = bytearray(zipped({"a.json": b"{}"}))
        directory = data.index(b"PK\x01\x02")
        data[6] |= 1
        data[directory + 8] |= 1
        assert_one_line(file("a.zip", bytes(data)), r"a\.zip")

    @pytest.mark.parametrize("cut", [1, 40, 2000])
    def test_an_answer_cut_short_gives_its_whole_studies_and_one_complaint(
        self, file: File, cut: int
    ) -> None:
        plain = orjson.dumps({"studies": STUDIES})
        *whole, last = records(file("a.json", plain[:-cut]))
        assert [orjson.loads(record.data) for record in whole] == STUDIES[: len(whole)]
        assert last.position == f"study {len(whole) + 1}"
        assert last.fault.startswith("not JSON from here on")

    def test_a_study_with_half_a_surrogate_pair_does_not_end_the_stream(self, file: File) -> None:
        answer = b'{"studies": [%s, {"x": "\\ud800"}, %s]}' % tuple(map(orjson.dumps, STUDIES[:2]))
        found = records(file("a.json", answer))
        assert [found[0].position, found[-1].position] == ["study 1", "study 3"]

    def test_a_number_beyond_64_bits_is_a_complaint_not_a_failure(self, file: File) -> None:
        answer = b'{"studies": [%s, {"x": 99999999999999999999999}]}' % orjson.dumps(STUDIES[0])
        assert positions(file("a.json", answer)) == ["study 1", "study 2"]

    def test_one_bad_study_of_an_answer_spoils_no_other_and_comes_as_it_is(self, file: File) -> None:
        deep = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        bad = [b'{"x": NaN}', deep, b"null", b"[1, 2]", b'{"x": "\\ud800"}', b'{"x": "] \\" }"}']
        good = orjson.dumps(STUDIES[0])
        answer = b'{"studies": [%s]}' % b" ,\n".join([good, *bad, good])
        assert [record.data for record in records(file("a.json", answer))] == [good, *bad, good]

    @pytest.mark.parametrize("name", ["a.json", "a.zip", "answer.json"])
    def test_a_record_that_is_too_large_is_named_and_not_held(
        self, file: File, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr("app.ingest.sources.files.LARGEST_RECORD", 1 << 20)
        large = b'{"x": "' + b"y" * (2 << 20) + b'"}'
        small = orjson.dumps(STUDIES[0])
        data = {
            "a.json": large,
            "a.zip": zipped({"1.json": large, "2.json": small}),
            "answer.json": b'{"studies": [%s, %s]}' % (large, small),
        }[name]
        first, *others = records(file(name, data))
        assert (len(first.data), first.fault) == (1 << 16, "larger than 1 MB")
        assert [record.data for record in others] == ([] if name == "a.json" else [small])

    @pytest.mark.parametrize("data", [b"", b"   \n", b"[]", b"null", b"\xff\xfe"])
    def test_whatever_a_json_file_holds_it_comes_as_one_record_to_complain_of(
        self, file: File, data: bytes
    ) -> None:
        assert positions(file("a.json", data)) == ["whole file"]

    def test_an_endless_line_is_not_held_in_memory(self, file: File, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.ingest.sources.files.LARGEST_RECORD", 1 << 20)
        monkeypatch.setattr("app.ingest.sources.files._PIECE", 1000)
        one = orjson.dumps(STUDIES[0])
        found = records(file("a.ndjson", b"x" * (3 << 20) + b"\n" + one + b"\n"))
        assert [(record.position, len(record.data)) for record in found] == [
            ("line 1", 1000),
            ("line 2", len(one)),
        ]
        assert found[0].fault == "larger than 1 MB"


def assert_one_line(path: Path, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        records(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_stream_is_lazy(file: File) -> None:
    """The first records come out although the end of the file is damaged."""
    lines = b"\n".join(orjson.dumps(study(criteria=f"{number}" * 500)) for number in range(2000))
    path = file("a.ndjson.gz", gzip.compress(lines)[:-2000])
    assert len(list(islice(open_files(path).records, 10))) == 10
    with pytest.raises(SourceError):
        records(path)


@pytest.mark.parametrize("name", ["answer.json", "lines.ndjson.gz"])
def test_memory_does_not_grow_with_the_number_of_studies(file: File, name: str) -> None:
    small, large = (_peak(file(f"{count}-{name}", _many(name, count))) for count in (2_000, 20_000))
    assert large < 1.5 * small + 200_000


def _many(name: str, count: int) -> bytes:
    one = orjson.dumps({"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}, "x": "y" * 80})
    if name.endswith(".gz"):
        return gzip.compress(b"\n".join([one] * count), compresslevel=1)
    return b'{"studies": [%s]}' % b",".join([one] * count)


def _peak(path: Path) -> int:
    stream: Iterator[RawRecord] = open_files(path).records
    tracemalloc.start()
    try:
        for _ in stream:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
